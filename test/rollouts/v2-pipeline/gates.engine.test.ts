import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { accept, finish, take, verify } from "../../../sandbox/demo/v2-pipeline/store";
import { probeRows } from "../../../src/probe/probedRows";
import { measureRows } from "../../../src/probe/run";
import { prove } from "../../../src/promotion/prove";
import { gate, ImportsWorld, percent10, rollout } from "./importsWorld";

/** The stack files' own SQL, as the gate role asks it, over the demo's own table. */

let world: ImportsWorld;
const outcome = (id: string) => world.outcome(id);

beforeAll(async () => {
  world = await ImportsWorld.open(rollout.database?.imports);
});
afterAll(() => world?.close());
beforeEach(() => world.pool.query("truncate import_jobs"));

/** So many imports that were accepted `agoMinutes` ago, and how they stand. */
async function imports(
  count: number,
  spec: {
    status?: string;
    pipeline?: string;
    agoMinutes?: number;
    /** Null where nobody wrote down when it ended. */
    tookMinutes?: number | null;
    error?: string;
  } = {},
): Promise<void> {
  const { status = "completed", pipeline = "v2", agoMinutes = 30, tookMinutes = 1, error = null } = spec;
  await world.pool.query(
    `insert into import_jobs (id, user_id, file, status, pipeline_version, error_message, file_sha256, started_at, finished_at)
     select gen_random_uuid(), 'u', 'f', $2, $3, $4, '', now() - $5 * interval '1 minute',
       case when $2 in ('completed', 'failed') then now() - ($5 - $6) * interval '1 minute' end
     from generate_series(1, $1)`,
    [count, status, pipeline, error, agoMinutes, tookMinutes],
  );
}

describe("G1: 95 % of imports succeed", () => {
  test.each<[string, [number, object][], string]>([
    ["no import at all is no evidence", [], "inconclusive"],
    ["nor are nineteen", [[19, {}]], "inconclusive"],
    [
      "imports that run count neither way",
      [
        [19, {}],
        [50, { status: "running" }],
      ],
      "inconclusive",
    ],
    ["twenty good ones", [[20, {}]], "pass"],
    [
      "95 of 100",
      [
        [95, {}],
        [5, { status: "failed" }],
      ],
      "pass",
    ],
    [
      "94 of 100",
      [
        [94, {}],
        [6, { status: "failed" }],
      ],
      "fail",
    ],
    [
      "failures before the stage went live",
      [
        [20, {}],
        [50, { status: "failed", agoMinutes: 1_500 }],
      ],
      "pass",
    ],
  ])("%s", async (_, rows, expected) => {
    for (const [count, spec] of rows) await imports(count, spec);
    expect(await outcome("G1")).toBe(expected);
  });
});

describe("G2: no import is stuck, and none took longer than 2 h", () => {
  test.each<[string, [number, object][], string]>([
    ["no import at all is no evidence", [], "inconclusive"],
    [
      "quick ones, and one that runs",
      [
        [5, {}],
        [1, { status: "running", agoMinutes: 119 }],
      ],
      "pass",
    ],
    [
      "one that runs for more than 2 h",
      [
        [5, {}],
        [1, { status: "running", agoMinutes: 121 }],
      ],
      "fail",
    ],
    ["one that took just 2 h", [[1, { agoMinutes: 200, tookMinutes: 119 }]], "pass"],
    ["one that took longer", [[1, { agoMinutes: 200, tookMinutes: 121 }]], "fail"],
  ])("%s", async (_, rows, expected) => {
    for (const [count, spec] of rows) await imports(count, spec);
    expect(await outcome("G2")).toBe(expected);
  });
});

describe("G3: no single error dominates", () => {
  const failed = (error: string) => ({ status: "failed", error });
  test.each<[string, [number, object][], string]>([
    ["no import at all is no evidence", [], "inconclusive"],
    ["no failure", [[100, {}]], "pass"],
    [
      "one error in a hundred imports",
      [
        [99, {}],
        [1, failed("row 17 lost")],
      ],
      "pass",
    ],
    [
      "the same error, with other details, three times in a hundred",
      [
        [97, {}],
        [1, failed("row 17 lost")],
        [1, failed("row 3 lost")],
        [1, failed("row 5 lost")],
      ],
      "fail",
    ],
    [
      "the same error, twice in twenty: no pattern yet",
      [
        [18, {}],
        [1, failed("row 17 lost")],
        [1, failed("row 3 lost")],
      ],
      "pass",
    ],
    [
      "one failed import of twenty",
      [
        [19, {}],
        [1, failed("row 17 lost")],
      ],
      "pass",
    ],
    [
      "two errors, once each",
      [
        [98, {}],
        [1, failed("row 17 lost")],
        [1, failed("disk full")],
      ],
      "pass",
    ],
  ])("%s", async (_, rows, expected) => {
    for (const [count, spec] of rows) await imports(count, spec);
    expect(await outcome("G3")).toBe(expected);
  });
});

test("S2: no import says nothing, those on v1 alone are none on v2; the first one on v2 is", async () => {
  expect(await outcome("S2")).toBe("inconclusive");
  await imports(30, { pipeline: "v1" });
  expect(await outcome("S2")).toBe("fail");
  await imports(1);
  expect(await outcome("S2")).toBe("pass");
});

test("K3: those on v2 are waited for, whenever they began, and none of v1's", async () => {
  const { inFlight } = rollout.afterAbort ?? {};
  if (!inFlight) throw new Error("nothing is waited for");
  const left = () =>
    world.sql.observe({ query: inFlight.query, values: [new Date().toISOString()], timeout: "5s" });
  expect(await left()).toMatchObject({ value: 0 });
  await imports(3, { status: "running" });
  await imports(2, { status: "queued", agoMinutes: 600 });
  await imports(7, { status: "running", pipeline: "v1" });
  await imports(20);
  expect(await left()).toMatchObject({ value: 5 });
});

test("every gate that reads the database can fail: its known-bad query fails it", async () => {
  await imports(30);
  const gates = ["G1", "G2", "G3", "S2"].map(gate);
  const proofs = await prove(gates, world.sources(), 1);
  expect(proofs.map(({ gate: id, outcome: found }) => [id, found])).toEqual([
    ["G1", "proven"],
    ["G2", "proven"],
    ["G3", "proven"],
    ["S2", "proven"],
  ]);
});

describe("the probe", () => {
  const asked = () =>
    measureRows(probeRows(percent10.abort, rollout.parameters), world.sql, performance.now() + 10_000);

  test("finds nothing wrong where nothing is imported", async () => {
    expect(await asked()).toEqual({ values: { T1: 0, T2: 0 }, failures: {} });
  });

  const DAY = 1_440;
  const failed = (count: number): [number, object] => [count, { status: "failed" }];
  const late = (count: number, agoMinutes: number, tookMinutes: number | null): [number, object] => [
    count,
    { status: "failed", agoMinutes, tookMinutes },
  ];
  test.each<[string, [number, object][], number]>([
    ["nineteen of nineteen failed", [failed(19)], 100],
    ["three of three failed", [failed(3)], 100],
    ["two of two failed: all of them, however few", [failed(2)], 100],
    ["one of one failed", [failed(1)], 100],
    ["one failed, and others run still", [failed(1), [30, { status: "running" }]], 100],
    ["imports run, and none has ended", [[30, { status: "running" }]], 0],
    ["one of two failed: too few to say", [[1, {}], failed(1)], 0],
    ["two of nineteen failed: two files are no rate either", [[17, {}], failed(2)], 0],
    ["three of nineteen failed", [[16, {}], failed(3)], (100 * 3) / 19],
    ["one of twenty failed, which is just 95 %", [[19, {}], failed(1)], 5],
    ["nineteen of twenty failed", [[1, {}], failed(19)], 95],
    ["one of nineteen failed: one file that nobody can read", [[18, {}], failed(1)], 0],
    ["two of twenty failed", [[18, {}], failed(2)], 10],
    ["three of sixty failed, which is just 95 %", [[57, {}], failed(3)], 5],
    ["what ended before the hour does not count", [[20, {}], late(50, 80, 19)], 0],
    ["what began before it, and failed within it after 70 minutes", [[10, {}], late(3, 90, 70)], 300 / 13],
    ["nothing but failures after 70 minutes, one by one", [late(1, 125, 70), late(1, 71, 70)], 100],
    ["failures after two days", [[20, {}], late(30, 2 * DAY, 2 * DAY - 9)], 60],
    [
      "what somebody swept up after four days is no failure of this hour",
      [[20, {}], late(30, 4 * DAY, 4 * DAY - 9)],
      0,
    ],
    ["successes after 70 minutes", [[17, { agoMinutes: 90, tookMinutes: 70 }], failed(3)], 15],
    ["failures whose end nobody wrote down, by their start", [[17, {}], late(3, 59, null)], 15],
    ["and none of those that began before the hour", [[17, {}], late(3, 61, null)], 0],
  ])("T1 tells the share of failures among what ended within the last hour: %s", async (_, rows, share) => {
    for (const [count, spec] of rows) await imports(count, spec);
    expect((await asked()).values.T1).toBeCloseTo(share);
  });

  const open = (count: number, agoMinutes: number): [number, object] => [
    count,
    { status: "running", agoMinutes },
  ];
  const ended = (count: number, tookMinutes: number, agoMinutes = 700): [number, object] => [
    count,
    { agoMinutes, tookMinutes },
  ];
  test.each<[string, [number, object][], number]>([
    ["what has run for ten minutes, not for nine", [open(11, 11), open(5, 9)], 11],
    ["what waits as well as what runs", [[4, { status: "queued", agoMinutes: 11 }]], 4],
    [
      "fifteen an hour, all of them for six hours",
      Array.from({ length: 90 }, (_, n) => open(1, (n + 1) * 4 - 1)),
      88,
    ],
    ["two hundred since one to five hours, none since", [open(100, 61), open(100, 299)], 200],
    ["also where later ones end well", [open(11, 400), [500, {}]], 11],
    ["not what took long and ended", [[30, { agoMinutes: 400, tookMinutes: 300 }]], 0],
    [
      "nothing of what takes a quarter of an hour, and no more",
      [ended(500, 15), open(40, 16), open(9, 29)],
      0,
    ],
    ["and twice as long is stuck there", [ended(500, 15), open(11, 31), open(5, 29)], 11],
    [
      "a hang of six hours there, at fifteen an hour",
      [ended(500, 15), ...Array.from({ length: 90 }, (_, n) => open(1, (n + 1) * 4 - 1))],
      83,
    ],
    ["one slow one in two hundred moves nothing", [ended(995, 1), ended(5, 100), open(11, 11)], 11],
    ["nor do slow failures", [ended(100, 1), late(100, 400, 300), open(11, 11)], 11],
    ["nor slow ones of eight days ago", [ended(100, 1), ended(100, 60, 8 * DAY), open(11, 11)], 11],
    ["two hours are stuck, however long imports took", [ended(100, 300), open(11, 121), open(7, 119)], 11],
    ["ten orphans of 25 days are none of a stage's", [ended(100, 1), open(10, 25 * DAY), open(1, 11)], 1],
    ["nor are two hundred", [ended(100, 1), open(200, 25 * DAY)], 0],
    ["those of six days are stuck still", [ended(100, 1), open(11, 6 * DAY)], 11],
  ])("T2 counts what is stuck now: %s", async (_, rows, stuck) => {
    for (const [count, spec] of rows) await imports(count, spec);
    expect((await asked()).values.T2).toBe(stuck);
  });
});

describe("the demo's own store", () => {
  test("gives an import to one worker only, the oldest first, each pipeline its own", async () => {
    const ids = [];
    for (const file of ["a.csv", "b.csv", "c.csv"]) ids.push(await accept(world.pool, "ada", file, "v2"));
    await accept(world.pool, "ada", "d.csv", "v1");
    const [first, second] = await Promise.all([take(world.pool, "v2", 2), take(world.pool, "v2", 2)]);
    expect([...first, ...second].map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(await take(world.pool, "v2", 5)).toEqual([]);
    expect((await take(world.pool, "v1", 5)).map(({ file }) => file)).toEqual(["d.csv"]);
  });

  test("verifies each finished import once, and finds what was stored otherwise than given", async () => {
    const [good, bad, failed] = [
      await accept(world.pool, "ada", "good", "v2"),
      await accept(world.pool, "ada", "bad", "v2"),
      await accept(world.pool, "ada", "failed", "v2"),
    ];
    const jobs = await take(world.pool, "v2", 5);
    expect(jobs).toHaveLength(3);
    const { checksum } = await import("../../../sandbox/demo/v2-pipeline/store");
    await finish(world.pool, good, { status: "completed", storedSha256: checksum("good") });
    await finish(world.pool, bad, { status: "completed", storedSha256: checksum("bad?") });
    await finish(world.pool, failed, { status: "failed", error: "no such column" });
    expect([await verify(world.pool), await verify(world.pool)]).toEqual([1, 0]);
    const { rows } = await world.pool.query("select status, error_message from import_jobs where id = $1", [
      failed,
    ]);
    expect(rows).toEqual([{ status: "failed", error_message: "no such column" }]);
  });
});
