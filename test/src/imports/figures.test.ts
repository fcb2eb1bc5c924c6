import { describe, expect, test } from "vitest";
import type { Answer, Baseline } from "../../../src/imports/answer";
import { figuresOf, showSpan } from "../../../src/imports/figures";
import { NO_VERSION } from "../../../src/imports/queries/versions";

type Whole = Extract<Answer, { table: unknown }>;
const answer = (id: Answer["id"], columns: string[], ...rows: Whole["table"]["rows"]): Answer => ({
  id,
  table: { columns, rows },
});

describe("an answer in words", () => {
  test("of one row is a line for each value, the baseline behind it", () => {
    const columns = ["imports", "failed", "success_rate"];
    const now = answer("Q1", columns, [120, 6, 94.9996]);
    const before = answer("Q1", columns, [1_000, 20, 98]);
    expect(figuresOf(now, before)).toEqual({
      id: "Q1",
      title: "How many imports succeed",
      // Cut off, never rounded.
      lines: ["imports 120 (baseline 1000)", "failed 6 (baseline 20)", "success_rate 94.999 (baseline 98)"],
    });
    expect(figuresOf(now, undefined).lines).toEqual(["imports 120", "failed 6", "success_rate 94.999"]);
  });

  test("of durations leaves out what never was, in neither of the two", () => {
    const columns = ["bucket", "took", "imports", "share", "cumulative"];
    const now = answer(
      "Q3",
      columns,
      [1, "below 1 s", 0, 0, 0],
      [2, "1 s to 2 s", 9, 90, 90],
      [3, "2 s to 5 s", 0, 0, 90],
    );
    const before = answer(
      "Q3",
      columns,
      [1, "below 1 s", 0, 0, 0],
      [2, "1 s to 2 s", 5, 50, 50],
      [3, "2 s to 5 s", 5, 50, 100],
    );
    expect(figuresOf(now, before).lines).toEqual([
      "1 s to 2 s: imports 9, share 90 (baseline 50), cumulative 90 (baseline 50)",
      "2 s to 5 s: imports 0, share 0 (baseline 50), cumulative 90 (baseline 100)",
    ]);
  });

  test("of versions says both, also where one has no import", () => {
    const columns = ["version", "imports", "success_rate", "p50_seconds", "p95_seconds", "note"];
    const now = answer("Q5", columns, ["v1", 90, 99, 2, 5, null], ["v2", 0, null, null, null, null]);
    const before = answer("Q5", columns, ["v1", 100, 98, 2, 6, null], ["v2", 0, null, null, null, null]);
    expect(figuresOf(now, before).lines).toEqual([
      "v1: imports 90, success_rate 99 (baseline 98), p50_seconds 2 (baseline 2), p95_seconds 5 (baseline 6)",
      "v2: imports 0",
    ]);
  });

  test("of versions says where there is no column, and what to do", () => {
    const columns = ["version", "imports", "note"];
    expect(figuresOf(answer("Q5", columns, [null, null, NO_VERSION]), undefined).lines).toEqual([NO_VERSION]);
  });

  test("of a time line keeps every part: an empty one is what people look for", () => {
    const columns = ["starting", "imports", "v1", "v2"];
    const now = answer(
      "Q6",
      columns,
      ["2026-11-21T12:00:00.000Z", 4, 3, 1],
      ["2026-11-21T12:15:00.000Z", 0, 0, 0],
    );
    expect(figuresOf(now, undefined).lines).toEqual([
      "2026-11-21 12:00: imports 4, v1 3, v2 1",
      "2026-11-21 12:15: imports 0, v1 0, v2 0",
    ]);
  });

  test("says why there is none", () => {
    expect(figuresOf({ id: "Q1", failure: "permission denied" }, undefined).lines).toEqual([
      "No answer: permission denied",
    ]);
    expect(figuresOf(answer("Q1", ["imports"]), undefined).lines[0]).toContain("unknown");
  });
});

test("says which time it is about, and what is beside it", () => {
  const span = { since: "2026-11-21T11:00:00.000Z", until: "2026-11-21T12:00:00.000Z" };
  const recorded: Baseline = { ...span, at: "2026-11-01T08:30:00.000Z", answers: [] };
  expect(showSpan(span, recorded)).toBe(
    "imports started from 2026-11-21 11:00 to 2026-11-21 12:00 UTC; beside the baseline of 2026-11-01 08:30 UTC, over the day before it",
  );
  expect(showSpan(span, undefined)).toContain("no baseline is recorded");
});
