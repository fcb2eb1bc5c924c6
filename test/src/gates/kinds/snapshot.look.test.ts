import { describe, expect, it, test } from "vitest";
import { judge } from "../../../../src/gates/judge";
import { observeSnapshot, tieBefore } from "../../../../src/gates/kinds/snapshot.look";
import { strangeSnapshots } from "../../../../src/promotion/snapshotTie";
import { ago, gateOf, NOW, observe } from "../../../support/build";
import { fakeAws, nobody, pointAwsTo } from "../../../support/standIn";

const REGION = "eu-central-1";
const ID = "ops-view-stageb-attempt-1";

const gateFor = (kind: "instance" | "cluster", of = "ops-db", tie: object = {}) =>
  gateOf("B4", { source: "snapshot" }, { snapshot: { id: ID, kind, of, ...tie } });

const KINDS = {
  instance: { operation: "DescribeDBSnapshots", one: "DBSnapshot", of: "DBInstanceIdentifier" },
  cluster: { operation: "DescribeDBClusterSnapshots", one: "DBClusterSnapshot", of: "DBClusterIdentifier" },
} as const;
type Kind = keyof typeof KINDS;

interface Found {
  readonly id?: string;
  readonly of?: string;
  readonly status?: string;
  readonly at?: string;
}

/** RDS with these snapshots, which it lists whatever it is asked for. */
function rds(kind: Kind, ...snapshots: Found[]) {
  const { operation, one, of } = KINDS[kind];
  const tag = (name: string, value: string | undefined) =>
    value === undefined ? "" : `<${name}>${value}</${name}>`;
  const list = snapshots.map(
    (found) =>
      `<${one}>${tag(`${one}Identifier`, found.id)}${tag(of, found.of)}${tag("Status", found.status)}${tag("SnapshotCreateTime", found.at)}</${one}>`,
  );
  const result = `<${operation}Result><${one}s>${list.join("")}</${one}s></${operation}Result>`;
  return fakeAws({ [operation]: () => `<${operation}Response>${result}</${operation}Response>` });
}

const taken: Found = { id: ID, of: "ops-db", status: "available", at: ago(3_600_000) };

describe.each(["instance", "cluster"] as const)("the snapshot of an %s", (kind) => {
  it("is asked for by its name", async () => {
    const aws = await rds(kind, taken);
    expect(await observeSnapshot(gateFor(kind), REGION)).toEqual({
      kind: "snapshot",
      id: ID,
      of: "ops-db",
      status: "available",
      createdAt: ago(3_600_000),
    });
    expect(aws.calls.map(({ operation }) => operation)).toEqual([KINDS[kind].operation]);
    expect(Object.values(aws.calls[0]?.input ?? {})).toContain(ID);
  });

  test.each<[string, Found[], "pass" | "fail" | "inconclusive"]>([
    ["is available", [taken], "pass"],
    ["is available, among others", [{ ...taken, id: "another", status: "failed" }, taken], "pass"],
    ["is being taken", [{ ...taken, status: "creating", at: undefined as never }], "fail"],
    ["says nothing of its status", [{ id: ID, of: "ops-db", at: ago(1) }], "fail"],
    ["is one of another database", [{ ...taken, of: "shop-db" }], "fail"],
    ["does not say what it is of", [{ id: ID, status: "available", at: ago(1) }], "fail"],
    ["was taken at no known time", [{ id: ID, of: "ops-db", status: "available" }], "inconclusive"],
    ["is not there", [], "inconclusive"],
    ["is not there, but another is", [{ ...taken, id: "ops-view-stageb-attempt-0" }], "inconclusive"],
    ["has no name", [{ ...taken, id: undefined as never }], "inconclusive"],
  ])("that %s", async (_, snapshots, outcome) => {
    await rds(kind, ...snapshots);
    const gate = gateFor(kind);
    const seen = await observeSnapshot(gate, REGION);
    expect(judge(gate, observe(gate, seen), { now: NOW, timeScale: 1, attempt: 1 }).outcome).toBe(outcome);
  });

  it("that RDS does not know is no data", async () => {
    const error = kind === "instance" ? "DBSnapshotNotFound" : "DBClusterSnapshotNotFoundFault";
    await fakeAws({ [KINDS[kind].operation]: () => ({ error, status: 404 }) });
    expect(await observeSnapshot(gateFor(kind), REGION)).toEqual({
      kind: "failure",
      failure: "no-data",
      message: `there is no snapshot ${ID}`,
    });
  });

  it("that may not be looked at is refused", async () => {
    await fakeAws({ [KINDS[kind].operation]: () => ({ error: "AccessDenied", status: 403 }) });
    expect(await observeSnapshot(gateFor(kind), REGION)).toMatchObject({ failure: "refused" });
  });
});

/** RDS with the snapshot of B4, and with databases that it lists whatever it is asked for. */
function rdsOf(
  kind: Kind,
  databases: readonly { name: string; endpoints: Readonly<Record<string, string>> }[],
) {
  const { operation, one, of } = KINDS[kind];
  const tag = (name: string, value: string) => `<${name}>${value}</${name}>`;
  const answer = (asked: string, body: string) =>
    `<${asked}Response><${asked}Result>${body}</${asked}Result></${asked}Response>`;
  const taken = [
    tag(`${one}Identifier`, ID),
    tag(of, "ops-db"),
    tag("Status", "available"),
    tag("SnapshotCreateTime", ago(3_600_000)),
  ].join("");
  const listed = databases.map(({ name, endpoints }) => {
    const hosts = Object.entries(endpoints).map(([key, host]) =>
      tag(key, kind === "instance" ? tag("Address", host) : host),
    );
    return tag(kind === "instance" ? "DBInstance" : "DBCluster", tag(of, name) + hosts.join(""));
  });
  const describes = kind === "instance" ? "DescribeDBInstances" : "DescribeDBClusters";
  return fakeAws({
    [operation]: () => answer(operation, tag(`${one}s`, tag(one, taken))),
    [describes]: () =>
      answer(describes, tag(kind === "instance" ? "DBInstances" : "DBClusters", listed.join(""))),
  });
}

describe("the database that the gates read", () => {
  const HOST = "ops-db.abc.eu-central-1.rds.amazonaws.com";
  const own = { name: "ops-db", endpoints: { Endpoint: HOST } };
  const shop = { name: "shop-db", endpoints: { Endpoint: "shop-db.abc.eu-central-1.rds.amazonaws.com" } };
  const verdictOf = async (kind: Kind, tie: object) => {
    const gate = gateFor(kind, "ops-db", tie);
    const seen = await observeSnapshot(gate, REGION);
    return judge(gate, observe(gate, seen), { now: NOW, timeScale: 1, attempt: 1 });
  };

  test.each<[string, Kind, string, (typeof own)[], "pass" | "fail" | "inconclusive"]>([
    ["is the instance's endpoint", "instance", HOST, [own], "pass"],
    ["is it in capitals, with a dot at the end", "instance", `${HOST.toUpperCase()}.`, [own], "pass"],
    ["is another instance's", "instance", shop.endpoints.Endpoint, [own, shop], "fail"],
    ["has a name of its own that nobody speaks of", "instance", "ops-db.internal", [own], "fail"],
    ["begins like it", "instance", `${HOST}.example.com`, [own], "fail"],
    ["cannot be known: RDS has no such instance", "instance", HOST, [shop], "inconclusive"],
    [
      "cannot be known: the instance has no endpoint yet",
      "instance",
      HOST,
      [{ ...own, endpoints: {} as never }],
      "inconclusive",
    ],
    ["is the cluster's endpoint", "cluster", HOST, [own], "pass"],
    ["is the cluster's other endpoint", "cluster", "other.example.com", [own], "fail"],
  ])("%s", async (_, kind, host, databases, outcome) => {
    await rdsOf(kind, databases);
    expect((await verdictOf(kind, { host })).outcome).toBe(outcome);
  });

  it("is the cluster's readers'", async () => {
    await rdsOf("cluster", [
      { name: "ops-db", endpoints: { Endpoint: HOST, ReaderEndpoint: "ro.example.com" } },
    ]);
    expect((await verdictOf("cluster", { host: "ro.example.com" })).outcome).toBe("pass");
  });

  it("is told from the snapshot's by name, with what to write", async () => {
    await rdsOf("instance", [own]);
    const verdict = await verdictOf("instance", { host: "ops-db.internal" });
    expect(verdict.observed).toBe(
      `the instance ops-db is reached at ${HOST}, and the gates read ops-db.internal: the snapshot is of another database`,
    );
    expect(verdict.remedy).toContain("reachedAs: { host: ops-db.internal, because: … }");
  });

  it("may have another name where config says so, with a reason: RDS is not asked", async () => {
    const aws = await rdsOf("instance", [own]);
    const said = { host: "ops-db.internal", reachedAs: "ops-db.internal" };
    expect((await verdictOf("instance", said)).outcome).toBe("pass");
    expect(aws.calls.map(({ operation }) => operation)).toEqual(["DescribeDBSnapshots"]);
    // Evidence of words about another host than the one that is read now.
    expect((await verdictOf("instance", { ...said, host: HOST })).outcome).toBe("fail");
  });

  it("may not be looked up: then it is no pass", async () => {
    await fakeAws({ DescribeDBInstances: () => ({ error: "AccessDenied", status: 403 }) });
    expect(await tieBefore({ id: ID, kind: "instance", of: "ops-db", host: HOST }, REGION)).toMatchObject({
      kind: "unknown",
    });
  });

  it("is looked up before anything is taken, and a stranger blocks at admission", async () => {
    await rdsOf("instance", [own]);
    const gates = (host: string) => [gateFor("instance", "ops-db", { host })];
    expect(await strangeSnapshots(gates(HOST), REGION)).toEqual([]);
    expect(await strangeSnapshots(gates("shop.example.com"), REGION)).toMatchObject([
      { where: "B4", what: expect.stringContaining("the snapshot is of another database") },
    ]);
  });
});

it("is unreachable where AWS is", async () => {
  pointAwsTo(await nobody());
  expect(await observeSnapshot(gateFor("instance"), REGION)).toMatchObject({ failure: "unreachable" });
});

it("is not looked for where the stage declares none", async () => {
  expect(await observeSnapshot({}, REGION)).toMatchObject({ kind: "failure", failure: "no-data" });
});
