import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Gate } from "../../../src/gates/gate";
import type { Observation } from "../../../src/gates/observation";
import { respond } from "../../../src/lambda/measureWorld";
import { type MeasureSettings, type Places, placesHash } from "../../../src/measuring/places";
import { type MeasureAnswer, type MeasureRequest, measureAnswer } from "../../../src/measuring/protocol";
import { sha256 } from "../../../src/text/digest";
import { gateOf, sqlGate } from "../../support/build";
import { fakeAws, json, nobody, standIn } from "../../support/standIn";

const CODE = "c".repeat(64);
const context = { getRemainingTimeInMillis: () => 30_000 };
const DATABASE = { host: "127.0.0.1", port: 1, database: "ops", ssl: "disable", schema: "public" } as const;
const ready = (path = "/ready", more: object = {}) =>
  gateOf("B3", { source: "http", request: { path }, ...more });

const settingsOf = (places: Places, more: Partial<MeasureSettings> = {}): MeasureSettings => ({
  rollout: "ops-view",
  region: "eu-central-1",
  places,
  ...more,
});

const requestOf = (
  settings: MeasureSettings,
  gates: Gate[],
  changes: object = {},
  asked: object = {},
): MeasureRequest => ({
  cutover: 1,
  nonce: "a".repeat(32),
  rollout: "ops-view",
  stage: "stageA",
  attempt: 1,
  code: CODE,
  places: placesHash(settings.places),
  asked: {
    kind: "gates",
    gates,
    liveSince: null,
    parameters: {},
    timeScale: 1,
    acting: false,
    tokens: {},
    ...asked,
  },
  ...changes,
});

const seenIn = ({ result }: MeasureAnswer) =>
  "seen" in result ? (result.seen as Observation[]).map(({ seen }) => seen) : result.refused;

let logged: unknown[][];
beforeEach(() => {
  logged = [];
  for (const to of ["log", "error", "warn", "info"] as const)
    vi.spyOn(console, to).mockImplementation((...words) => void logged.push(words));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe("a request of the rollout's own program", () => {
  test("is answered with what is seen from here, bound to it", async () => {
    const app = await standIn((_, response) => json(response, {}));
    const settings = settingsOf({ service: app.url });
    const tokens = { admin: "t0ken-of-an-admin" };
    const request = requestOf(
      settings,
      [ready("/ready", { request: { path: "/ready", as: "admin" } })],
      {},
      { tokens },
    );
    const answer = await respond(request, settings, CODE, context);
    expect(measureAnswer.parse(JSON.parse(JSON.stringify(answer)))).toEqual(answer);
    expect(answer).toMatchObject({
      nonce: request.nonce,
      rollout: "ops-view",
      code: CODE,
      places: request.places,
      request: sha256(JSON.stringify(request)),
    });
    expect(seenIn(answer)).toEqual([{ kind: "answer", status: 200, ms: expect.any(Number) }]);
    expect(app.asked.map(({ headers, path }) => `${headers.authorization} ${path}`)).toEqual([
      "Bearer t0ken-of-an-admin /ready",
    ]);
    expect(logged).toEqual([]);
  });

  test("has no token in what is seen, also where the service says it", async () => {
    const app = await standIn(({ headers }, response) => json(response, { said: headers.authorization }));
    const settings = settingsOf({ service: app.url });
    const gate = ready("/", { request: { path: "/", as: "admin" }, value: "said", expect: { eq: "x" } });
    const answer = await respond(
      requestOf(settings, [gate], {}, { tokens: { admin: "t0ken-of-an-admin" } }),
      settings,
      CODE,
      context,
    );
    expect(JSON.stringify(answer)).not.toContain("t0ken-of-an-admin");
    expect(seenIn(answer)).toEqual([expect.objectContaining({ kind: "failure", failure: "bad-answer" })]);
  });

  test("may ask for nothing", async () => {
    const settings = settingsOf({});
    const answer = await respond(
      requestOf(settings, [], { asked: { kind: "nothing" } }),
      settings,
      CODE,
      context,
    );
    expect(answer.result).toEqual({ seen: [] });
  });

  test("does not write where nobody acts on it", async () => {
    const app = await standIn((_, response) => json(response, {}));
    const settings = settingsOf({ service: app.url });
    const gate = ready("/", { request: { path: "/", method: "POST" }, writes: true });
    expect(seenIn(await respond(requestOf(settings, [gate]), settings, CODE, context))).toEqual([
      expect.objectContaining({ kind: "failure" }),
    ]);
    expect(app.asked).toEqual([]);
    await respond(requestOf(settings, [gate], {}, { acting: true }), settings, CODE, context);
    expect(app.asked.map(({ method }) => method)).toEqual(["POST"]);
  });
});

describe("is refused, and nothing is looked at:", () => {
  test.each<[string, (request: MeasureRequest) => unknown, RegExp]>([
    ["one for another rollout", (request) => ({ ...request, rollout: "other" }), /for the rollout other/],
    [
      "one of a program of other code",
      (request) => ({ ...request, code: "0".repeat(64) }),
      /another version/,
    ],
    [
      "one of a program with other places",
      (request) => ({ ...request, places: "0".repeat(64) }),
      /other stack files/,
    ],
    ["one without a nonce", ({ nonce: _, ...request }) => request, /understands/],
    [
      "one that names a host",
      (request) => ({ ...request, service: "http://elsewhere.example" }),
      /understands/,
    ],
    ["one that is nothing", () => null, /understands/],
    ["one that is a text", () => "hello", /understands/],
  ])("%s", async (_, change, words) => {
    const app = await standIn((__, response) => json(response, {}));
    const settings = settingsOf({ service: app.url });
    const answer = await respond(change(requestOf(settings, [ready()])), settings, CODE, context);
    expect(answer.result).toEqual({ refused: expect.stringMatching(words) });
    expect(app.asked).toEqual([]);
  });

  test("scaled time, on anything but this machine", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL", undefined);
    const app = await standIn((_, response) => json(response, {}));
    const settings = settingsOf({ service: app.url });
    const request = requestOf(settings, [ready()], {}, { timeScale: 60 });
    const answer = await respond(request, settings, CODE, context);
    expect(answer.result).toEqual({
      refused: expect.stringContaining("Scaled time is for the sandbox only"),
    });
    expect(app.asked).toEqual([]);
  });
});

describe("each gate by itself", () => {
  test("what is not reached from here says so, and holds up no other", async () => {
    const app = await standIn(({ path }, response) => (path === "/hangs" ? undefined : json(response, {})));
    const settings = settingsOf({
      service: app.url,
      servers: { urls: [await nobody()], ecs: [], path: "/f", at: "" },
    });
    const gates = [
      ready("/hangs"),
      ready(),
      gateOf("A2", { source: "convergence" }, { flags: {} }),
      sqlGate("A1"),
      gateOf("B4", { source: "snapshot" }),
    ];
    const answer = await respond(requestOf(settings, gates), settings, CODE, {
      getRemainingTimeInMillis: () => 3_000,
    });
    expect(seenIn(answer)).toEqual([
      expect.objectContaining({ failure: "timeout", message: "no answer within 1 s" }),
      expect.objectContaining({ kind: "answer" }),
      expect.objectContaining({ servers: [expect.objectContaining({ error: expect.any(String) })] }),
      expect.objectContaining({ message: "the rollout declares no database" }),
      expect.objectContaining({ failure: "refused", message: "the measuring function does not look at it" }),
    ]);
  });

  test("a login that cannot be read is said of those that need it, with what is missing", async () => {
    await fakeAws({ GetSecretValue: () => ({ error: "AccessDeniedException" }) });
    const app = await standIn((_, response) => json(response, {}));
    const settings = settingsOf(
      { service: app.url, database: DATABASE },
      { secretArn: "arn:aws:secretsmanager:x" },
    );
    const answer = await respond(requestOf(settings, [sqlGate("A1"), ready()]), settings, CODE, context);
    expect(seenIn(answer)).toEqual([
      expect.objectContaining({
        failure: "unanswered",
        message: expect.stringMatching(
          /cannot read the gate role's login: .*Secrets Manager: NAT, or the endpoint/,
        ),
      }),
      expect.objectContaining({ kind: "answer" }),
    ]);
  });

  test("no secret is read where no gate needs it", async () => {
    const aws = await fakeAws({});
    const app = await standIn((_, response) => json(response, {}));
    const settings = settingsOf(
      { service: app.url, database: DATABASE },
      { secretArn: "arn:aws:secretsmanager:x" },
    );
    await respond(requestOf(settings, [ready()]), settings, CODE, context);
    expect(aws.calls).toEqual([]);
  });
});
