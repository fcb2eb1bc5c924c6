import { describe, expect, test } from "vitest";
import { changedIn } from "../../../src/rollout/changed";

describe("what an alarm is set up with", () => {
  test.each<[string, object, object, string[]]>([
    ["as declared", { period: 10, threshold: 0 }, { period: 10, threshold: 0 }, []],
    ["more than is declared", {}, { statistic: "Sum" }, ["statistic is Sum, declared is nothing"]],
    [
      "dimensions in another order",
      { dimensions: { a: "1", b: "2" } },
      { dimensions: { b: "2", a: "1" } },
      [],
    ],
    [
      "dimensions that are missing",
      { dimensions: { a: "1" } },
      {},
      ['dimensions is not set, declared is {"a":"1"}'],
    ],
    ["no dimensions, however they are written", { dimensions: {} }, {}, []],
    [
      "math in another order",
      { metricQueries: [{ id: "e", expression: "a/b" }, { id: "a" }] },
      { metricQueries: [{ id: "a" }, { id: "e", expression: "a/b", period: undefined }] },
      [],
    ],
    [
      "another expression",
      { metricQueries: [{ id: "e", expression: "a/b" }] },
      { metricQueries: [{ id: "e", expression: "0*a" }] },
      ['metricQueries is [{"expression":"0*a","id":"e"}], declared is [{"expression":"a/b","id":"e"}]'],
    ],
  ])("%s", (_, declared, settings, changes) => {
    expect(changedIn(declared, { settings })).toEqual(changes);
  });
});
