import { describe, expect, it, test } from "vitest";
import { judge } from "../../../../src/gates/judge";
import { observeSnapshot } from "../../../../src/gates/kinds/snapshot.look";
import { ago, gateOf, NOW, observe } from "../../../support/build";
import { fakeAws, nobody, pointAwsTo } from "../../../support/standIn";

const REGION = "eu-central-1";
const ID = "ops-view-stageb-attempt-1";

const gateFor = (kind: "instance" | "cluster", of = "ops-db") =>
  gateOf("B4", { source: "snapshot" }, { snapshot: { id: ID, kind, of } });

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

it("is unreachable where AWS is", async () => {
  pointAwsTo(await nobody());
  expect(await observeSnapshot(gateFor("instance"), REGION)).toMatchObject({ failure: "unreachable" });
});

it("is not looked for where the stage declares none", async () => {
  expect(await observeSnapshot({}, REGION)).toMatchObject({ kind: "failure", failure: "no-data" });
});
