import { describe, expect, test } from "vitest";
import { rollbackMap } from "../../runbook/config";

describe("a way back", () => {
  test.each([
    [{ title: "Writes off", to: "predecessor", within: "2m" }],
    [{ title: "All off", to: "off" }],
    [{ title: "Schema back", sql: "sql/back.sql", within: "10m", notes: "Only when flags are down" }],
    [{ title: "Look at the logs", notes: "Search for the percentage" }],
  ])("%j is one", (step) => {
    expect(rollbackMap.safeParse({ R1: step }).success).toBe(true);
  });

  test.each([
    ["without anything to do", { title: "Nothing" }, /at least one of to, sql, notes/],
    [
      "that lowers flags and runs a script at once",
      { title: "Both", to: "off", sql: "a.sql" },
      /a step of its own/,
    ],
    ["by a script outside of the folder", { title: "Else", sql: "../a.sql" }, /a \.sql file/],
    ["by a script at an absolute path", { title: "Else", sql: "/a.sql" }, /a \.sql file/],
    ["to nowhere", { title: "Where", to: "stageA" }, /predecessor/],
  ])("%s is none", (_, step, message) => {
    expect(rollbackMap.safeParse({ R1: step }).error?.message).toMatch(message);
  });
});
