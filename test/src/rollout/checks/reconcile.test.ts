import { describe, expect, test } from "vitest";
import { probeRows } from "../../../../src/probe/probedRows";
import { countedRows, reconciliations } from "../../../../src/probe/reconcile/settings";
import { firesWhen } from "../../../../src/rollout/signal";
import { parseTwo, problemsIn } from "./twoStages";

const ITEMS = {
  title: "Old and new items",
  key: "id",
  lag: "30s",
  first: { name: "old", query: "select id, status from old_items" },
  second: { name: "new", query: "select id, status from new_items" },
};
const ROW = {
  title: "Sources differ",
  reconcile: { of: "items" },
  threshold: { gt: 0 },
  action: "page",
};
const DATABASE = { host: "db.example.com", name: "ops", reads: ["old_items", "new_items"] };

function parsed({
  reconcile = { items: ITEMS },
  row = {},
  database = DATABASE,
}: {
  reconcile?: object;
  row?: object;
  database?: object | null;
} = {}) {
  return parseTwo(
    { name: "ops", flags: { ON: { kind: "boolean" } }, ...(database && { database }) },
    { flags: { ON: false } },
    { flags: { ON: true }, reconcile, abort: { X1: { ...ROW, ...row } } },
  );
}
const said = (changes: Parameters<typeof parsed>[0]) =>
  problemsIn(parsed(changes)).map((one) => one.replace(/^Pulumi\.only\.yaml cutover:stage\./, ""));

test("a row on a reconciliation is a signal of the probe, and asked by hand in one statement", () => {
  const result = parsed();
  if (!result.ok) throw new Error(problemsIn(result).join("\n"));
  const live = result.rollout.stages[1];
  const row = live?.abort.X1;
  expect(row).toMatchObject({
    metric: { namespace: "cutover/ops", name: "X1", statistic: "Maximum", period: "10s" },
    missingData: "breaching",
    probe: { query: expect.stringContaining("full join") },
  });
  expect(row && firesWhen(row)).toBe(
    "the number of rows that only old has, or that only new has, or that differ between old and new, > 0 over 10s, or silence",
  );
  if (!live) throw new Error("unreachable");
  // It is counted, and not asked a second time.
  expect(probeRows(live.abort, {})).toEqual({});
  expect(countedRows(live)).toEqual({ X1: { of: "items", count: ["missing", "extra", "different"] } });
  expect(reconciliations(live).items).toMatchObject({ lagMs: 30_000, timeoutMs: 5_000 });
});

describe("is refused", () => {
  test.each<[string, Parameters<typeof parsed>[0], RegExp]>([
    [
      "a row on what is not compared",
      { row: { reconcile: { of: "item" } } },
      /^abort\.X1\.reconcile\.of: is item, which this stage does not compare\. Did you mean items\? This stage compares items$/m,
    ],
    [
      "a comparison that no row goes by",
      { reconcile: { items: ITEMS, more: ITEMS } },
      /^reconcile\.more: is compared, and no abort row goes by what differs\. /m,
    ],
    ["a comparison without a database", { database: null }, /^reconcile\.items: needs/m],
    ["a limit that no count meets", { row: { threshold: { lt: 0 } } }, /threshold: is never met/],
    ["a limit that every count meets", { row: { threshold: { gte: 0 } } }, /threshold: is always met/],
    [
      "two signals in one row",
      { row: { probe: { query: "select 1" } } },
      /exactly one of metric, probe, elsewhere, reconcile, logs, alarm/,
    ],
    ["silence that is no fault", { row: { missingData: "notBreaching" } }, /missingData/],
  ])("%s", (_, changes, message) => {
    expect(said(changes).join("\n")).toMatch(message);
  });
});
