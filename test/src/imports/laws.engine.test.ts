import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { NO_TEXT } from "../../../src/imports/queries/errorPatterns";
import { startTestServer, type TestServer } from "../../support/postgres";
import { ask, declareFunctions, fill, mapping, type Row, TABLE } from "./fixtures/imports";
import { ended, q1, q2, q3, q4, q5, q6, type Reference } from "./fixtures/reference";

/** The functions on a real server against the plain reference, over whatever may stand in such a table. */

const RUNS = 60;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await server.admin.query(TABLE);
  await declareFunctions(server.admin, mapping());
});
afterAll(() => server?.stop());

/** Texts whose pattern is known by how they are made. */
const errors = fc.oneof(
  fc.constantFrom<[string | null, string]>([null, NO_TEXT], ["", NO_TEXT], ["disk full", "disk full"]),
  fc.nat().map((number): [string, string] => [`timeout after ${number} s`, "timeout after # s"]),
  fc.uuid().map((id): [string, string] => [`import ${id} is gone`, "import # is gone"]),
  fc
    .tuple(fc.stringMatching(/^[a-z ]{0,12}$/), fc.nat())
    .map(([name, line]): [string, string] => [
      `no column "${name}" in line ${line}`,
      "no column <text> in line #",
    ]),
);

const time = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -50, max: 650 }) },
  { weight: 2, arbitrary: fc.integer({ min: -10_000, max: 20_000 }) },
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
);

const patterns = new Map<string | null, string>();

const table = fc
  .array(
    fc.record({
      status: fc.constantFrom(
        "completed",
        "completed",
        "failed",
        "failed",
        "running",
        "queued",
        "cancelled",
        "odd",
        null,
      ),
      error: errors,
      // Starts that lie in the future are counted by the clock: a table test looks at them.
      started: time.filter((seconds) => seconds !== Number.POSITIVE_INFINITY),
      finished: time,
      version: fc.constantFrom("v1", "v2", "v2", "v3", null),
    }),
    { maxLength: 40 },
  )
  .map((rows) =>
    rows.map(({ error: [error, pattern], ...row }, index): Row => {
      patterns.set(error, pattern);
      return { id: String(index), error, ...row };
    }),
  );

/** Windows whose length both 4 and 6 divide; also empty and reversed ones. */
const given: fc.Arbitrary<Reference> = fc
  .record({
    rows: table,
    since: fc.integer({ min: -20, max: 500 }),
    dozens: fc.integer({ min: -2, max: 50 }),
  })
  .map(({ rows, since, dozens }) => ({ rows, since, until: since + dozens * 12 }));

/** Each law has its own rows on one and the same table: one at a time. */
async function holds<T>(
  more: fc.Arbitrary<T>,
  law: (given: Reference, more: T) => Promise<void>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(given, more, async (reference, value) => {
      await fill(server.admin, reference.rows);
      await law(reference, value);
    }),
    { numRuns: RUNS },
  );
}

const answerOf = ({ since, until }: Reference, query: string, ...more: unknown[]) =>
  ask(server.admin, query, [since, until], ...more);
/** Sums and quotients of doubles may differ in their last digit. */
const near = (value: unknown): unknown => (typeof value === "number" ? Math.round(value * 1e6) / 1e6 : value);
const nearRow = (row: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, near(value)]));

it("Q1 agrees with the reference", () =>
  holds(fc.constant(null), async (reference) => {
    expect((await answerOf(reference, "q1_success_rate")).map(nearRow)).toEqual(q1(reference).map(nearRow));
  }));

it("what ended agrees with the reference", () =>
  holds(fc.constant(null), async (reference) => {
    expect((await answerOf(reference, "ended_imports")).map(nearRow)).toEqual([nearRow(ended(reference))]);
  }));

it("Q2 agrees with the reference", () =>
  holds(fc.integer({ min: 0, max: 600 }), async (reference, olderThan) => {
    const [found] = await answerOf(reference, "q2_stuck_imports", `${olderThan} seconds`);
    const { examples, ...row } = found as { examples: string[] };
    const expected = q2(reference, olderThan);
    expect(row).toEqual(expected.row);
    // Of imports that started together, any may be named.
    const startOf = (id: string) => expected.stuck.find((one) => one.id === id)?.started;
    expect(examples.map(startOf)).toEqual(expected.stuck.slice(0, 10).map(({ started }) => started));
  }));

it("Q3 agrees with the reference", () =>
  holds(fc.constant(null), async (reference) => {
    const found = await answerOf(reference, "q3_durations");
    const expected = q3(reference);
    expect(found.map(({ imports }) => imports)).toEqual(expected);
    const total = expected.slice(1).reduce((sum, count) => sum + count, 0);
    const shares = expected.map((count, bucket) =>
      bucket === 0 || total === 0 ? null : (100 * count) / total,
    );
    expect(found.map(({ share }) => near(share))).toEqual(shares.map(near));
    if (total > 0) expect(near(found.at(-1)?.cumulative)).toBe(100);
  }));

it("Q4 agrees with the reference", () =>
  holds(fc.integer({ min: 1, max: 8 }), async (reference, top) => {
    const found = await answerOf(reference, "q4_error_patterns", top);
    const [{ imports } = { imports: 0 }] = q1(reference) as { imports: number }[];
    const expected = q4(reference, (error) => patterns.get(error) ?? "not made by this test");
    const sorted = [...expected].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1));
    const failures = sorted.reduce((sum, [, count]) => sum + count, 0);
    if (imports === 0) expect(found).toEqual([]);
    else if (failures === 0)
      expect(found).toMatchObject([{ rank: 1, pattern: null, failures: 0, share_of_imports: 0 }]);
    else {
      const told = found.filter(({ rank }) => rank !== null);
      expect(told.map(({ pattern, failures }) => [pattern, failures])).toEqual(sorted.slice(0, top));
      expect(told.map(({ share_of_imports }) => near(share_of_imports))).toEqual(
        sorted.slice(0, top).map(([, count]) => near((100 * count) / imports)),
      );
      expect(found.reduce((sum, { failures }) => sum + Number(failures), 0)).toBe(failures);
    }
  }));

it("Q5 agrees with the reference", () =>
  holds(fc.constant(null), async (reference) => {
    expect((await answerOf(reference, "q5_versions")).map(nearRow)).toEqual(q5(reference).map(nearRow));
  }));

it("Q6 agrees with the reference", () =>
  holds(fc.constantFrom(1, 4, 6, 12), async (reference, parts) => {
    expect((await answerOf(reference, "q6_timeline", parts)).map(nearRow)).toEqual(
      q6(reference, parts).map(nearRow),
    );
  }));
