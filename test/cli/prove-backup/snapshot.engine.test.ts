import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RDS } from "@aws-sdk/client-rds";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { databaseUrl } from "../../../sandbox/appEnv";
import { emulated } from "../../../sandbox/aws/emulated";
import type { MiniStack } from "../../../sandbox/aws/ministack";
import { declareDatabases } from "../../../sandbox/aws/rds";
import { databaseBehind } from "../../../sandbox/standin/signals/send";
import { proofName } from "../../../src/aws/names";
import { proof } from "../../../src/gates/dumps/manifest";
import { snapshotOf } from "../../../src/gates/kinds/snapshot";
import { startAwsProxy } from "../../engine/awsProxy";
import { startTestAws, type TestAws } from "../../support/emulator";
import { startTestServer, type TestServer } from "../../support/postgres";
import { declareShop, typeCutover } from "../../support/shop";

const AWS = { region: "us-east-1" };
const SNAPSHOT = { instance: "shop-db" };
const ID = snapshotOf("shop", { name: "new", attempt: 1, snapshot: SNAPSHOT })?.id ?? "";
const NAME = proofName("shop", "new", 1);

let dir: string;
let aws: TestAws;
let emulator: MiniStack;
let server: TestServer;
let rds: RDS;

beforeAll(async () => {
  [server, aws] = await Promise.all([startTestServer(), startTestAws()]);
  ({ dir, emulator } = aws);
  rds = new RDS(emulated({ ...emulator, ...AWS }));
  await databaseBehind(emulator, { ...server.connection, disk: server.disk });
  await declareDatabases({ ...emulator, ...AWS }, [SNAPSHOT, { instance: "other-db" }]);
  await server.admin.query("create table orders as select i as id from generate_series(1, 1000) i");
  await declareShop(dir, server, {
    stage: { snapshot: SNAPSHOT },
    backup: {
      // Only the copy, which answers on another port, takes its time over it, once the test says so.
      queries: {
        slow: `select case when inet_server_port() = ${server.connection.port} or to_regclass('slowly') is null then '1' else pg_sleep(600)::text end`,
      },
    },
  });
});
afterAll(async () => {
  rds?.destroy();
  await server?.stop();
  await aws?.stop();
});
afterEach(async () => {
  await rds.deleteDBSnapshot({ DBSnapshotIdentifier: ID }).catch(() => {});
  await rm(join(dir, "dumps"), { recursive: true, force: true });
});

const take = (instance = "shop-db") =>
  rds.createDBSnapshot({ DBInstanceIdentifier: instance, DBSnapshotIdentifier: ID });

const prove = ({ endpoint = emulator.endpoint, url = databaseUrl(server.connection) } = {}) =>
  typeCutover(["prove-backup", "-s", "new", "--snapshot", "-C", join(dir, "shop")], {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: AWS.region,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    DATABASE_OWNER_URL: url,
  });

const instances = async () =>
  ((await rds.describeDBInstances({})).DBInstances ?? []).map((one) => one.DBInstanceIdentifier);
const record = join("dumps", "shop", "restored.json");

describe("cutover prove-backup --snapshot", () => {
  it("says what was restored to what, how long that took, what of it is billed, and what is deleted", async () => {
    await take();
    await server.admin.query("insert into orders values (0)");
    const { ended, said } = prove();
    expect(await ended, said()).toBe(0);
    for (const line of [
      `${ID} is restored to ${NAME}, a db.t4g.micro beside shop-db.`,
      `${NAME} is there: all of it is read.`,
      `RDS is deleting ${NAME}.`,
      "1 table with 1000 rows and 1 question read in",
      "0 tables as in the database now.",
      "RDS bills 10 m of db.t4g.micro, and its storage.",
      "It came back, and is of this database.",
    ])
      expect(said()).toContain(line);
    expect(proof.parse(JSON.parse(await readFile(join(dir, record), "utf8")))).toMatchObject({
      snapshot: { id: ID },
      failures: [],
    });
    expect(await instances()).toEqual(["shop-db", "other-db"]);
  });

  it.each([
    ["was never taken", async () => {}, "is not there"],
    ["is of another database", () => take("other-db"), "is one of other-db, and not of shop-db"],
  ])("restores nothing of one that %s", async (_, before, why) => {
    await before();
    const { ended, said } = prove();
    expect(await ended).toBe(1);
    expect(said()).toContain(`${ID}: ${why}. The promotion of new takes it: promote it, then prove it`);
    expect(said()).not.toContain("is restored to");
    expect(existsSync(join(dir, record))).toBe(false);
  });

  it.each([
    [
      "a wrong password",
      () => databaseUrl({ ...server.connection, password: "x" }),
      "password authentication failed",
    ],
    [
      "a server that is not there",
      () => databaseUrl({ ...server.connection, port: 9 }),
      "connect ECONNREFUSED",
    ],
    ["no URL", () => "x", "must be the database's address"],
  ])("restores nothing where the owner's login is %s", async (_, url, why) => {
    await take();
    const { ended, said } = prove({ url: url() });
    expect(await ended).toBe(1);
    expect(said()).toContain("The database cannot be read as its owner:");
    expect(said()).toContain(`DATABASE_OWNER_URL: ${why}`);
    expect(said()).not.toContain("is restored to");
  });

  it("takes what it had asked for, and had no answer to, away after Ctrl-C", async () => {
    await take();
    const proxy = await startAwsProxy(emulator.endpoint);
    try {
      const held = new Promise<ReturnType<typeof prove>>((resolve) => {
        proxy.before(/RestoreDBInstanceFromDBSnapshot/, async () => {
          const { child, said } = typed;
          child.kill("SIGINT");
          while (!said().includes("Broken off")) await sleep(20);
          resolve(typed);
        });
      });
      const typed = prove({ endpoint: proxy.url });
      const { ended, said } = await held;
      expect(await ended, said()).toBe(130);
      expect(said()).toContain(`RDS is deleting ${NAME}.`);
    } finally {
      await proxy.stop();
    }
    expect(await instances()).toEqual(["shop-db", "other-db"]);
    expect(existsSync(join(dir, record))).toBe(false);
  });

  it("writes no record of a copy that Ctrl-C took away while it was read", async () => {
    await server.admin.query("create table slowly (id int)");
    await take();
    const { child, ended, said } = prove();
    while (!said().includes("all of it is read") && child.exitCode === null) await sleep(20);
    expect(child.exitCode, said()).toBeNull();
    const [{ Endpoint: at = {} } = {}] =
      (await rds.describeDBInstances({ DBInstanceIdentifier: NAME })).DBInstances ?? [];
    const copy = new pg.Client({ ...server.connection, host: at.Address ?? "", port: at.Port ?? 0 });
    copy.on("error", () => {});
    await copy.connect();
    const asleep = "select from pg_stat_activity where wait_event = 'PgSleep'";
    while ((await copy.query(asleep)).rowCount === 0) await sleep(20);
    await copy.end();
    child.kill("SIGINT");
    expect(await ended, said()).toBe(130);
    expect(await instances()).toEqual(["shop-db", "other-db"]);
    expect(existsSync(join(dir, record))).toBe(false);
  });
});
