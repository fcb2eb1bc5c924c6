import { describe, expect, test } from "vitest";
import { abortThreshold } from "../../../../src/rollout/config/abortRow";
import { afterAbort } from "../../../../src/rollout/config/afterAbort";
import { problemsOf } from "../../../../src/rollout/config/problems";
import { showProblem } from "../../../../src/text/problem";

const PLACES = {
  "an abort row": {
    schema: abortThreshold,
    config: (logs: object) => ({
      title: "Lines are lost",
      logs,
      threshold: { gt: 0 },
      action: "rollback",
    }),
  },
  afterAbort: { schema: afterAbort, config: (logs: object) => ({ logs }) },
};

describe.each(Object.entries(PLACES))("the logs of %s", (_, { schema, config }) => {
  function said(changes: object): string[] {
    const given = config({ group: "/ecs/ops", pattern: "LOST", ...changes });
    const found = schema.safeParse(given);
    return found.success
      ? []
      : problemsOf(found.error, given, schema, (path) => path.join(".")).map(showProblem);
  }

  test.each(["/ecs/ops-view", "a", "API-Gateway_1.2/#3", "x".repeat(512)])(
    "may be of the group %s",
    (group) => {
      expect(said({ group })).toEqual([]);
    },
  );

  test.each([
    "/ecs/ops view",
    "/ecs/ops:*",
    "arn:aws:logs:eu-central-1:123456789012:log-group:x",
    "/ecs/öps",
  ])("may not be of the group %j", (group) => {
    const [only, ...more] = said({ group });
    expect(more).toEqual([]);
    expect(only).toMatch(/^logs\.group: must be a name of letters, digits and _ - \/ \. # alone.*, got "/);
    expect(only).toMatch(/\. Write it like group: \/ecs\/[a-z-]+$/);
  });

  test("may not be of a group whose name is too long", () => {
    expect(said({ group: "x".repeat(513) })).toEqual([
      expect.stringMatching(/^logs\.group: must be at most 512 characters, got "x+…\. Write it like group: /),
    ]);
  });

  test.each([
    "LOST",
    '"could not write"',
    '{ $.level = "error" }',
    "[ip, ..., status = 5*, bytes]",
    "?A ?B -C",
  ])("may match %s", (pattern) => {
    expect(said({ pattern })).toEqual([]);
  });

  test.each<[string, string]>([
    ["{ $.level }", "Write a condition in braces: pattern: '{ $.level = \"error\" && $.status >= 500 }'"],
    [
      "{ $.level = error",
      "Write a condition in braces: pattern: '{ $.level = \"error\" && $.status >= 500 }'",
    ],
    ["[ip, status =]", "Name every field in brackets: pattern: '[ip, ..., status = 5*, bytes]'"],
    [
      "ERROR: lost",
      "Put double quotes around all but letters, digits and _: pattern: '\"lost: the database\"'",
    ],
    ['"no end', "Put double quotes around all but letters, digits and _: pattern: '\"lost: the database\"'"],
    [
      "%(a|b)%",
      "Put double quotes around all but letters, digits and _: pattern: '\"lost: the database\"'. Between percent signs stands an expression without parentheses, and a pattern holds two at most",
    ],
  ])("may not match %j", (pattern, remedy) => {
    expect(said({ pattern })).toEqual([
      `logs.pattern: must be a filter pattern of CloudWatch Logs, got ${JSON.stringify(pattern)}. ${remedy}`,
    ]);
  });

  test("may not match a pattern that is too long, which is told once", () => {
    expect(said({ pattern: "x".repeat(1_024) })).toEqual([]);
    expect(said({ pattern: `"${"x".repeat(1_024)}` })).toEqual([
      expect.stringMatching(/^logs\.pattern: must be at most 1024 characters, got /),
    ]);
  });
});
