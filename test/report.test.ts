import { describe, expect, it } from "vitest";
import { brokenFiles, failuresOf, type Report, slowestFiles, slowestOf } from "./report";

const report: Report = {
  numPassedTests: 1,
  numFailedTests: 1,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [
    {
      name: "/project/test/a.test.ts",
      status: "failed",
      assertionResults: [
        { status: "passed", fullName: "goes up", duration: 40, failureMessages: [] },
        {
          status: "failed",
          fullName: "comes down",
          duration: 1_250,
          failureMessages: ["\u001b[31mexpected 1\u001b[39m\nto be 2", "twice"],
        },
        { status: "skipped", fullName: "stays" },
      ],
    },
    { name: "/elsewhere/b.test.ts", status: "failed", message: "no such module", assertionResults: [] },
  ],
};

describe("the end of a run", () => {
  it("names every failed test, where it stands and what it said", () => {
    expect(failuresOf(report, "/project")).toEqual([
      "/elsewhere/b.test.ts\n    no such module",
      "test/a.test.ts: comes down\n    expected 1\n    to be 2\n    twice",
    ]);
  });

  it("cuts what a failure says, since the whole of it stands above", () => {
    const [, second] = report.testResults;
    const long = { ...second, message: Array.from({ length: 50 }, (_, line) => `line ${line}`).join("\n") };
    const [said] = failuresOf({ ...report, testResults: [long as (typeof report.testResults)[number]] }, "/");
    expect(said?.split("\n")).toHaveLength(22);
    expect(said).toMatch(/line 19\n {4}…$/);
  });

  it("counts a file that could not be loaded", () => {
    expect(brokenFiles(report).map(({ name }) => name)).toEqual(["/elsewhere/b.test.ts"]);
  });

  it("names the slowest tests, the slowest first", () => {
    expect(slowestOf([report, report], "/project", 3)).toEqual([
      "   1.3 s  test/a.test.ts: comes down",
      "   1.3 s  test/a.test.ts: comes down",
      "   0.0 s  test/a.test.ts: goes up",
    ]);
  });

  it("names the slowest files, the slowest first", () => {
    expect(slowestFiles({ "test/a.test.ts": 40, "test/b.test.ts": 65_430, "test/c.test.ts": 7 }, 2)).toEqual([
      "  65.4 s  test/b.test.ts",
      "   0.0 s  test/a.test.ts",
    ]);
  });
});
