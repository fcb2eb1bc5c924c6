import { ago, type Cell, cell, FRESH_MS, NULL, unusual } from "./cell";
import { type Deriving, type Fixed, timeOf } from "./fixed";
import type { Column } from "./sql";
import { isTime } from "./typeNames";

/** What one condition asks of one column. */
export interface Atom {
  readonly column: Column;
  /** What would do, best first. */
  readonly suggested: readonly Cell[];
  holds(cell: Cell): boolean;
}

const HOUR = 3_600_000;

/** Null, or anything but. */
export function nullAtom(column: Column, want: boolean, deriving: Deriving): Atom {
  const isNull = (one: Cell) => one.kind === "value" && one.value === null;
  const some = isTime(deriving.typeOf(column)) ? ago(FRESH_MS) : undefined;
  return {
    column,
    suggested: want ? [NULL] : some ? [some] : [],
    holds: (one) => isNull(one) === want,
  };
}

/** What a column could be, whatever else is asked of it. */
export const whatever = (column: Column, suggested: Cell): Atom => ({
  column,
  suggested: [suggested],
  holds: () => true,
});

/** One column against a value. */
export function testOf(column: Column, operator: string, value: Fixed, deriving: Deriving): Atom {
  const type = deriving.typeOf(column);
  if (value.kind === "time" || isTime(type)) {
    const time =
      value.kind === "time" ? value : value.kind === "plain" ? timeOf(String(value.value)) : undefined;
    if (time) return timeAtom(column, operator, time);
  }
  if (value.kind === "span") return spanAtom(column, operator, value.ms);
  if (value.kind !== "plain") return { column, suggested: [], holds: () => true };
  const numeric = type === "bigint" || type === "numeric";
  const given = numeric && typeof value.value === "string" ? Number(value.value) : value.value;
  return {
    column,
    suggested: type === "uuid" && operator !== "=" ? unusual(type) : suggestions(operator, given).map(cell),
    holds: (one) => one.kind === "value" && one.value !== null && holds(one.value as Plain, operator, given),
  };
}

type Plain = string | number | boolean;

function holds(one: Plain, operator: string, value: Plain | null): boolean {
  if (value === null) return false;
  const [a, b] = typeof value === "number" ? [Number(one), value] : [one, value];
  switch (operator) {
    case "=":
      return String(a) === String(b);
    case "<>":
    case "!=":
      return String(a) !== String(b);
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    default:
      return a >= b;
  }
}

function suggestions(operator: string, value: Plain | null): Plain[] {
  if (value === null) return [];
  const same = ["=", "<=", ">="].includes(operator);
  if (typeof value === "boolean") return [same ? value : !value];
  if (typeof value === "string") {
    const other = operator.startsWith("<") && operator !== "<>" ? "" : `${value}-other`;
    return same ? [value] : [other];
  }
  if (operator === "<>" || operator === "!=") return [value + 1, value - 1, 0];
  if (operator === "=") return [value];
  const side = operator.startsWith("<") ? -1 : 1;
  return [
    ...(same ? [value] : []),
    value + side,
    value + side * Math.max(1, Math.abs(value) / 2),
    value + side * 0.5,
  ];
}

function timeAtom(column: Column, operator: string, { least, most }: { least: number; most: number }): Atom {
  const later = operator.startsWith(">");
  const suggested =
    operator === "="
      ? [ago(least)]
      : operator === "<>" || operator === "!="
        ? [ago(most + 2 * HOUR)]
        : later
          ? least > 2 * FRESH_MS
            ? [ago(FRESH_MS), ago(least / 2), ago(least / 4)]
            : [ago(least - HOUR), ago(FRESH_MS)]
          : most < FRESH_MS
            ? [ago(FRESH_MS), ago(most + HOUR)]
            : [ago(most * 1.5 + FRESH_MS), ago(most + 2 * HOUR), ago(most * 4)];
  return {
    column,
    suggested,
    holds: (one) =>
      one.kind === "ago" &&
      (operator === "=" ||
        operator === "<>" ||
        operator === "!=" ||
        (later ? one.ms < least : one.ms > most)),
  };
}

/** A length of time against another. */
function spanAtom(column: Column, operator: string, ms: number): Atom {
  const one = operator.startsWith("<") ? ms / 2 : operator.startsWith(">") ? ms * 2 + 1_000 : ms;
  return { column, suggested: [cell(`${one} milliseconds`)], holds: () => true };
}

/** A text against a length. */
export function lengthAtom(column: Column, operator: string, length: number): Atom {
  const one = operator.startsWith(">") ? length + 1 : operator.startsWith("<") ? length - 1 : length;
  return { column, suggested: [cell("a".repeat(Math.max(0, Math.min(one, 10_000))))], holds: () => true };
}

/** A text against a pattern of LIKE. */
export function likeAtom(column: Column, pattern: string, want: boolean): Atom {
  const text = pattern.replaceAll("%", "").replaceAll("_", "x");
  const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const regex = new RegExp(`^${escaped.replaceAll("%", ".*").replaceAll("_", ".")}$`, "is");
  return {
    column,
    suggested: want ? [cell(text), cell(`${text}x`)] : [cell("other"), cell("")],
    holds: (one) => one.kind === "value" && one.value !== null && regex.test(String(one.value)) === want,
  };
}

/** A regular expression: the text of one that has nothing but letters is a text that it matches. */
export function regexAtom(column: Column, pattern: string, want: boolean): Atom {
  const text = pattern
    .replace(/^\^|\$$/g, "")
    .replace(/\\d\+?|\[0-9\]\+?/g, "1")
    .replace(/\.[*+]/g, "x");
  return { column, suggested: [cell(want ? text : "other")], holds: () => true };
}
