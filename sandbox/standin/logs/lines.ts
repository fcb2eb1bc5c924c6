import { linesAround } from "./candidates";
import type { LogRow } from "./logRows";

/** What is written to one log group. */
export interface GroupLines {
  readonly group: string;
  /** The lines of each second, with which every row is content. */
  readonly good: readonly string[];
  /** A line that makes a row bad, once there are enough of it, by the row's id. */
  readonly bad: ReadonlyMap<string, string>;
}

/** The lines of every log group that rows watch, or the rows for whose group none were found. */
export function linesFor(
  rows: readonly LogRow[],
):
  | { readonly ok: true; readonly value: readonly GroupLines[] }
  | { readonly ok: false; readonly rows: readonly LogRow[] } {
  const found = [...new Set(rows.map(({ group }) => group))].map((group) => {
    const own = rows.filter((row) => row.group === group);
    return { own, lines: ofGroup(group, own) };
  });
  const failed = found.flatMap(({ own, lines }) => (lines ? [] : own));
  return failed.length > 0
    ? { ok: false, rows: failed }
    : { ok: true, value: found.flatMap(({ lines }) => lines ?? []) };
}

function ofGroup(group: string, rows: readonly LogRow[]): GroupLines | undefined {
  const tried = [...new Set(rows.flatMap(({ pattern }) => linesAround(pattern)))];
  // Who wants no such line is content without any; who wants some needs them.
  const spared = rows.filter(({ content }) => content === 0);
  const harmless = tried.filter((line) => !spared.some(({ matches }) => matches(line)));
  const wanted = rows.filter(({ content }) => content > 0);
  const needed = wanted.flatMap(({ matches, content }) => {
    const line = harmless.find(matches);
    return line === undefined ? [] : [{ line, times: content }];
  });
  const good = needed.flatMap(({ line, times }) => Array.from({ length: times }, () => line));
  if (needed.length < wanted.length) return undefined;
  // A log that lives has a count, if one of nothing.
  const living = good.length > 0 ? good : harmless.slice(0, 1);
  if (living.length === 0) return undefined;
  const others = (line: string) => rows.filter(({ matches }) => matches(line)).length;
  const bad = rows.flatMap(({ id, matches }) => {
    const [line] = tried.filter(matches).toSorted((a, b) => others(a) - others(b));
    return line === undefined ? [] : [[id, line] as const];
  });
  return { group, good: living, bad: new Map(bad) };
}

/** Whether a row can be made bad: by lines that it finds, or where silence is what it watches for. */
export function canTurn(row: LogRow, lines: readonly GroupLines[]): boolean {
  return row.bad === 0 || (row.bad !== undefined && badLine(row, lines) !== undefined);
}

/** The line that makes a row bad. */
export function badLine({ id, group }: LogRow, lines: readonly GroupLines[]): string | undefined {
  return lines.find((one) => one.group === group)?.bad.get(id);
}

/** The other rows that turn bad with it. */
export function turnedWith(row: LogRow, rows: readonly LogRow[], lines: readonly GroupLines[]): LogRow[] {
  const beside = rows.filter((one) => one !== row && one.group === row.group);
  if (row.bad === 0) return beside.filter(({ bad, pattern }) => bad === 0 && pattern === row.pattern);
  const line = badLine(row, lines);
  return beside.filter(
    (one) => line !== undefined && one.bad !== 0 && one.matches(line) && one.isBad(row.bad ?? 0),
  );
}
