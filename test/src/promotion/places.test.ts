import { describe, expect, it } from "vitest";
import { measure } from "../../../src/promotion/measure";
import {
  COPY_VARIABLE,
  OWN_TOKENS_VARIABLE,
  placesIn,
  tokensOfCopy,
  withheldFrom,
  withheldFromCopy,
} from "../../../src/promotion/places";
import { sourcesOf } from "../../../src/promotion/sources";
import { definitionsOf } from "../../../src/rollout/strength/definitions";
import {
  entry,
  flags,
  gateOf,
  ledger,
  rollout,
  settings,
  sqlGate,
  stageB,
  subject,
} from "../../support/build";
import { json, nobody, standIn } from "../../support/standIn";

const database = {
  host: "db.example.com",
  port: 5432,
  name: "app",
  schema: "public",
  ssl: "verify-full" as const,
  reads: [],
};
const sources = { dd: { url: "https://api.datadoghq.eu", headers: { "DD-API-KEY": "{dd}" } } };
const own = rollout({
  sources,
  service: { url: "https://app.example.com/api" },
  database,
} as never);
const base = { definitions: definitionsOf(own) };
const changed = (more: object) => rollout({ sources, service: own.service, database, ...more } as never);

describe("where the base of a pull request lets secrets go", () => {
  it("is where it sends them itself, whatever else is changed", () => {
    const other = changed({
      service: { url: "https://app.example.com/v2" },
      database: { ...database, reads: ["orders"], schema: "ops" },
    });
    expect(withheldFrom(other, placesIn(base))).toEqual({});
  });

  it.each([
    ["another service", { service: { url: "https://evil.example.net/api" } }, ["service"]],
    ["another port", { service: { url: "https://app.example.com:8443/api" } }, ["service"]],
    ["no encryption of requests", { service: { url: "http://app.example.com/api" } }, ["service"]],
    [
      "another place of a named source",
      { sources: { dd: { ...sources.dd, url: "https://evil.example.net" } } },
      ["sources"],
    ],
    ["other headers of one", { sources: { dd: { ...sources.dd, headers: {} } } }, ["sources"]],
    ["another database", { database: { ...database, host: "evil.example.net" } }, ["database"]],
    ["an unchecked certificate", { database: { ...database, ssl: "require" } }, ["database"]],
    ["an authority of their own", { database: { ...database, ca: "-----BEGIN" } }, ["database"]],
  ])("is not %s", (_, more, withheld) => {
    expect(Object.keys(withheldFrom(changed(more), placesIn(base)))).toEqual(withheld);
  });

  it("is nowhere for a rollout that the base does not have, or where it cannot be read", () => {
    for (const of of [undefined, { unusable: "its stack files cannot be used" }])
      expect(Object.keys(withheldFrom(own, placesIn(of)))).toEqual(["service", "sources", "database"]);
  });

  it("is anywhere where there is no pull request", () => {
    expect(withheldFrom(own, undefined)).toEqual({});
  });
});

it("no token and no login leaves for a place that the base does not name", async () => {
  const server = await standIn((_, response) => json(response, { ok: true }));
  const port = Number(new URL(await nobody()).port);
  const moved = changed({
    service: { url: server.url },
    database: { ...database, host: "127.0.0.1", port, ssl: "disable" },
  });
  const situation = {
    rollout: moved,
    stage: stageB,
    foundation: {
      database: {
        ...database,
        host: "127.0.0.1",
        port,
        ssl: "disable",
        user: "gate",
        password: "hidden",
        database: "app",
      },
    } as never,
    settings: {
      ...settings,
      tokens: { admin: "a-token" },
      withheld: withheldFrom(moved, placesIn(base)),
    },
    checks: {},
  };
  const gates = [
    gateOf("B3", { source: "http", title: "Queue", request: { path: "/queue", as: "admin" } }),
    gateOf("B4", { source: "http", title: "Health", request: { path: "/health" } }),
    sqlGate("A3"),
  ];
  const live = ledger(flags(true, false), [entry(2)]);
  const { observations } = await measure(subject(), gates, sourcesOf(situation, "stageA", live), "admission");
  expect(observations.map(({ seen }) => ("message" in seen ? seen.message : seen.kind))).toEqual([
    "no token is sent: the base of the pull request does not name this service",
    expect.not.stringContaining("token"),
    "nobody logs in: the base of the pull request does not name this database, or reaches it otherwise",
  ]);
  expect(server.asked.map(({ path, headers }) => [path, headers.authorization])).toEqual([
    ["/health", undefined],
  ]);
});

describe("a preview that has a copy of the state", () => {
  const COPY = { [COPY_VARIABLE]: "1" };
  const withheld = (of: typeof own, env: NodeJS.ProcessEnv = COPY, tokens = {}) =>
    withheldFromCopy(of, tokens, env);

  it("has nothing to log in with, and no token", () => {
    expect(Object.keys(withheld(own)).toSorted()).toEqual([
      ...["administrator", "database", "service", "sources"],
    ]);
    expect(withheld(own).service).toBe(
      "no token is sent: previews have a copy of the state without its secrets",
    );
  });

  it("logs in where IAM vouches for it, and not as the administrator", () => {
    const iam = changed({
      database: { ...database, login: { auth: "iam" } },
      service: undefined,
      sources: undefined,
    });
    expect(Object.keys(withheld(iam))).toEqual(["administrator"]);
  });

  it("asks the service with tokens of its own, where it has one for each role", () => {
    const tokens = (text: string | undefined, ...roles: string[]) =>
      tokensOfCopy(roles, { ...COPY, ...(text === undefined ? {} : { [OWN_TOKENS_VARIABLE]: text }) });
    expect(tokens('{"admin": "a", "reader": "r"}', "admin", "reader")).toEqual({ admin: "a", reader: "r" });
    expect(tokens('{"admin": "a"}', "admin", "reader")).toEqual({});
    expect(tokens(undefined, "admin")).toEqual({});
    expect(tokensOfCopy(["admin"], {})).toBeUndefined();
    expect(Object.keys(withheld(own, COPY, { admin: "a" }))).toEqual(["administrator", "database"]);
    for (const odd of ['["s3cret"]', '{"admin": 1}', "s3cret"]) {
      expect(() => tokens(odd)).toThrow(/PREVIEW_TOKENS: is no JSON object with a token for each role/);
      expect(() => tokens(odd)).not.toThrow(/s3cret/);
    }
  });

  it("has nothing withheld where it needs nothing, or is none", () => {
    expect(withheld(rollout())).toEqual({});
    expect(withheld(own, {})).toEqual({});
  });
});
