import { describe, expect, test } from "vitest";
import { METRICS } from "../../../../cli/init/answers";
import { filesOf } from "../../../../cli/init/files";
import { parseFlag } from "../../../../cli/init/parse";
import { rollbackMap } from "../../../../src/rollout/config/rollback";
import { parseRollout } from "../../../../src/rollout/parse";

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
    ["to nowhere", { title: "Where", to: "All The Way" }, /predecessor/],
  ])("%s is none", (_, step, message) => {
    expect(rollbackMap.safeParse({ R1: step }).error?.message).toMatch(message);
  });
});

describe("the id of a way back is unique in the rollout:", () => {
  const files = filesOf(
    { name: "search", flags: [parseFlag("A")], stages: [{ name: "one" }], metrics: METRICS },
    { program: "index.ts", schema: "schema.json" },
  ).flatMap(({ name: file, text }) => {
    const stack = /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1];
    return stack === undefined ? [] : [{ stack, file, text }];
  });
  const problemsOf = (change: (text: string, stack: string) => string) => {
    const parsed = parseRollout(
      files.map((one) => ({ ...one, text: change(one.text, one.stack) })),
      "folder",
    );
    return parsed.ok ? [] : parsed.problems.map(({ what }) => what);
  };

  test("a stage's against its other rows", () => {
    expect(problemsOf((text) => text.replace("RA1:", "XA1:"))).toEqual([
      expect.stringMatching(/^the row id XA1 is used twice/),
    ]);
  });

  test("the rollout's against every stage's", () => {
    const declared = "    rollback: { RA1: { title: All of it, to: 'off' } }\n";
    const change = (text: string) =>
      text.replace("    flags:\n      A:\n", `${declared}    flags:\n      A:\n`);
    expect(problemsOf((text, stack) => (stack === "baseline" ? change(text) : text))).toEqual([
      expect.stringMatching(/^the row id RA1 is used twice, first at .*cutover:rollout\.rollback\.RA1/),
    ]);
  });
});
