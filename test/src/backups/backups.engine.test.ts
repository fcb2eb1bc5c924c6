import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import { startScratch } from "../../../cli/prove-backup/scratch";
import { gatePlace } from "../../../sandbox/postgres/reach";
import { newestBackup, proveBackup, type Scratch } from "../../../src/backups/prove";
import { takeBackup } from "../../../src/backups/take";
import { openSqlSource } from "../../../src/gates/database";
import { type Manifest, manifest, type Proof } from "../../../src/gates/dumps/manifest";
import { type JudgeContext, judge } from "../../../src/gates/judge";
import { lookAt } from "../../../src/gates/looks";
import { backup as config } from "../../../src/rollout/config/backup";
import { flags, gateOf, ledger, observe, sourcesWith } from "../../support/build";
import { startTestServer, type TestServer } from "../../support/postgres";
import { clientPrograms } from "../../support/postgresPrograms";

let server: TestServer;
let env: NodeJS.ProcessEnv;
let root: string;

const TABLES = [
  "create table invoices (id int primary key, amount numeric, at timestamptz, ratio float8, note text)",
  "insert into invoices select i, i / 7.0, timestamptz '2026-01-01' + i * interval '1 minute', i / 3.0::float8, md5(i::text) from generate_series(1, 5000) i",
  'create schema "Other"; create table "Other"."Odd name" (v jsonb); insert into "Other"."Odd name" values (\'{"a": 1}\')',
  "create table empty (id int)",
  "create table parts (id int, day date) partition by range (day)",
  "create table parts_1 partition of parts for values from ('2026-01-01') to ('2027-01-01'); insert into parts values (1, '2026-02-03')",
  "create role app; alter table invoices enable row level security; create policy mine on invoices to app using (true)",
  "create role gate login password 'gate'; grant select on empty to gate",
];

beforeAll(async () => {
  [server, env] = await Promise.all([startTestServer(), clientPrograms()]);
  for (const statement of TABLES) await server.admin.query(statement);
});
afterAll(() => server?.stop());
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "cutover-backups-"));
  return () => rm(root, { recursive: true, force: true });
});

const QUERIES = { total: "select sum(amount) from invoices", nothing: "select null" };
const loginOf = ({ connection }: TestServer, database = connection.database) => {
  const { host, port, user, password } = connection;
  return { host, port, user, password, database };
};

function asked(attempt = 1, from: Partial<{ of: TestServer; database: string }> = {}) {
  const of = from.of ?? server;
  return {
    rollout: "ops-view",
    stage: "stageB",
    attempt,
    backup: config.parse({ dumps: root, queries: QUERIES }),
    database: { schema: "public", ssl: "verify-full" as const, ca: of.connection.ssl.ca },
    login: loginOf(of, from.database),
    region: "eu-central-1",
    env,
    place: { rollout: "ops-view" },
    start: startScratch as () => Promise<Scratch>,
  };
}

const file = (name: string) => join(root, "ops-view", name);
const context = (): JudgeContext => ({ now: Date.now(), timeScale: 1, attempt: 1 });

/** What a gate says of what lies there, looked at as the gates' login. */
async function verdictOf(source: "backup" | "restored", attempt = 1) {
  const facts = { at: root, rollout: "ops-view", stage: "stageB" };
  const gate =
    source === "backup"
      ? gateOf("B7", { source }, { dump: { ...facts, attempt } })
      : gateOf("B8", { source }, { proven: facts });
  const sql = openSqlSource({ ...gatePlace(server.connection), user: "gate", password: "gate" });
  try {
    const seen = await lookAt(gate, sourcesWith({ ledger: ledger(flags(true, false), []), sql }));
    return judge(gate, observe(gate, seen), context());
  } finally {
    await sql.close();
  }
}

describe("a backup of a database", () => {
  it("is taken, passes its gate, comes back, and passes the gate on that", async () => {
    expect(await verdictOf("backup")).toMatchObject({ outcome: "inconclusive" });
    const taken = await takeBackup(asked());
    expect(taken.contents.tables).toMatchObject({
      "public.invoices": { rows: "5000" },
      "Other.Odd name": { rows: "1" },
      "public.empty": { rows: "0", hash: "0" },
      "public.parts_1": { rows: "1" },
    });
    expect(taken.contents.answers.nothing).toBe("null");
    expect(await verdictOf("backup")).toMatchObject({
      outcome: "pass",
      observed: expect.stringMatching(/^ops-view\/stageB-1.dump, [\d.]+ kB of 4 tables, taken /),
    });

    expect(await verdictOf("restored")).toMatchObject({
      outcome: "inconclusive",
      observed: expect.stringContaining("no backup was ever restored"),
    });
    // The source goes on: what was dumped is what is compared.
    await server.admin.query("insert into empty values (1)");
    const proof = await proveBackup(asked());
    await server.admin.query("truncate empty");
    expect(proof).toMatchObject({
      failures: [],
      compared: { tables: 4, rows: "5002", queries: 2 },
      dump: { sha256: taken.dump.sha256 },
    });
    expect(await verdictOf("restored")).toMatchObject({
      outcome: "pass",
      observed: expect.stringContaining("4 tables and 5002 rows agree"),
    });
    expect(await readFile(file("stageB-1.json"), "utf8")).not.toContain(server.connection.password);
  });

  it("that is taken again is held against the last promotion's, and not against itself", async () => {
    await takeBackup(asked(1));
    const first = manifest.parse(JSON.parse(await readFile(file("stageB-1.json"), "utf8")));
    await server.admin.query(
      "create table more as select md5(random()::text) as v from generate_series(1, 9000)",
    );
    try {
      for (const _ of [1, 2]) {
        const again = await takeBackup(asked(2));
        expect(again.dump.bytes).toBeGreaterThan(first.dump.bytes);
        expect(again.last).toEqual({
          file: "ops-view/stageB-1.dump",
          bytes: first.dump.bytes,
          takenAt: first.takenAt,
        });
      }
    } finally {
      await server.admin.query("drop table more");
    }
    await takeBackup(asked(3));
    expect(await verdictOf("backup", 3)).toMatchObject({
      outcome: "fail",
      observed: expect.stringMatching(/has [\d.]+ kB, and the last one had [\d.]+ kB/),
    });
  });

  it("of a server that says no leaves what was there, and no file behind", async () => {
    await takeBackup(asked());
    const before = await readFile(file("stageB-1.json"), "utf8");
    const gate = { ...asked(), login: { ...loginOf(server), user: "gate", password: "gate" } };
    await expect(takeBackup(gate)).rejects.toThrow(/DATABASE_OWNER_URL: permission denied for [a-z]+/);
    const stranger = { ...asked(), login: { ...loginOf(server), password: "wrong" } };
    await expect(takeBackup(stranger)).rejects.toThrow(/DATABASE_OWNER_URL: password authentication failed/);
    expect(await readFile(file("stageB-1.json"), "utf8")).toBe(before);
    expect(await verdictOf("backup")).toMatchObject({ outcome: "pass" });
  });

  it("is not begun where what it is to be kept in cannot be read, and the database is not blamed", async () => {
    const dumps = join(root, "file");
    await writeFile(dumps, "");
    const nowhere = { ...asked(), login: { ...loginOf(server), port: 1 } };
    const taking = takeBackup({ ...nowhere, backup: config.parse({ dumps }) });
    await expect(taking).rejects.toThrow(/ENOTDIR/);
    await expect(taking).rejects.not.toThrow(/DATABASE_OWNER_URL/);
  });

  it("is not taken through a server that another authority vouches for", async () => {
    const other = await startTestServer();
    try {
      const wrong = { ...asked(), database: { ...asked().database, ca: other.connection.ssl.ca } };
      await expect(takeBackup(wrong)).rejects.toThrow(/certificate/);
    } finally {
      await other.stop();
    }
  });

  test.each([15, 99])("needs programs as new as the server: of %s", async (least) => {
    const { findProgram } = await import("../../../src/backups/programs");
    if (least === 99) {
      await expect(findProgram("pg_dump", 99, env)).rejects.toThrow(/no pg_dump of PostgreSQL 99 or newer/);
      await expect(findProgram("pg_dump", 9, { PATH: "", CUTOVER_POSTGRES_BIN: root })).rejects.toThrow(
        /it is not on PATH/,
      );
    } else expect((await findProgram("pg_dump", least, env)).version).toBeGreaterThanOrEqual(least);
  });
});

describe("what blocks", () => {
  const blocked = async (source: "backup" | "restored", observed: RegExp, outcome = "fail") =>
    expect(await verdictOf(source)).toMatchObject({ outcome, observed: expect.stringMatching(observed) });
  const rewrite = async (change: (said: Manifest) => unknown) => {
    const said = JSON.parse(await readFile(file("stageB-1.json"), "utf8")) as Manifest;
    await writeFile(file("stageB-1.json"), JSON.stringify({ ...said, ...(change(said) as object) }));
  };

  it("a dump that is cut off, wherever, or empty; and no restore of it agrees", async () => {
    const { dump } = await takeBackup(asked());
    const whole = await readFile(file("stageB-1.dump"));
    for (const part of [0.999, 0.7, 0.4, 0.1, 0.01]) {
      await writeFile(file("stageB-1.dump"), whole.subarray(0, Math.floor(dump.bytes * part)));
      await blocked("backup", /it (ends|is not)/);
    }
    await truncate(file("stageB-1.dump"), 0);
    await blocked("backup", /stageB-1.dump: the file is empty/);
    expect((await proveBackup(asked())).failures).toEqual(["it is not the file that its manifest speaks of"]);
    await blocked("restored", /did not come back, .* it is not the file/);
  });

  it("a dump of which a byte differs", async () => {
    await takeBackup(asked());
    const bytes = await readFile(file("stageB-1.dump"));
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
    await writeFile(file("stageB-1.dump"), bytes);
    await blocked("backup", /is not the file that its manifest speaks of/);
  });

  it("a dump that is old, or from before what is live", async () => {
    await takeBackup(asked());
    await rewrite(() => ({ takenAt: "2026-01-01T00:00:00.000Z" }));
    await blocked("backup", /stageB-1.dump was taken \d+ d .*ago/);
  });

  it("a dump of another database, of the same name or on the same server", async () => {
    const other = await startTestServer();
    try {
      await other.admin.query("create table invoices (id int, amount numeric)");
      await takeBackup(asked(1, { of: other }));
      await blocked("backup", /is of ops on the server \d+, and the gates read ops on the server \d+/);
      await proveBackup(asked());
      await blocked("restored", /which was restored, is of ops on the server/);
    } finally {
      await other.stop();
    }
    await takeBackup({ ...asked(1, { database: "postgres" }), backup: config.parse({ dumps: root }) });
    await blocked("backup", /is of postgres on the server|holds no table's data/);
  });

  it("a dump that does not restore, and one that comes back with other rows", async () => {
    const taken = await takeBackup(asked());
    await rewrite(() => ({
      contents: {
        ...taken.contents,
        tables: { ...taken.contents.tables, "public.empty": { rows: "3", hash: "1" } },
        answers: { total: taken.contents.answers.total },
      },
    }));
    expect((await proveBackup(asked())).failures).toEqual([
      "public.empty has 0 rows instead of 3",
      "nothing was not asked when it was dumped",
    ]);
    await blocked("restored", /did not come back, .*: public.empty has 0 rows instead of 3; nothing was/);

    // A role that is not there is what a policy names.
    await takeBackup(asked());
    await rewrite((said) => ({ roles: said.roles.filter((role) => role !== "app") }));
    const proof: Proof = await proveBackup(asked());
    expect(proof.failures).toEqual([expect.stringMatching(/^pg_restore: .*role "app" does not exist/)]);
    expect(proof.took.restore).toBeUndefined();
    await blocked("restored", /did not come back/);
  });

  it("the newest backup is the last that was taken, for whichever stage; of none, nothing is proven", async () => {
    await expect(newestBackup(asked())).rejects.toThrow(/There is no backup of ops-view to restore/);
    await takeBackup(asked(1));
    await takeBackup({ ...asked(4), stage: "stageC" });
    expect(await newestBackup(asked())).toMatchObject({ stage: "stageC", attempt: 4 });
  });

  it("a machine without programs gets them from where it is told, unless somebody named a folder", async () => {
    await takeBackup(asked());
    const none = { ...asked(), env: { PATH: "" }, programs: async () => env.CUTOVER_POSTGRES_BIN ?? "" };
    expect((await proveBackup(none)).failures).toEqual([]);
    await expect(proveBackup({ ...none, env: { CUTOVER_POSTGRES_BIN: root } })).rejects.toThrow(
      /no pg_restore of/,
    );
  });

  it("nothing to restore, and no record is written", async () => {
    await expect(proveBackup(asked(7))).rejects.toThrow(/There is no backup of stageB, attempt 7/);
    await blocked("restored", /no backup was ever restored/, "inconclusive");
  });
});
