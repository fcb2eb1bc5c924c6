import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LineFilter } from "../../../src/aws/metricFilters";
import type { AbortThreshold } from "../../../src/rollout/config/abortRow";
import { askedFor, type Guarding, type LineFacts } from "../../../src/rollout/guardFacts";
import { facts, found, no, ok, row, said, setup } from "./guards";

/** A row that counts the lines of a log, alone on its stage. */
const LOGS = row("Audit", {
  logs: { group: "/ecs/ops-view", pattern: '"audit lost"', period: "1m" },
  metric: { namespace: "cutover/ops-view", name: "stageB-XL1", statistic: "Sum", period: "1m" },
} as Partial<AbortThreshold>);
const guarding: Guarding = { stage: { name: "stageB", abort: { XL1: LOGS } }, standing: true, raised: true };
const NAME = "ops-view-stageB-XL1";
const filter: LineFilter = {
  pattern: '"audit lost"',
  settings: { namespace: "cutover/ops-view", name: "stageB-XL1", value: "1", defaultValue: "0" },
};
const withFilter = (seen: LineFacts) => ({
  alarms: ok(new Map([[NAME, setup(LOGS)]])),
  lines: new Map([[NAME, seen]]),
});
const changed = (settings: object, more: Partial<LineFilter> = {}) =>
  withFilter(ok({ ...filter, ...more, settings: { ...filter.settings, ...settings } }));
const RESTORE =
  "Run pulumi refresh -s stageB, then pulumi up -s stageB: without the refresh, up takes it for unchanged";

test("it is asked of each row that watches a log, under the name of its alarm", () => {
  expect(askedFor({ name: "ops-view" }, [guarding]).lines).toEqual([{ name: NAME, group: "/ecs/ops-view" }]);
  expect(askedFor({ name: "ops-view" }, [{ ...guarding, standing: false }]).lines).toEqual([]);
});

describe("a row on a log", () => {
  const called = `XL1: its metric filter ${NAME} on /ecs/ops-view`;
  test.each<[string, LineFacts, string[]]>([
    ["is armed with its filter as declared", ok(filter), []],
    [
      "also where CloudWatch says what it does anyway",
      ok({ ...filter, settings: { ...filter.settings, unit: "None", applyOnTransformedLogs: false } }),
      [],
    ],
    ["not without its filter", ok("no-filter"), [`${called} is not there: no line of it is counted`]],
    [
      "not without its group",
      ok("no-group"),
      ["XL1: the log group /ecs/ops-view is not there: no line of it is counted"],
    ],
    [
      "not where the filter may not be read",
      no,
      [`XL1: it is not known how its metric filter ${NAME} on /ecs/ops-view is set up: access denied`],
    ],
  ])("%s", (_, seen, expected) => {
    expect(said(withFilter(seen), [guarding])).toEqual(expected);
  });

  test.each<[string, object, Partial<LineFilter>, string]>([
    ["its pattern", {}, { pattern: "nothing" }, 'pattern is nothing, declared is "audit lost"'],
    ["the metric's name", { name: "Other" }, {}, "name is Other, declared is stageB-XL1"],
    ["its namespace", { namespace: "X" }, {}, "namespace is X, declared is cutover/ops-view"],
    ["what one line counts", { value: "0" }, {}, "value is 0, declared is 1"],
    ["what no line counts", { defaultValue: "5" }, {}, "defaultValue is 5, declared is 0"],
    [
      "that no line counts nothing",
      { defaultValue: undefined },
      {},
      "defaultValue is not set, declared is 0",
    ],
    ["dimensions", { dimensions: { a: "$.b" } }, {}, 'dimensions is {"a":"$.b"}, declared is nothing'],
    ["a unit", { unit: "Bytes" }, {}, "unit is Bytes, declared is nothing"],
    ["which lines it sees", { applyOnTransformedLogs: true }, {}, "applyOnTransformedLogs is true"],
  ])("is not armed where somebody changed %s", (_, settings, more, what) => {
    const list = found(changed(settings, more), [guarding]);
    expect(list.map((one) => one.what)).toEqual([expect.stringContaining(`is not as declared: ${what}`)]);
    expect(list[0]?.remedy).toBe(RESTORE);
  });

  test("has a remedy in the order in which it works", () => {
    const [fault] = found(withFilter(ok("no-group")), [guarding]);
    expect(fault?.remedy).toBe(
      `Correct its name in Pulumi.stageB.yaml, or have the group made again. ${RESTORE}`,
    );
  });

  test("is not armed by any filter but its own", () => {
    const keys = ["namespace", "name", "value", "defaultValue"];
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.string({ minLength: 2 }), (key, value) => {
        fc.pre(value !== filter.settings[key]);
        expect(found(changed({ [key]: value }), [guarding])).toHaveLength(1);
      }),
    );
  });
});

test("rows without a log have no filter", () => {
  expect(facts().lines.size).toBe(0);
  expect(found({})).toEqual([]);
});
