import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { askQueries } from "../../../src/imports/ask";
import { QUERY_IDS } from "../../../src/imports/queries/query";
import { NO_VERSION } from "../../../src/imports/queries/versions";
import { probeRows } from "../../../src/probe/probedRows";
import { measureRows } from "../../../src/probe/run";
import { prove } from "../../../src/promotion/prove";
import type { ImportsConfig } from "../../../src/rollout/config/imports";
import { gate, ImportsWorld, percent10, rollout } from "./importsWorld";

/** The stack files' own SQL over a table that has no column for the pipeline's version: all but Q5 works. */

const declared = rollout.database?.imports as ImportsConfig;
const { version: _, ...columns } = declared.columns;
const mapping: ImportsConfig = { ...declared, columns };

let world: ImportsWorld;
const outcome = (id: string) => world.outcome(id);

beforeAll(async () => {
  world = await ImportsWorld.open(mapping, (owner) =>
    owner.query("alter table import_jobs drop column pipeline_version cascade"),
  );
});
afterAll(() => world?.close());
beforeEach(() => world.pool.query("truncate import_jobs"));

/** So many imports that were accepted `agoMinutes` ago, and how they stand. */
async function imports(count: number, status = "completed", agoMinutes = 30): Promise<void> {
  await world.pool.query(
    `insert into import_jobs (id, user_id, file, status, file_sha256, started_at, finished_at)
     select gen_random_uuid(), 'u', 'f', $2, '', now() - $3 * interval '1 minute',
       case when $2 in ('completed', 'failed') then now() - ($3 - 1) * interval '1 minute' end
     from generate_series(1, $1)`,
    [count, status, agoMinutes],
  );
}

test("S2: nothing since the flip says nothing; an import of any kind will do", async () => {
  await imports(5, "completed", 1_500);
  expect(await outcome("S2")).toBe("inconclusive");
  await imports(1, "queued", 1);
  expect(await outcome("S2")).toBe("pass");
});

test("G1 to G3 pass and fail as ever, and every gate's known-bad query fails it", async () => {
  await imports(100);
  const ids = ["G1", "G2", "G3"];
  expect(await Promise.all(ids.map(outcome))).toEqual(["pass", "pass", "pass"]);
  const proofs = await prove([...ids, "S2"].map(gate), world.sources(), 1);
  expect(proofs.map(({ outcome: found }) => found)).toEqual(["proven", "proven", "proven", "proven"]);
  await imports(10, "failed");
  await imports(1, "running", 150);
  expect(await Promise.all(ids.map(outcome))).toEqual(["fail", "fail", "fail"]);
});

test("T1 and T2 are measured", async () => {
  await imports(2, "failed");
  await imports(11, "running", 11);
  const rows = probeRows(percent10.abort, rollout.parameters);
  expect(await measureRows(rows, world.sql, performance.now() + 10_000)).toEqual({
    values: { T1: 100, T2: 11 },
    failures: {},
  });
});

test("Q1 to Q6 have an answer each, and Q5's says what is missing", async () => {
  await imports(3, "completed", 5);
  const now = Date.now();
  const answers = await askQueries(world.database, mapping, {
    ids: QUERY_IDS,
    since: new Date(now - 3_600_000).toISOString(),
    until: new Date(now).toISOString(),
    olderThanMs: 60_000,
  });
  expect(answers.filter((one) => "failure" in one)).toEqual([]);
  expect(JSON.stringify(answers.find(({ id }) => id === "Q5"))).toContain(NO_VERSION);
});

describe("K3: imports in flight once everyone is back on v1", () => {
  const { inFlight } = rollout.afterAbort ?? {};
  if (!inFlight) throw new Error("nothing is waited for");
  const left = async (down: Date) => {
    const values = inFlight.values.map((value) => (value === "{down}" ? down.toISOString() : value));
    return world.sql.observe({ query: inFlight.query, values, timeout: "5s" });
  };
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

  test("none at all", async () => {
    expect(await left(minutesAgo(0))).toMatchObject({ kind: "value", value: 0 });
  });

  test("are those that began before, whatever began since on v1", async () => {
    await imports(4, "running", 20);
    await imports(1, "queued", 400);
    await imports(9, "running", 2);
    await imports(50, "completed", 20);
    expect(await left(minutesAgo(5))).toMatchObject({ kind: "value", value: 5 });
    await world.pool.query(
      "update import_jobs set status = 'completed', finished_at = now() where started_at < $1",
      [minutesAgo(5)],
    );
    expect(await left(minutesAgo(5))).toMatchObject({ kind: "value", value: 0 });
  });
});
