import { describe, expect, it } from "vitest";
import { imports } from "../../../../src/rollout/config/imports";
import { rolloutConfig } from "../../../../src/rollout/config/stackFile";

const WHOLE = {
  table: "import_jobs",
  columns: { id: "id", status: "status", error: "error", started: "started_at", finished: "finished_at" },
  statuses: { succeeded: ["completed"], failed: ["failed"], running: ["queued", "running"] },
};

/** Messages by the path of what is wrong. */
function problems(changes: object): Record<string, string> {
  const { error } = imports.safeParse({ ...WHOLE, ...changes });
  return Object.fromEntries((error?.issues ?? []).map(({ path, message }) => [path.join("."), message]));
}

describe("the mapping of imports", () => {
  it("needs no version, and knows the usual names of both", () => {
    expect(imports.parse(WHOLE)).toEqual({
      ...WHOLE,
      statuses: { ...WHOLE.statuses, ignored: [] },
      versions: { v1: "v1", v2: "v2" },
      baseline: 1,
    });
  });

  it("takes numbers and booleans as values, and compares them as text", () => {
    const { statuses, versions } = imports.parse({
      ...WHOLE,
      statuses: { succeeded: [2], failed: [true], running: ["0"] },
      versions: { v1: 1, v2: 2 },
    });
    expect(statuses).toEqual({ succeeded: ["2"], failed: ["true"], running: ["0"], ignored: [] });
    expect(versions).toEqual({ v1: "1", v2: "2" });
  });

  it.each<[string, object, Record<string, string>]>([
    [
      "a status that means two things",
      { statuses: { succeeded: ["done"], failed: ["failed"], running: ["done"] } },
      { "statuses.running": 'other values: "done" stands under succeeded and running' },
    ],
    [
      "one column for two things",
      { columns: { ...WHOLE.columns, finished: "started_at" } },
      { "columns.finished": 'another column: "started_at" is started and finished' },
    ],
    [
      "the same value for both versions",
      { versions: { v1: "x", v2: "x" } },
      { versions: "two different values" },
    ],
    ["a name that PostgreSQL would cut off", { table: "ü".repeat(32) }, { table: "at most 63 bytes long" }],
    ["a name with a line break", { table: "a\nb" }, { table: "a name without control characters" }],
    [
      "a time zone that is none",
      { timeZone: "'; drop" },
      { timeZone: "a time zone such as UTC or Europe/Berlin" },
    ],
  ])("refuses %s", (_, changes, expected) => {
    expect(problems(changes)).toEqual(expected);
  });

  it("refuses what it does not know", () => {
    expect(problems({ columns: { ...WHOLE.columns, stated: "x" } })).toHaveProperty("columns");
  });
});

describe("a database", () => {
  const config = (database: object) =>
    rolloutConfig.safeParse({
      name: "v2-pipeline",
      flags: { P: { kind: "percentage" } },
      database: { host: "db", name: "ops", ...database },
    });

  it.each([
    ["tables", { reads: ["patches"] }],
    ["imports", { imports: WHOLE }],
  ])("may have only %s to read", (_, database) => {
    expect(config(database).success).toBe(true);
  });

  it("has something to read", () => {
    const { error } = config({});
    expect(error?.issues.map(({ path, message }) => [path.join("."), message])).toEqual([
      ["database", "at least one of reads, imports: what is there to measure otherwise"],
    ]);
  });
});
