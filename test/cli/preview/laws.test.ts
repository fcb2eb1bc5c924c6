import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHANGE_KINDS } from "../../../cli/preview/changes";
import { markdownOf } from "../../../cli/preview/markdown";
import type { PreviewView } from "../../../cli/preview/view";
import { code, fenced, row, text } from "../../../src/text/markdown";
import { GITHUB_LIMIT, MARKER_PREFIX, markerIn, markerOf } from "../../../src/text/marker";

/** What would hurt if it got through, mixed with anything else. */
const hostile = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "<!-- cutover:ops-view/stageA -->",
    "-->",
    "a | b || c \\| d \\\\| e",
    "```\nout",
    "`x` ``y``",
    "@everyone #1 GH-2",
    "<img src=x onerror=alert(1)>",
    "</details>",
    "[here](https://evil.example.com)",
    "line\nof two\r\nand three\u2028four",
    "$x$ **b** _i_ ~~s~~",
    "\ud800",
    "\u202eback\u202c",
    "x".repeat(5_000),
    "&|".repeat(3_000),
  ),
);
const words = fc.array(hostile, { minLength: 0, maxLength: 3 }).map((parts) => parts.join(""));
const flag = fc.oneof(fc.boolean(), fc.integer({ min: 0, max: 100 }));
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
/** Few, or more than any comment can hold. */
const many = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof(
    { weight: 9, arbitrary: fc.array(arbitrary, { maxLength: 4 }) },
    { weight: 1, arbitrary: arbitrary.chain((one) => fc.constant(Array.from({ length: 150 }, () => one))) },
  );

const view: fc.Arbitrary<PreviewView> = fc.record({
  version: fc.constant(1 as const),
  rollout: words,
  stage: words,
  title: optional(words),
  attempt: optional(fc.nat()),
  outcome: fc.constantFrom("allowed", "blocked", "failed"),
  kind: fc.constantFrom("raise", "lower", "restart", "none", "refused", "foundation", "unknown"),
  why: fc.constantFrom("live", "superseded", "aborted", "finished", undefined),
  sentence: optional(words),
  commit: optional(words),
  live: optional(
    fc.record({
      since: words,
      deployment: fc.nat(),
      by: words,
      reason: optional(words),
      drilled: fc.boolean(),
    }),
  ),
  flags: many(
    fc.record({
      flag: words,
      live: optional(flag),
      proposed: flag,
      change: fc.constantFrom("raise", "lower", "none", "unknown"),
    }),
  ),
  gates: many(
    fc.record({
      gate: words,
      title: words,
      outcome: fc.constantFrom("pass", "fail", "inconclusive", "not-run", "at-the-flip"),
      observed: words,
      required: words,
      remedy: words,
      earliest: optional(fc.constant("2026-11-22T09:00:00.000Z")),
    }),
  ),
  earliest: optional(words),
  weakenings: many(
    fc.record({
      key: words,
      says: words,
      against: fc.subarray(["lastFlip", "predecessor", "base"], { minLength: 1 }),
      reason: optional(words),
    }),
  ),
  unrecorded: fc.boolean(),
  newInBase: fc.boolean(),
  copy: fc.boolean(),
  objections: many(words),
  trouble: optional(fc.record({ what: words, remedy: words, said: many(words) })),
  signOffs: many(fc.record({ gate: words, title: words, why: words, remedy: words })),
  changes: optional(
    fc.record({
      complete: fc.boolean(),
      list: many(fc.record({ kind: fc.constantFrom(...CHANGE_KINDS), type: words, name: words })),
    }),
  ),
  snapshot: optional(fc.record({ id: words, kind: fc.constantFrom("instance", "cluster"), of: words })),
  aborts: many(
    fc.record({
      row: words,
      stage: words,
      title: words,
      fires: words,
      action: fc.constantFrom("rollback", "page"),
      flags: fc.array(
        fc.record({ flag: words, from: flag, to: flag, direction: fc.constantFrom("raise", "lower") }),
        { maxLength: 3 },
      ),
      pagedMs: fc.nat(),
      downMs: optional(fc.nat()),
      remindAfter: optional(words),
      undecided: optional(fc.constant("rollback")),
      incident: fc.boolean(),
      restarts: fc.boolean(),
    }),
  ),
  told: many(
    fc.record({
      topic: fc.constantFrom("onCall", "ops", "stakeholders"),
      pages: many(words),
      incidents: many(words),
      messages: many(words),
      rollbacks: fc.boolean(),
      channels: many(fc.record({ name: words, tool: words })),
      subscriptions: many(words),
    }),
  ),
  smoke: many(words),
  timeScale: fc.constantFrom(1, 60),
}) as fc.Arbitrary<PreviewView>;

/** How many columns a line of a table has, as GitHub counts them: pipes that nothing escapes. */
function columns(line: string): number {
  return (line.match(/(?<!\\)\|/g)?.length ?? 0) - 1;
}

describe("any comment", () => {
  it("is under GitHub's limit, begins with its own marker and holds no other", () => {
    fc.assert(
      fc.property(view, (any) => {
        const comment = markdownOf(any);
        expect(comment.length).toBeLessThan(GITHUB_LIMIT);
        expect(markerIn(comment)).toBe(markerOf(any.rollout, any.stage));
        expect(comment.split(MARKER_PREFIX).length).toBe(2);
        expect(comment.split("<!--").length).toBe(2);
        expect(markdownOf(structuredClone(any))).toBe(comment);
      }),
      { numRuns: 60 },
    );
  });

  it("has whole tables and folds, whatever stands in their cells and wherever it is cut", () => {
    fc.assert(
      fc.property(view, fc.integer({ min: 30_000, max: GITHUB_LIMIT }), (any, limit) => {
        const lines = markdownOf(any, limit).split("\n");
        for (const [index, line] of lines.entries()) {
          // The row below a table's head says how many columns each row has.
          if (!/^\| --- /.test(line)) continue;
          expect(columns(lines[index - 1] ?? "")).toBe(columns(line));
          for (let at = index + 1; lines[at]?.startsWith("|"); at++)
            expect(columns(lines[at] ?? ""), lines[at]).toBe(columns(line));
        }
        const count = (what: RegExp) => lines.filter((line) => what.test(line)).length;
        expect(count(/^<details>/)).toBe(count(/^<\/details>$/));
        expect(count(/^`{3,}yaml$/)).toBe(count(/^`{3,}$/));
      }),
      { numRuns: 60 },
    );
  });
});

describe("escaping", () => {
  it("leaves no HTML, mention, reference, link or line end in any text", () => {
    fc.assert(
      fc.property(words, (any) => {
        const out = text(any);
        expect(out).not.toMatch(/[<>|\n\r\u2028\u2029\0]/);
        expect(out).not.toMatch(/@\w|(?<!&)#\w/);
        expect(out).not.toMatch(/:\/\//);
        expect(out).not.toMatch(/(?<!\\)[`*_[\]]/);
        expect(out).not.toMatch(/\p{Surrogate}/u);
      }),
    );
  });

  it.each([
    ["a|b", "a&#124;b"],
    ["`x`", "\\`x\\`"],
    ["@ada", "@\u200bada"],
    ["<b>&amp;", "&lt;b&gt;&amp;amp;"],
    ["one\n\ntwo", "one two"],
    ["a_b *c*", "a\\_b \\*c\\*"],
    ["\\|", "\\\\&#124;"],
  ])("%j becomes %j", (raw, shown) => {
    expect(text(raw)).toBe(shown);
  });

  it("shows names as code, and only names", () => {
    expect(code("OPS_VIEW_DB_READ")).toBe("`OPS_VIEW_DB_READ`");
    expect(code("a`b")).toBe("a\\`b");
    expect(code("")).toBe("");
  });

  it("keeps a cell that is empty", () => {
    expect(row(["a", "", "c"])).toBe("| a |   | c |");
  });

  it("fences lines that hold fences themselves", () => {
    expect(fenced("yaml", ["a", "```` b"])).toEqual(["`````yaml", "a", "```` b", "`````"]);
    expect(fenced("", ["<!-- cutover:x/y -->"]).join("\n")).not.toContain("<!--");
  });
});

describe("the marker", () => {
  it("is one HTML comment on one line for any names, and another one for other names", () => {
    fc.assert(
      fc.property(words, words, words, words, (a, b, c, d) => {
        const marker = markerOf(a, b);
        expect(markerIn(`${marker}\nrest`)).toBe(marker);
        expect(marker.slice(4, -3)).not.toMatch(/--|[<>\n]/);
        expect(marker.length).toBeLessThan(400);
        const same = (x: string, y: string) =>
          x.replace(/\p{Surrogate}/gu, "\ufffd") === y.replace(/\p{Surrogate}/gu, "\ufffd");
        if (markerOf(c, d) === marker) expect([same(a, c), same(b, d)]).toEqual([true, true]);
      }),
    );
  });

  it("reads as people expect for names as they are", () => {
    expect(markerOf("v2-pipeline", "percent10")).toBe("<!-- cutover:v2-pipeline/percent10 -->");
  });

  it.each(["no marker", "text\n<!-- cutover:a/b -->", "<!-- cutover:a/b --> more", "<!-- cutover: -->"])(
    "is not found in %j",
    (body) => {
      expect(markerIn(body)).toBeUndefined();
    },
  );
});
