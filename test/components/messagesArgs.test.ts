import { describe, expect, test } from "vitest";
import { plainBaseline, sightOf } from "../../components/messagesArgs";
import type { DatabaseConnection, DatabasePlace, PasswordLogin } from "../../src/gates/databaseConnection";
import { messageMap } from "../../src/rollout/config/messages";
import { requireStage } from "../../src/rollout/rollout";
import { rollout } from "./rollout";

const DATABASE: DatabaseConnection = {
  host: "db.internal",
  port: 5432,
  database: "ops",
  ssl: "verify-full",
  schema: "app",
  user: "gate",
  password: "s3cret",
};
const METRIC = {
  source: "metric",
  title: "Writes do not fail",
  namespace: "OpsView",
  name: "Write5xx",
  statistic: "Sum",
  window: "48h",
  minSamples: 1,
  expect: { eq: 0 },
};
const SQL = { source: "sql", title: "Nothing differs", query: "select 0", expect: { eq: 0 } };
const AS_ADMIN = { source: "http", title: "Queue", request: { path: "/queue", as: "admin" } };
const PUBLIC = { source: "http", title: "Health", request: { path: "/health" } };
const CHECK = { source: "check", title: "Roles", check: "role-scoping" };
const SIGN_OFF = { source: "signOff", title: "Nobody complains" };

function sight(exit: object, message: object, signOffs: object = {}, database = DATABASE) {
  const spec = rollout(
    { service: { url: "https://ops.example.com" } },
    { stageA: { exit }, stageB: { attempt: 3, signOffs } },
  );
  const written = { title: "A summary", to: ["ops"], when: { after: "24h" }, ...message };
  return sightOf({
    rollout: spec,
    stage: requireStage(spec, "stageA"),
    messages: messageMap.parse({ C2: written }),
    applicationId: "app1",
    environmentId: "env1",
    profileId: "prof1",
    region: "eu-central-1",
    topics: { onCall: "", ops: "", stakeholders: "" },
    database,
    tokens: { admin: "t0ken" },
  });
}

const SUMMING = { soakSummary: true };
const LOGIN = { user: "gate", password: "s3cret" };

describe("what a messages function is given follows from what it looks at:", () => {
  test.each<[string, object, object, object | undefined]>([
    ["nothing where it shows no gate", { E1: SQL, E2: AS_ADMIN }, {}, undefined],
    ["nothing for metrics and statements", { E1: METRIC, E4: SIGN_OFF }, SUMMING, undefined],
    ["the login for a query", { E1: SQL }, SUMMING, { login: LOGIN, tokens: {} }],
    [
      "the login for a question about imports",
      { E1: METRIC },
      { queries: ["Q1"] },
      { login: LOGIN, tokens: {} },
    ],
    ["the tokens for a request with one", { E1: AS_ADMIN }, SUMMING, { tokens: { admin: "t0ken" } }],
    ["nothing for a request without", { E1: PUBLIC }, SUMMING, undefined],
    ["nothing for a check, at which it cannot look", { E3: CHECK }, SUMMING, undefined],
    [
      "all of it for figures of all",
      { E1: SQL, E2: AS_ADMIN },
      SUMMING,
      { login: LOGIN, tokens: { admin: "t0ken" } },
    ],
  ])("%s", (_, exit, message, secret) => {
    expect(sight(exit, message).secret).toEqual(secret);
  });

  test("what it may call on AWS, too", () => {
    expect(sight({ E1: METRIC, E2: SQL }, SUMMING).looks).toEqual(["cloudwatch:GetMetricData"]);
    expect(sight({ E1: METRIC }, {}).looks).toEqual([]);
  });

  test("the sign-offs and the attempt are those of the stage that follows", () => {
    const E4 = { by: "ada", at: "2026-11-21T10:00:00Z", statement: "None so far", attempt: 3 };
    const { attempt, sources, gates } = sight({ E4: SIGN_OFF, E3: CHECK }, SUMMING, { E4 });
    expect(attempt).toBe(3);
    expect(sources.promoted).toMatchObject({ name: "stageB", signOffs: { E4 } });
    expect(gates.map(({ id }) => id)).toEqual(["E4", "E3"]);
  });

  test("a sign-off that no exit gate of its message asks for changes nothing about it", () => {
    const B3 = { by: "ada", at: "2026-11-21T10:00:00Z", statement: "No open incident", attempt: 3 };
    const exit = { E4: SIGN_OFF, E1: METRIC };
    expect(sight(exit, SUMMING, { B3 })).toEqual(sight(exit, SUMMING));
    const E4 = { ...B3, statement: "None so far" };
    expect(sight(exit, { queries: ["Q1"] }, { E4 })).toEqual(sight(exit, { queries: ["Q1"] }));
  });

  test("a login that IAM vouches for stands beside the code, and in no secret", () => {
    const { password: _, ...place } = DATABASE as DatabasePlace & PasswordLogin;
    const iam = { user: "gate", iam: { region: "eu-central-1" } };
    const { secret, sources } = sight({ E1: SQL }, SUMMING, {}, { ...place, ...iam });
    expect(secret).toBeUndefined();
    expect(sources.iam).toEqual(iam);
    expect(sources.database).toMatchObject({ host: "db.internal" });
    expect(sight({ E1: METRIC }, SUMMING, {}, { ...place, ...iam }).sources).not.toHaveProperty("iam");
  });

  test("no secret stands beside the code", () => {
    const { sources, gates } = sight({ E1: SQL, E2: AS_ADMIN }, SUMMING);
    expect(sources.database).toMatchObject({ host: "db.internal", schema: "app" });
    expect(JSON.stringify([sources, gates])).not.toMatch(/s3cret|t0ken/);
  });
});

test("a baseline goes along without the texts of errors", () => {
  const table = { columns: ["pattern"], rows: [["token t0ken"]] };
  const whole = {
    at: "",
    since: "",
    until: "",
    answers: [
      { id: "Q4" as const, table },
      { id: "Q1" as const, table: { columns: [], rows: [] } },
    ],
  };
  expect(plainBaseline(whole)?.answers.map(({ id }) => id)).toEqual(["Q1"]);
  expect(plainBaseline(undefined)).toBeUndefined();
});
