import { describe, expect, it } from "vitest";
import { linesAround } from "../../../../sandbox/standin/logs/candidates";
import { canTurn, linesFor, turnedWith } from "../../../../sandbox/standin/logs/lines";
import type { LogRow } from "../../../../sandbox/standin/logs/logRows";
import { patternOf } from "../../../../src/aws/logPatterns/pattern";

describe("lines are found that match, and lines that do not", () => {
  it.each([
    "ERROR",
    "ERROR -retried",
    "?ERROR ?WARN",
    '"could not write the audit event"',
    '"said \\"no\\"" again',
    "%ERROR [45]\\d{2}%",
    "%^[Ff]ailed|refused: .+$%",
    '{ $.level = "error" }',
    '{ $.level = "err*" && $.status >= 500 }',
    '{ $.level != "info" }',
    "{ ($.status = 500 || $.status = 502) && $.retried IS FALSE }",
    "{ $.user.id NOT EXISTS && $.kind = login }",
    '{ $.errors[0].code = "E1" }',
    "{ $.errors[*].code = %E\\d+% }",
    "{ $.gone IS NULL }",
    "[time, level = ERROR, ...]",
    "[..., status = 5*, bytes]",
    "[ip, status >= 400 && status < 500]",
  ])("%s", (pattern) => {
    const matches = patternOf(pattern);
    const lines = linesAround(pattern);
    expect(lines.some((line) => matches?.(line))).toBe(true);
    expect(lines.some((line) => !matches?.(line))).toBe(true);
  });
});

function row(id: string, pattern: string, limit: { more?: number; fewer?: number } = { more: 0 }): LogRow {
  const { more, fewer } = limit;
  return {
    id: `stageA.${id}`,
    stage: "stageA",
    row: id,
    group: "/app",
    pattern,
    metric: { namespace: "N", name: id },
    matches: patternOf(pattern) ?? (() => false),
    isBad: (lines) => (more === undefined ? lines < (fewer ?? 0) : lines > more),
    content: fewer ?? 0,
    bad: more === undefined ? 0 : more + 1,
    periodMs: 60_000,
    breaching: 1,
  };
}

function found(rows: readonly LogRow[]) {
  const lines = linesFor(rows);
  if (!lines.ok) throw new Error("no lines");
  return lines.value;
}

describe("the lines of a log group", () => {
  it("content every row of it, each second", () => {
    const rows = [row("L1", "ERROR"), row("L2", "heartbeat", { fewer: 2 }), row("L3", "?WARN ?ERROR")];
    const [{ good } = { good: [] }] = found(rows);
    for (const one of rows) expect(one.isBad(good.filter(one.matches).length)).toBe(false);
  });

  it("are not found where one row wants what another one forbids", () => {
    const rows = [row("L1", "ERROR"), row("L2", "ERROR", { fewer: 1 })];
    expect(linesFor(rows)).toEqual({ ok: false, rows });
  });

  it("make one row bad, with as few others as there are", () => {
    const [narrow, wide, other] = [row("L1", "ERROR -disk"), row("L2", "ERROR"), row("L3", "WARN")];
    const rows = [narrow, wide, other];
    const lines = found(rows);
    expect(turnedWith(narrow, rows, lines).map(({ id }) => id)).toEqual(["stageA.L2"]);
    expect(turnedWith(other, rows, lines)).toEqual([]);
    expect(rows.every((one) => canTurn(one, lines))).toBe(true);
  });

  it("turn no row whose limit is beyond them", () => {
    const [one, many] = [row("L1", "ERROR"), row("L2", "ERROR", { more: 9 })];
    expect(turnedWith(one, [one, many], found([one, many]))).toEqual([]);
    expect(turnedWith(many, [one, many], found([one, many]))).toEqual([one]);
  });
});
