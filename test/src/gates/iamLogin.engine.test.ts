import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { seenByGates } from "../../../cli/doctor/look/database";
import { gatePlace } from "../../../sandbox/postgres/reach";
import { callAs } from "../../../src/aws/clients";
import { openSqlSource, type Question } from "../../../src/gates/database";
import type { DatabaseConnection, GateLogin, IamLogin } from "../../../src/gates/databaseConnection";
import { measureBaseline } from "../../../src/imports/baseline";
import { createProbe } from "../../../src/probe/probe";
import { startTestServer, type TestServer } from "../../support/postgres";
import { declareOn } from "../imports/fixtures/declared";
import { mapping, TABLE } from "../imports/fixtures/imports";

/** A gate login that IAM vouches for, in a database behind what asks for its token: the sandbox's pooler. */

let server: TestServer;
let port: number;
let login: IamLogin;

beforeAll(async () => {
  server = await startTestServer();
  port = await server.pooler();
  await server.admin.query(`${TABLE}; create table kept (id int); insert into kept values (1)`);
  const declared = { reads: ["kept"], imports: mapping(), login: { auth: "iam" } };
  login = await declareOn<IamLogin>(server, declared);
});
afterAll(() => server?.stop());
afterEach(() => {
  vi.useRealTimers();
  callAs({ credentials: KEYS });
});

const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "not-a-real-one", sessionToken: "session" };
callAs({ credentials: KEYS });

function connection(changes: Partial<DatabaseConnection> = {}, as: GateLogin = login): DatabaseConnection {
  return { ...gatePlace(server.connection), port, ...as, ...changes };
}

async function counted(of: DatabaseConnection) {
  const source = openSqlSource(of);
  try {
    return await source.observe({ query: "select count(*) from kept", values: [], timeout: "5s" });
  } finally {
    await source.close();
  }
}

it("is declared without a password, as a member of rds_iam", async () => {
  expect(login).toEqual({ user: "cutover_gate_v2_pipeline", iam: { region: "eu-central-1" } });
  const { rows } = await server.admin.query(
    `select rolpassword as password, pg_has_role(rolname, 'rds_iam', 'member') as member
       from pg_authid where rolname = $1`,
    [login.user],
  );
  expect(rows).toEqual([{ password: null, member: true }]);
});

it("lets gates in, each connection with a token of its own", async () => {
  const source = openSqlSource(connection());
  try {
    const one: Question = {
      query: "select pg_backend_pid() from pg_sleep(0.3)",
      values: [],
      timeout: "5s",
    };
    const seen = await Promise.all([source.observe(one), source.observe(one)]);
    expect(new Set(seen.map((each) => ("value" in each ? each.value : each.kind))).size).toBe(2);
  } finally {
    await source.close();
  }
  expect(await counted(connection())).toEqual({ kind: "value", value: 1 });
});

it("lets in the questions to imports, doctor and probes as well", async () => {
  expect(await measureBaseline(connection(), mapping())).toHaveProperty("answers");
  const seen = await seenByGates({ stages: [] } as never, connection(), [], 10_000);
  expect(seen).toMatchObject({ ok: true, value: { user: login.user, tls: "TLSv1.3" } });
  const { user: _, iam: __, ...database } = connection() as DatabaseConnection & IamLogin;
  const rows = { XB3: { query: "select count(*) from kept", values: [], timeout: "2s" } };
  const probe = createProbe(
    { rollout: "v2-pipeline", stage: "percent10", database, login, rows },
    {
      readSecret: () => Promise.reject(new Error("there is no secret")),
      open: openSqlSource,
      publish: async () => {},
      log: () => {},
    },
  );
  expect(await probe()).toMatchObject({ values: { XB3: 1 }, failures: {} });
});

it("is refused with a token that has expired, in a sentence that says what a token needs", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 16 * 60_000 });
  const seen = await counted(connection());
  expect(seen).toEqual({
    kind: "failure",
    failure: "refused",
    message:
      "IAM does not let cutover_gate_v2_pipeline in (PAM authentication failed for user \"cutover_gate_v2_pipeline\"): whoever calls needs rds-db:connect for this login of this database, its host has to be the database's own endpoint in eu-central-1, and this machine's clock has to be right, since a token opens connections for 15 minutes",
  });
});

it("is refused with a token for another name of the same server", async () => {
  const message = expect.stringContaining("its host has to be the database's own endpoint");
  expect(await counted(connection({ host: "localhost" }))).toMatchObject({ failure: "refused", message });
  const answer = await measureBaseline(connection({ host: "localhost" }), mapping());
  expect(answer).toEqual({ failure: message });
});

it("makes no token without credentials, and says so", async () => {
  callAs({ credentials: () => Promise.reject(new Error("the session has expired: run aws sso login")) });
  const message =
    "no token of IAM can be made for the login cutover_gate_v2_pipeline: the session has expired: run aws sso login. See that AWS credentials are set here, and have not expired";
  expect(await counted(connection())).toEqual({ kind: "failure", failure: "refused", message });
  expect(await measureBaseline(connection(), mapping())).toEqual({ failure: message });
});

it("that has a password instead is told what stands against it", async () => {
  const message = expect.stringMatching(/^the server asks IAM for .* write login: \{ auth: iam \}/);
  const seen = await counted(connection({}, { user: login.user, password: "another" }));
  expect(seen).toMatchObject({ failure: "refused", message });
});

it("that is not granted rds_iam is told so", async () => {
  await server.admin.query(`revoke rds_iam from ${login.user}; alter role ${login.user} password 'one'`);
  try {
    const message = expect.stringMatching(/for a password, and not IAM .* granted rds_iam$/);
    expect(await counted(connection())).toMatchObject({ failure: "refused", message });
  } finally {
    await server.admin.query(`grant rds_iam to ${login.user}; alter role ${login.user} password null`);
  }
});
