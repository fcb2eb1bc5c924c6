import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  acknowledgedIn,
  codeDigest,
  newCode,
  pagesIn,
  readCode,
  showSeen,
} from "../../../src/flags/acknowledged";
import type { LedgerEntry, Note } from "../../../src/flags/ledger";

const NOW = Date.parse("2026-11-21T10:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const CODE = "K7QM2-XWD9F";
const OTHER = "00000-00000";

const entry = (deployment: number, age: number, note: Partial<Note>, more: object = {}): LedgerEntry => ({
  deployment,
  state: "complete",
  completedAt: new Date(NOW - age).toISOString(),
  configurationVersion: "1",
  carries: true,
  note: { cutover: 1, rollout: "ops-view", kind: "page", stage: "stageB", attempt: 1, ...note },
  ...more,
});
const paged = (deployment: number, age: number, code = CODE, more: Partial<Note> = {}) => {
  const stage = more.stage ?? "stageB";
  return entry(deployment, age, { digest: codeDigest({ rollout: "ops-view", stage }, code), ...more });
};
const answered = (
  deployment: number,
  age: number,
  code = CODE,
  more: Partial<Note> = {},
  rest: object = {},
) => entry(deployment, age, { kind: "acknowledge", code, by: "ada", listeners: "abc", ...more }, rest);

test.each(["KOQM2-XWD1F", "koqm2-xwdlf", "K0QM2-XWDIF"])(
  "letters that a person takes for digits are those digits: %s",
  (typed) => {
    const of = { rollout: "ops-view", stage: "stageB" };
    expect(codeDigest(of, typed)).toBe(codeDigest(of, "K0QM2-XWD1F"));
    expect(codeDigest(of, typed)).not.toBe(codeDigest(of, "K0QM2-XWD0F"));
  },
);

const PAGE = { deployment: 2, stage: "stageB", at: NOW - HOUR, by: "ada", listeners: "abc" };

describe("what the ledger tells of pages", () => {
  test.each<[string, LedgerEntry[], object]>([
    ["nothing, before the first", [], {}],
    ["an answered page", [paged(2, HOUR), answered(3, HOUR - MINUTE)], { page: PAGE }],
    [
      "an answered drill",
      [paged(2, HOUR, CODE, { kind: "drill" }), answered(3, HOUR - MINUTE)],
      { page: PAGE },
    ],
    ["a page that may be answered yet", [paged(2, MINUTE)], {}],
    ["a page that nobody answered in time", [paged(2, 2 * HOUR)], { unanswered: 2 }],
    [
      "the older one, while the newer may be answered yet",
      [paged(2, HOUR), answered(3, HOUR - MINUTE), paged(4, MINUTE, OTHER)],
      { page: PAGE },
    ],
    [
      "that the newer one was not answered",
      [paged(2, 3 * HOUR), answered(3, 3 * HOUR - MINUTE), paged(4, 2 * HOUR, OTHER)],
      { page: { ...PAGE, at: NOW - 3 * HOUR }, unanswered: 4 },
    ],
    ["a wrong code as none", [paged(2, 2 * HOUR), answered(3, 2 * HOUR - MINUTE, OTHER)], { unanswered: 2 }],
    [
      "another stage's code as none",
      [paged(2, 2 * HOUR), answered(3, 2 * HOUR - MINUTE, CODE, { stage: "stageA" })],
      { unanswered: 2 },
    ],
    [
      "an answer that came before the page as none",
      [answered(1, HOUR), paged(2, 2 * HOUR)],
      { unanswered: 2 },
    ],
    ["an answer that came too late as none", [paged(2, 5 * HOUR), answered(3, HOUR)], { unanswered: 2 }],
    [
      "an answer whose entry changed the flags as none",
      [paged(2, 2 * HOUR), answered(3, 2 * HOUR - MINUTE, CODE, {}, { carries: false })],
      { unanswered: 2 },
    ],
    [
      "an answer whose entry was taken back as none",
      [paged(2, 2 * HOUR), answered(3, 2 * HOUR - MINUTE, CODE, {}, { state: "rolled-back" })],
      { unanswered: 2 },
    ],
    ["another rollout's page as none", [paged(2, 2 * HOUR, CODE, { rollout: "v2" })], {}],
    ["a drill without a code as none", [entry(2, 2 * HOUR, { kind: "drill" })], {}],
  ])("%s", (_, history, expected) => {
    expect(acknowledgedIn(history, "ops-view", NOW)).toEqual(expected);
    expect(acknowledgedIn([...history].reverse(), "ops-view", NOW)).toEqual(expected);
  });
});

describe("a page of an alarm that rolled back", () => {
  const rolledBack = (age: number, more: Partial<Note> = {}) =>
    paged(2, age, CODE, { kind: "abort", row: "XB1", ...more });

  test.each<[string, LedgerEntry[], object]>([
    [
      "shows in time that a person is reached",
      [rolledBack(HOUR), answered(3, HOUR - MINUTE)],
      { page: PAGE },
    ],
    [
      "also where the flags were down",
      [rolledBack(HOUR, { kind: "stop" }), answered(3, HOUR - MINUTE)],
      { page: PAGE },
    ],
    ["shows nothing where nobody acknowledged it", [rolledBack(5 * HOUR)], {}],
    ["shows nothing where that came late", [rolledBack(5 * HOUR), answered(3, HOUR)], {}],
    [
      "leaves a drill that nobody answered as it was",
      [paged(1, 9 * HOUR, OTHER), rolledBack(5 * HOUR)],
      { unanswered: 1 },
    ],
  ])("%s", (_, history, expected) => {
    expect(acknowledgedIn(history, "ops-view", NOW)).toEqual(expected);
  });

  test("is listed with who saw it first, however late, among the others that carried a code", () => {
    const history = [
      rolledBack(9 * HOUR),
      answered(3, HOUR),
      answered(4, MINUTE, CODE, { by: "grace" }),
      paged(5, MINUTE, OTHER, { kind: "drill" }),
      entry(6, MINUTE, { kind: "abort" }),
    ];
    expect(pagesIn(history, "ops-view").map((one) => [one.deployment, one.seen?.by, showSeen(one)])).toEqual([
      [5, undefined, "nobody has said that they saw it"],
      [2, "ada", "seen by ada after 8 h"],
    ]);
  });
});

describe("a code that is typed", () => {
  const typed = (code: string, history: LedgerEntry[]) => {
    const read = readCode(history, { rollout: "ops-view", code, now: NOW });
    if (read.kind === "unknown") return read;
    const { page, ...rest } = read;
    return { ...rest, deployment: page.deployment, seen: page.seen !== undefined };
  };
  const answers = { kind: "answers", deployment: 2, seen: false, counts: true };

  test.each<[string, string, LedgerEntry[], object]>([
    ["answers the page", CODE, [paged(2, MINUTE)], answers],
    ["whatever its stage", CODE, [paged(2, MINUTE, CODE, { stage: "stageA" })], answers],
    ["however it is spelled", " k7qm2xwd9f", [paged(2, MINUTE)], answers],
    ["twice is once", CODE, [paged(2, DAY), answered(3, DAY - MINUTE)], { ...answers, seen: true }],
    ["is none", OTHER, [paged(2, MINUTE)], { kind: "unknown" }],
    [
      "is an older page's",
      CODE,
      [paged(2, 2 * MINUTE), paged(4, MINUTE, OTHER)],
      { kind: "old", deployment: 2, seen: false, newer: 4 },
    ],
    [
      "is the newest that was asked for, whatever an alarm sent since",
      CODE,
      [paged(2, 2 * MINUTE), paged(4, MINUTE, OTHER, { kind: "abort" })],
      answers,
    ],
    ["is too late", CODE, [paged(2, 2 * HOUR)], { kind: "late", deployment: 2, seen: false }],
    ["is an alarm's", CODE, [paged(2, MINUTE, CODE, { kind: "abort" })], answers],
    [
      "is an alarm's, which may be acknowledged late",
      CODE,
      [paged(2, 2 * HOUR, CODE, { kind: "abort" }), paged(4, MINUTE, OTHER, { kind: "stop" })],
      { ...answers, counts: false },
    ],
    ["is another rollout's", CODE, [paged(2, MINUTE, CODE, { rollout: "v2" })], { kind: "unknown" }],
  ])("%s", (_, code, history, expected) => {
    expect(typed(code, history)).toEqual(expected);
  });

  test("counts for nothing unless the page carried it, whatever the ledger says otherwise", () => {
    fc.assert(
      fc.property(fc.constantFrom(newCode(), OTHER, "", "2"), fc.integer({ min: 3, max: 9 }), (code, at) => {
        const page = paged(2, 2 * HOUR, CODE);
        const digest = page.note?.digest ?? "";
        for (const forged of [code, digest, digest.slice(0, 10)]) {
          const history = [page, answered(at, 2 * HOUR - MINUTE, forged)];
          expect(acknowledgedIn(history, "ops-view", NOW).page).toBeUndefined();
          expect(typed(forged, [paged(2, MINUTE)])).toEqual({ kind: "unknown" });
        }
      }),
    );
  });
});

test("no two codes are alike, and each is easy to type", () => {
  const codes = Array.from({ length: 200 }, newCode);
  expect(new Set(codes).size).toBe(200);
  for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
});
