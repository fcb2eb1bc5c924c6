import { describe, expect, it, test } from "vitest";
import { reasonOf, showProblem, UserError } from "../../../src/text/problem";

const where = {
  where: "Pulumi.stageA.yaml:7 cutover:stage.soak",
  what: "is missing",
  remedy: "Add soak: 24h",
};

test("a problem reads as one line: where, what, and what to do", () => {
  expect(showProblem(where)).toBe("Pulumi.stageA.yaml:7 cutover:stage.soak: is missing. Add soak: 24h");
});

describe("UserError", () => {
  it("lists every problem under its headline", () => {
    const error = new UserError("The config has 2 problems:", [where, { ...where, what: "is odd" }]);
    expect(error.message.split("\n")).toEqual([
      "The config has 2 problems:",
      "  - Pulumi.stageA.yaml:7 cutover:stage.soak: is missing. Add soak: 24h",
      "  - Pulumi.stageA.yaml:7 cutover:stage.soak: is odd. Add soak: 24h",
    ]);
    expect(error.name).toBe("UserError");
    expect(error.problems).toHaveLength(2);
  });

  it("is its headline alone where there is nothing to list", () => {
    expect(new UserError("No AWS region is set").message).toBe("No AWS region is set");
  });
});

test.each([
  ["an error's message", new Error("no route"), "no route"],
  ["on one line", new Error("first\n   second\tthird "), "first second third"],
  ["its name where it has no message", new RangeError(""), "RangeError"],
  [
    "the first of several",
    new AggregateError([new Error("::1 refused"), new Error("127.0.0.1 refused")], ""),
    "::1 refused",
  ],
  ["an empty aggregate", new AggregateError([], "all failed"), "all failed"],
  ["text that was thrown", "plain text", "plain text"],
  ["nothing that was thrown", undefined, "undefined"],
])("reasonOf is %s", (_, error, expected) => {
  expect(reasonOf(error)).toBe(expected);
});
