import { describe, expect, it } from "vitest";
import { readingsOf } from "../../../cli/query/reading";
import { questionsOf } from "../../../cli/query/run";
import { showAnswer, showWindow } from "../../../cli/query/show";
import type { Answer } from "../../../src/imports/answer";
import { loadRollout } from "../../../src/rollout/load";

const NOW = new Date("2026-11-21T12:00:00.000Z");
const HOUR = 3_600_000;
const asked = (options: object) => questionsOf({ ids: [], olderThan: "2h", ...options }, NOW);

describe("what is asked", () => {
  it("is all six, over the last day, unless somebody says otherwise", () => {
    expect(asked({})).toEqual({
      ids: ["Q1", "Q2", "Q3", "Q4", "Q5", "Q6"],
      since: "2026-11-20T12:00:00.000Z",
      until: "2026-11-21T12:00:00.000Z",
      olderThanMs: 2 * HOUR,
    });
  });

  it.each([
    [
      { ids: ["q5", "Q1"], last: "90m" },
      ["Q1", "Q5"],
      "2026-11-21T10:30:00.000Z",
      "2026-11-21T12:00:00.000Z",
    ],
    [
      { ids: ["Q6"], since: "2026-11-01T00:00:00+01:00" },
      ["Q6"],
      "2026-10-31T23:00:00.000Z",
      "2026-11-21T12:00:00.000Z",
    ],
    [
      { ids: ["Q6"], until: "2026-11-10T00:00:00Z", last: "1h" },
      ["Q6"],
      "2026-11-09T23:00:00.000Z",
      "2026-11-10T00:00:00.000Z",
    ],
  ])("%j", (options, ids, since, until) => {
    expect(asked(options)).toMatchObject({ ids, since, until });
  });

  it.each<[string, object, string[]]>([
    [
      "all that is wrong, at once",
      { ids: ["Q7", "G1"], last: "soon", olderThan: "2" },
      ["Q7", "G1", "--last", "--older-than"],
    ],
    ["two windows", { last: "1h", since: "2026-11-21T10:00:00Z" }, ["--last"]],
    ["a time that is none", { since: "yesterday" }, ["--since"]],
    ["a window the wrong way round", { since: "2026-11-22T00:00:00Z" }, ["--since"]],
    ["an empty window", { last: "0s" }, ["--since"]],
  ])("tells %s", (_, options, where) => {
    const found = asked(options);
    expect("problems" in found && found.problems.map((problem) => problem.where)).toEqual(where);
  });
});

describe("an answer", () => {
  const q1 = (rate: number | null, imports = 10): Answer => ({
    id: "Q1",
    table: { columns: ["imports", "success_rate"], rows: [[imports, rate]] },
  });

  it("stands beside the baseline", () => {
    const shown = showAnswer(q1(97.5), q1(99, 1_000), ["how to read it"]);
    expect(shown).toMatch(/│\s+│ now\s+│ baseline │/);
    expect(shown).toMatch(/imports\s+│ 10\s+│ 1000/);
    expect(shown).toMatch(/success_rate\s+│ 97\.5\s+│ 99 /);
    expect(shown).toMatch(/\n {2}how to read it$/);
  });

  it.each([
    [null, "–"],
    [94.999_99, "94.999"],
    [95, "95"],
    [-0.000_01, "0"],
  ])("is cut off, never rounded up to what a gate asks for: %s", (rate, expected) => {
    expect(showAnswer(q1(rate), undefined, [])).toMatch(new RegExp(`success_rate\\s+│ -?${expected}\\s+│`));
  });

  it("has the baseline's row of the same name beside each row", () => {
    const q5 = (rows: (string | number | null)[][]): Answer => ({
      id: "Q5",
      table: { columns: ["version", "imports", "success_rate", "note"], rows },
    });
    const shown = showAnswer(
      q5([
        ["v1", 90, 99, null],
        ["v2", 10, 80, null],
      ]),
      q5([["v1", 500, 98, null]]),
      [],
    );
    expect(shown).toMatch(/v1\s+│ 90\s+│ 99\s+│ 98\s+│ –/);
    expect(shown).toMatch(/v2\s+│ 10\s+│ 80\s+│ –/);
    // A column in which nothing stands is left out.
    expect(shown).not.toContain("note");
  });

  it("that is missing says why", () => {
    expect(showAnswer({ id: "Q3", failure: "timeout" }, undefined, [])).toContain("No answer: timeout");
    expect(showAnswer({ id: "Q4", table: { columns: ["rank"], rows: [] } }, undefined, [])).toContain(
      "unknown",
    );
  });

  it("commands no terminal, whatever an error's text holds", () => {
    const shown = showAnswer(
      { id: "Q4", table: { columns: ["pattern"], rows: [["a\u001b[2Jb"]] } },
      undefined,
      [],
    );
    expect(shown).toContain("a [2Jb");
  });

  it("is about a window, and its baseline has a date", () => {
    const window = { since: "2026-11-20T12:00:00.000Z", until: "2026-11-21T12:00:00.000Z" };
    expect(showWindow(window, undefined)).toBe(
      "Imports started from 2026-11-20 12:00 to 2026-11-21 12:00 UTC.",
    );
    expect(
      showWindow(window, { at: "2026-11-01T08:30:00.000Z", since: "", until: "", answers: [] }),
    ).toContain("Baseline of 2026-11-01 08:30 UTC");
  });
});

describe("how it is read", () => {
  const rollout = loadRollout("rollouts/v2-pipeline");

  it("names the gates and the alarms that ask the same question, and where they apply", () => {
    const lines = readingsOf(rollout, "Q1", undefined);
    expect(lines[0]).toMatch(/no pass/);
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^G1 \(exit\) demands: .*its value over the soak ≥ 95\)\. In percent10, percent50/,
      ),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^T1 brings the flags down: .*over 1h is > 5\)/));
    expect(lines.join("\n")).not.toMatch(/\bG2\b|\bT2\b/);
  });

  it("is that of one stage alone, where one is asked for", () => {
    const lines = readingsOf(rollout, "Q2", "percent50");
    expect(lines).toContainEqual(expect.stringMatching(/^G2 .*\. In percent50$/));
    expect(lines.join("\n")).not.toContain("T2");
  });

  it("is told in general where no gate asks", () => {
    expect(readingsOf(rollout, "Q3", undefined)).toHaveLength(1);
  });
});
