import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gatePlace } from "../../../sandbox/postgres/reach";
import { baseline, recordsOf } from "../../../src/imports/answer";
import { askQueries } from "../../../src/imports/ask";
import { measureBaseline } from "../../../src/imports/baseline";
import { QUERY_IDS } from "../../../src/imports/queries/query";
import { respond } from "../../../src/lambda/measureWorld";
import { placesHash } from "../../../src/measuring/places";
import { startTestServer, type TestServer } from "../../support/postgres";
import { fakeAws } from "../../support/standIn";
import { declareOn } from "./fixtures/declared";
import { fill, mapping, moment, type Row, TABLE } from "./fixtures/imports";

/** The questions as the gate role asks them: what `cutover query` and the baseline are made of. */

let server: TestServer;
let login: { user: string; password: string };

beforeAll(async () => {
  server = await startTestServer();
  await server.admin.query(TABLE);
  login = await declareOn(server, { imports: mapping() });
});
afterAll(() => server?.stop());

function connection(changes: object = {}) {
  return { ...gatePlace(server.connection), ...login, ...changes };
}
const HOUR = 3_600_000;
const questions = (changes: object = {}) => ({
  ids: QUERY_IDS,
  since: String(moment(0)),
  until: String(moment(86_400)),
  olderThanMs: 2 * HOUR,
  ...changes,
});
const ROWS: Row[] = [
  { id: "a", status: "completed", started: 10, finished: 20, version: "v1" },
  { id: "b", status: "failed", started: 20, finished: 21, version: "v2", error: "no file 7" },
  { id: "c", status: "running", started: 30, version: "v2" },
];

describe("questions", () => {
  it("are answered in order, as JSON can hold it", async () => {
    await fill(server.admin, ROWS);
    const answers = await askQueries(connection(), mapping(), questions());
    expect(answers.map(({ id }) => id)).toEqual(QUERY_IDS);
    expect(JSON.parse(JSON.stringify(answers))).toEqual(answers);
    const [q1, q2, , q4, , q6] = answers.map((answer) => ("table" in answer ? recordsOf(answer.table) : []));
    expect(q1).toEqual([
      { imports: 3, succeeded: 1, failed: 1, running: 1, unmapped: 0, ahead: 0, success_rate: 50 },
    ]);
    expect(q2).toMatchObject([{ stuck: 1, examples: ["c"] }]);
    expect(q4).toMatchObject([{ pattern: "no file #", last_started: moment(20) }]);
    expect(q6?.[0]).toMatchObject({ starting: moment(0), imports: 3, v1: 1, v2: 2 });
  });

  it("are only those that were asked for", async () => {
    const answers = await askQueries(connection(), mapping(), questions({ ids: ["Q5", "Q2"] }));
    expect(answers.map(({ id }) => id)).toEqual(["Q2", "Q5"]);
  });

  it("are answered by the measuring function as they are from here, with the login that it reads itself", async () => {
    const { user, password, ...reached } = connection();
    const SecretString = JSON.stringify({ username: user, password });
    const aws = await fakeAws({ GetSecretValue: () => ({ SecretString }) });
    const places = { database: reached, imports: mapping() };
    const settings = { rollout: "shop", region: "eu-central-1", secretArn: "arn:of:the:login", places };
    const code = "c".repeat(64);
    const of = { cutover: 1, nonce: "a".repeat(32), rollout: "shop", stage: "baseline", attempt: 1, code };
    const ask = (asked: object, to: object = settings) =>
      respond(
        { ...of, places: placesHash(places), asked: { kind: "imports", ...asked } },
        { ...settings, ...to },
        code,
        { getRemainingTimeInMillis: () => 30_000 },
      );
    const answer = await ask(questions());
    expect(answer.result).toEqual({ seen: await askQueries(connection(), mapping(), questions()) });
    expect(aws.calls).toEqual([{ operation: "GetSecretValue", input: { SecretId: "arn:of:the:login" } }]);
    expect(JSON.stringify(answer)).not.toContain(password);
    const broken = await fakeAws({
      GetSecretValue: () => ({ SecretString: JSON.stringify({ username: user, password: "not-this-one" }) }),
    });
    const refused = await ask(questions());
    expect(refused.result).toEqual({ refused: expect.stringContaining("the database cannot be asked: ") });
    expect(JSON.stringify(refused)).not.toContain("not-this-one");
    expect(broken.calls).toHaveLength(1);
  });

  it("that fail hold up no other", async () => {
    await server.admin.query("alter function cutover.q3_durations(timestamptz, timestamptz) rename to gone");
    try {
      const answers = await askQueries(connection(), mapping(), questions());
      expect(answers.filter((answer) => "failure" in answer)).toEqual([
        { id: "Q3", failure: expect.stringMatching(/q3_durations.* does not exist/) },
      ]);
      expect(answers).toHaveLength(6);
    } finally {
      await server.admin.query(
        "alter function cutover.gone(timestamptz, timestamptz) rename to q3_durations",
      );
    }
  });

  it("that take too long are given up by the server itself", async () => {
    const busy = await server.admin.connect();
    try {
      await busy.query("begin; lock table import_jobs in access exclusive mode");
      const answers = await askQueries(
        connection(),
        mapping(),
        questions({ ids: ["Q1", "Q6"], timeoutMs: 100 }),
      );
      for (const answer of answers)
        expect(answer).toMatchObject({ failure: expect.stringMatching(/timeout/) });
      expect(answers).toHaveLength(2);
    } finally {
      await busy.query("rollback");
      busy.release();
    }
  });

  it.each([
    ["nobody listens", { port: 1 }, /ECONNREFUSED/],
    ["the password is wrong", { password: "wrong-and-secret" }, /password authentication failed/],
  ])("cannot be asked where %s", async (_, changes, expected) => {
    const failed = await askQueries(connection(changes), mapping(), questions()).catch(
      (error: Error) => error,
    );
    expect(String(failed)).toMatch(expected);
    expect(String(failed)).not.toContain("wrong-and-secret");
  });
});

describe("the baseline", () => {
  const now = new Date(String(moment(86_400)));

  it("is all six over the day before", async () => {
    await fill(server.admin, ROWS);
    const found = baseline.parse(await measureBaseline(connection(), mapping(), now));
    expect(found).toMatchObject({ at: moment(86_400), since: moment(0), until: moment(86_400) });
    expect(found.answers.map(({ id }) => id)).toEqual(QUERY_IDS);
  });

  it("of an empty table is one of unknown rates", async () => {
    await fill(server.admin, []);
    const { answers } = baseline.parse(await measureBaseline(connection(), mapping(), now));
    const [first] = answers;
    expect(first && "table" in first && recordsOf(first.table)[0]).toMatchObject({
      imports: 0,
      success_rate: null,
    });
  });

  it("is whole or none", async () => {
    await server.admin.query("alter function cutover.q5_versions(timestamptz, timestamptz) rename to gone");
    try {
      const found = await measureBaseline(connection(), mapping(), now);
      expect(found).toEqual({ failure: expect.stringMatching(/^Q5: .*does not exist/) });
    } finally {
      await server.admin.query("alter function cutover.gone(timestamptz, timestamptz) rename to q5_versions");
    }
  });

  it("tells why it could not be taken", async () => {
    const found = await measureBaseline(connection({ port: 1 }), mapping(), now);
    expect(found).toEqual({ failure: expect.stringMatching(/ECONNREFUSED/) });
  });
});
