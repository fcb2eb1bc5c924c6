import { expect, test } from "vitest";
import { dimensions } from "../../../src/aws/metricNames";
import { mathMetrics } from "../../../src/aws/metricSource";

const errors = { namespace: "OpsView", name: "Queue5xx", statistic: "Sum" };

test("dimensions are at most thirty, and none begins with a colon", () => {
  const many = Object.fromEntries(Array.from({ length: 31 }, (_, n) => [`D${n}`, "x"]));
  expect(dimensions.safeParse(many).success).toBe(false);
  expect(dimensions.safeParse({ ":D": "x" }).success).toBe(false);
  expect(dimensions.safeParse({ D: "" }).success).toBe(false);
  expect(dimensions.safeParse({ D: "x" }).success).toBe(true);
});

test.each<[string, object]>([
  ["a blank namespace", { namespace: "  " }],
  ["a namespace that begins with a colon", { namespace: ":Shop" }],
  ["a namespace with an umlaut", { namespace: "Käufe" }],
  ["a blank name", { name: " \t" }],
  ["a name of two lines", { name: "Errors\n" }],
  ["a blank dimension", { dimensions: { " ": "a" } }],
  ["a dimension that holds a blank", { dimensions: { Host: " " } }],
  ["a dimension that is no ASCII", { dimensions: { Host: "büro" } }],
])("AWS knows no metric with %s", (_, changes) => {
  expect(mathMetrics.safeParse({ e: { ...errors, ...changes } }).success).toBe(false);
});

test.each<[string, object]>([
  ["AWS's own", { namespace: "AWS/ApplicationELB" }],
  ["CWAgent's with blanks", { namespace: "Shop Orders", name: "Memory % used" }],
  ["many signs", { namespace: "a.b-c_d/e#f:g", name: "p{x}(1)", dimensions: { "a b": "app/ops/50dc" } }],
])("but it knows %s", (_, changes) => {
  expect(mathMetrics.safeParse({ e: { ...errors, ...changes } }).success).toBe(true);
});
