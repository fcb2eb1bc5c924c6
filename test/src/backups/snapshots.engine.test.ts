import { readdir, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RDS } from "@aws-sdk/client-rds";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test, vi } from "vitest";
import { emulated } from "../../../sandbox/aws/emulated";
import type { MiniStack } from "../../../sandbox/aws/ministack";
import { declareDatabases } from "../../../sandbox/aws/rds";
import { databaseBehind } from "../../../sandbox/standin/signals/send";
import { proofName } from "../../../src/aws/names";
import { proveSnapshot, snapshotFailures } from "../../../src/backups/proveSnapshot";
import { proof } from "../../../src/gates/dumps/manifest";
import { snapshotOf } from "../../../src/gates/kinds/snapshot";
import { backup as config } from "../../../src/rollout/config/backup";
import { startTestAws, type TestAws } from "../../support/emulator";
import { startTestServer, type TestServer } from "../../support/postgres";
import { pointAwsTo } from "../../support/standIn";

const REGION = "us-east-1";
let dir: string;
let aws: TestAws;
let emulator: MiniStack;
let server: TestServer;
let rds: RDS;

beforeAll(async () => {
  [server, aws] = await Promise.all([startTestServer(), startTestAws()]);
  ({ dir, emulator } = aws);
  rds = new RDS(emulated({ ...emulator, region: REGION }));
  await declareDatabases({ ...emulator, region: REGION }, [{ instance: "shop-db" }]);
  await server.admin.query("create table orders (id int); insert into orders values (1), (2)");
  await standBehind(server);
  await rds.createDBSnapshot({ DBInstanceIdentifier: "shop-db", DBSnapshotIdentifier: ID });
});
afterAll(async () => {
  rds?.destroy();
  await server?.stop();
  await aws?.stop();
});
beforeEach(() => pointAwsTo(emulator.endpoint));
afterEach(() => vi.restoreAllMocks());

const STAGE = { name: "stageB", attempt: 1, snapshot: { instance: "shop-db" } };
const idOf = (attempt: number) => snapshotOf("shop", { ...STAGE, attempt })?.id ?? "";
const ID = idOf(1);
const NAME = proofName("shop", "stageB", 1);

const standBehind = ({ connection, disk }: TestServer) => databaseBehind(emulator, { ...connection, disk });

function asked(attempt = 1) {
  const { host, port, user, password, database, ssl } = server.connection;
  const stage = { ...STAGE, attempt };
  return {
    ...{ rollout: "shop", stage: stage.name, attempt, region: REGION },
    backup: config.parse({ dumps: join(dir, "dumps"), queries: { total: "select sum(id) from orders" } }),
    database: { schema: "public", ssl: "verify-full" as const, ca: ssl.ca },
    login: { host, port, user, password, database },
    snapshot: snapshotOf("shop", stage) as NonNullable<ReturnType<typeof snapshotOf>>,
    pause: () => sleep(50),
  };
}

const instances = async () =>
  ((await rds.describeDBInstances({})).DBInstances ?? []).map(
    ({ DBInstanceIdentifier }) => DBInstanceIdentifier,
  );

describe("a snapshot of RDS", () => {
  it("comes back on a temporary instance that nobody else reaches, and that is gone afterwards", async () => {
    const seen: object[] = [];
    const pause = async () => {
      await sleep(50);
      const [one] = (await rds.describeDBInstances({ DBInstanceIdentifier: NAME })).DBInstances ?? [];
      if (one) seen.push(one);
    };
    expect(await proveSnapshot({ ...asked(), pause })).toMatchObject({
      proof: {
        snapshot: { id: ID },
        compared: { tables: 1, rows: "2", queries: 1, same: 1 },
        failures: [],
      },
      temporary: { name: NAME, instanceClass: "db.t4g.micro" },
    });
    expect(seen[0]).toMatchObject({
      DBInstanceStatus: "creating",
      PubliclyAccessible: false,
      DeletionProtection: false,
      TagList: [{ Key: "cutover:proof", Value: "shop/stageB/1" }],
    });
    expect(await instances()).toEqual(["shop-db"]);
    const kept = proof.parse(JSON.parse(await readFile(join(dir, "dumps", "shop", "restored.json"), "utf8")));
    expect(kept.of.database).toBe("ops");
  });

  it("comes back as it was taken, however far its source has gone on", async () => {
    await server.admin.query(
      "create table parts (id int); insert into parts select generate_series(1, 5000)",
    );
    await rds.createDBSnapshot({ DBInstanceIdentifier: "shop-db", DBSnapshotIdentifier: idOf(2) });
    await server.admin.query("delete from parts where id > 10; insert into orders values (3)");
    expect((await proveSnapshot(asked(2))).proof).toMatchObject({
      compared: { tables: 2, rows: "5002", queries: 1, same: 0 },
      failures: [],
    });
    // The one before has not heard of the table.
    const { compared, failures } = (await proveSnapshot(asked())).proof;
    expect(compared).toMatchObject({ tables: 1, rows: "2" });
    expect(failures).toEqual(["public.parts is not in it: it was lost, or made since"]);
    await server.admin.query("drop table parts; delete from orders where id = 3");
  });

  it("of another server is no proof, and its instance is gone all the same", async () => {
    const other = await startTestServer();
    try {
      await standBehind(other);
      await rds.createDBSnapshot({ DBInstanceIdentifier: "shop-db", DBSnapshotIdentifier: idOf(3) });
      const database = { schema: "public", ssl: "require" } as const;
      const { failures } = (await proveSnapshot({ ...asked(3), database })).proof;
      // It has not even the source's logins.
      expect(failures).toEqual([expect.stringMatching(/^its restored copy: .*authentication failed/)]);
    } finally {
      await standBehind(server);
      await other.stop();
    }
    expect(await instances()).toEqual(["shop-db"]);
  });

  it("that was never taken is not restored", async () => {
    await expect(proveSnapshot(asked(7))).rejects.toThrow(
      /attempt-7: is not there\. The promotion of stageB takes it/,
    );
    expect(await instances()).toEqual(["shop-db"]);
  });

  it("is not restored beside one that an earlier run left, which is named with what deletes it", async () => {
    await rds.restoreDBInstanceFromDBSnapshot({
      DBInstanceIdentifier: "cutover-proof-shop-stageb-9",
      DBSnapshotIdentifier: ID,
      Tags: [{ Key: "cutover:proof", Value: "shop/stageB/9" }],
    });
    await expect(proveSnapshot(asked())).rejects.toThrow(
      /cutover-proof-shop-stageb-9: was restored for a proof[\s\S]*aws rds delete-db-instance --db-instance-identifier cutover-proof-shop-stageb-9 --skip-final-snapshot/,
    );
    const left = { DBInstanceIdentifier: "cutover-proof-shop-stageb-9" };
    const status = async () => (await rds.describeDBInstances(left)).DBInstances?.[0]?.DBInstanceStatus;
    while ((await status()) === "creating") await sleep(50);
    await rds.deleteDBInstance({ ...left, SkipFinalSnapshot: true });
  });
});

it("that is restored ends with its sandbox, and is gone with all snapshots once AWS forgets", async () => {
  const own = await startTestAws();
  const client = new RDS(emulated({ ...own.emulator, region: REGION }));
  const copies = join(server.disk.root, "copies");
  const left = async () => (await readdir(join(copies, "restored")).catch(() => [])).length;
  const declare = () => declareDatabases({ ...own.emulator, region: REGION }, [{ instance: "shop-db" }]);
  const restore = async () => {
    await client.createDBSnapshot({ DBInstanceIdentifier: "shop-db", DBSnapshotIdentifier: "one" });
    const one = { DBInstanceIdentifier: "restored" };
    await client.restoreDBInstanceFromDBSnapshot({ ...one, DBSnapshotIdentifier: "one" });
    for (;;) {
      const { DBInstances: [found] = [] } = await client.describeDBInstances(one);
      if (found?.DBInstanceStatus === "available") return found.Endpoint?.Port ?? 0;
      await sleep(50);
    }
  };
  const answers = (port: number) =>
    new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
      socket.on("connect", () => socket.destroy());
    });
  try {
    await databaseBehind(own.emulator, { ...server.connection, disk: server.disk });
    await declare();
    const first = await restore();
    expect(await answers(first)).toBe(true);
    // One of the same name, while the first is on its way out.
    await client.deleteDBInstance({ DBInstanceIdentifier: "restored", SkipFinalSnapshot: true });
    await client.deleteDBSnapshot({ DBSnapshotIdentifier: "one" });
    expect(await answers(await restore())).toBe(true);
    await own.emulator.reset();
    while (await answers(first)) await sleep(50);
    while ((await left()) > 0) await sleep(50);
    await declare();
    const second = await restore();
    await own.stop();
    expect(await answers(second)).toBe(false);
    expect(await left()).toBe(0);
  } finally {
    client.destroy();
    await own.stop();
  }
});

const of = (system: string, ...tables: string[]) => ({
  identity: { system, database: "ops" },
  contents: {
    tables: Object.fromEntries(tables.map((name) => [name, { rows: "1", hash: "1" }])),
    answers: {},
  },
});

test.each([
  ["the same server, with what it has", of("1", "a", "b"), of("1", "a"), []],
  ["a table that was dropped since", of("1", "a", "b"), of("1", "b"), []],
  [
    "a table that was made since, or lost",
    of("1", "a"),
    of("1", "a", "b"),
    [/^b is not in it: it was lost, or made since$/],
  ],
  [
    "another server",
    of("2", "a"),
    of("1", "a"),
    [/is of ops on the server 2, and DATABASE_OWNER_URL leads to ops on/],
  ],
  ["no table at all", of("1"), of("1"), [/^it has no table$/]],
  [
    "who knows which",
    { ...of("1", "a"), identity: undefined },
    of("1", "a"),
    [/a server that does not say which/],
  ],
])("%s", (_, back, source, failures) => {
  expect(snapshotFailures(back, source)).toEqual(failures.map((one) => expect.stringMatching(one)));
});
