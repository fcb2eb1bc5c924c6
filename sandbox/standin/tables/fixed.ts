import { agesOf } from "./moment";
import type { Question } from "./question";
import type { Column, Expr } from "./sql";
import type { Type } from "./typeNames";

/** What an expression without columns is: a plain value, a time by how long ago it was, or a length of time. All ms. */
export type Fixed =
  | { readonly kind: "plain"; readonly value: string | number | boolean | null }
  /** A time that is so long ago at least, and at most, whenever it is asked. */
  | { readonly kind: "time"; readonly least: number; readonly most: number }
  | { readonly kind: "span"; readonly ms: number };

/** Whose windows an expression's values name. */
export interface Asked {
  readonly question: Pick<Question, "window" | "sinceFlip">;
  readonly timeScale: number;
}

/** The same, with the types of columns. */
export interface Deriving extends Asked {
  typeOf(column: Column): Type;
}

const plain = (value: string | number | boolean | null): Fixed => ({ kind: "plain", value });
const span = (ms: number): Fixed => ({ kind: "span", ms });
const DAY = 86_400_000;

/** What an expression is; undefined where it has columns, or is more than this reads. */
export function fixedOf(expr: Expr, asked: Asked): Fixed | undefined {
  switch (expr.kind) {
    case "constant":
      return typed(expr.value, expr.type);
    case "value": {
      const ages = agesOf(asked.question, expr.value, asked.timeScale);
      if (ages) return { kind: "time", ...ages };
      const [, length] = /^\{(\d+(?:ms|s|m|h|d))\}$/.exec(String(expr.value)) ?? [];
      if (length === undefined) return plain(expr.value);
      const ms = intervalMs(length) ?? 0;
      // As `fillLengths` has it: what is scaled is never less than a few seconds.
      return span(asked.timeScale === 1 ? ms : Math.max(3_000, ms / asked.timeScale));
    }
    case "now":
      return { kind: "time", least: 0, most: expr.type === "date" ? DAY : 0 };
    case "cast": {
      const inner = fixedOf(expr.arg, asked);
      return inner?.kind === "plain" ? typed(inner.value, expr.type) : inner;
    }
    case "operator":
      return operation(expr, asked);
    case "call":
      return call(expr.name, expr.args, asked);
    default:
      return undefined;
  }
}

function typed(value: string | number | boolean | null, type: string | undefined): Fixed {
  if (typeof value !== "string") return plain(value);
  if (type === "interval") return span(intervalMs(value) ?? 0);
  if (/^(timestamp|date)/.test(type ?? "")) return timeOf(value) ?? plain(value);
  if (/^(int|float|numeric|bigint)/.test(type ?? "") && Number.isFinite(Number(value)))
    return plain(Number(value));
  return type === "bool" ? plain(/^t/i.test(value)) : plain(value);
}

/** A text as a time; undefined where it is none. */
export function timeOf(text: string): Extract<Fixed, { kind: "time" }> | undefined {
  if (text === "now") return { kind: "time", least: 0, most: 0 };
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) return undefined;
  return { kind: "time", least: Date.now() - at, most: Date.now() - at };
}

function operation(
  { name, left, right }: Extract<Expr, { kind: "operator" }>,
  asked: Asked,
): Fixed | undefined {
  const b = fixedOf(right, asked);
  const a = left ? fixedOf(left, asked) : plain(0);
  return a && b && arithmetic(a, name, b);
}

/** `+`, `-`, `*` and `/` of what is known. */
export function arithmetic(a: Fixed, name: string, given: Fixed): Fixed | undefined {
  const text =
    given.kind === "plain" && typeof given.value === "string" ? intervalMs(given.value) : undefined;
  const b = text === undefined || a.kind === "plain" ? given : span(text);
  const sign = name === "-" ? -1 : 1;
  if (name === "+" || name === "-") {
    if (a.kind === "time" && b.kind === "span")
      return { kind: "time", least: a.least - sign * b.ms, most: a.most - sign * b.ms };
    if (a.kind === "span" && b.kind === "time" && name === "+") return arithmetic(b, name, a);
    if (a.kind === "time" && b.kind === "time" && name === "-") return span(b.least - a.least);
    if (a.kind === "span" && b.kind === "span") return span(a.ms + sign * b.ms);
  }
  if (a.kind === "span" && b.kind === "plain")
    return name === "*"
      ? span(a.ms * Number(b.value))
      : name === "/"
        ? span(a.ms / Number(b.value))
        : undefined;
  if (a.kind === "plain" && b.kind === "span" && name === "*") return span(b.ms * Number(a.value));
  if (a.kind !== "plain" || b.kind !== "plain") return undefined;
  const [x, y] = [Number(a.value), Number(b.value)];
  if (Number.isNaN(x) || Number.isNaN(y)) return undefined;
  return name === "+"
    ? plain(x + y)
    : name === "-"
      ? plain(x - y)
      : name === "*"
        ? plain(x * y)
        : name === "/"
          ? plain(x / y)
          : undefined;
}

const UNITS: readonly [RegExp, number][] = [
  [/^(ms|msecs?|milliseconds?)$/, 1],
  [/^(s|secs?|seconds?)$/, 1_000],
  [/^(m|mins?|minutes?)$/, 60_000],
  [/^(h|hrs?|hours?)$/, 3_600_000],
  [/^(d|days?)$/, DAY],
  [/^(w|weeks?)$/, 7 * DAY],
  [/^(mons?|months?)$/, 30 * DAY],
  [/^(y|yrs?|years?)$/, 365 * DAY],
];

const unitMs = (unit: string) => UNITS.find(([pattern]) => pattern.test(unit))?.[1];

/** The length of an interval as PostgreSQL reads it, ms; undefined where it is none of the usual spellings. */
export function intervalMs(text: string): number | undefined {
  const clock = /(\d+):(\d\d)(?::(\d\d(?:\.\d+)?))?/.exec(text);
  let ms = clock
    ? Number(clock[1]) * 3_600_000 + Number(clock[2]) * 60_000 + Number(clock[3] ?? 0) * 1_000
    : 0;
  const rest = text.replace(clock?.[0] ?? "", "").trim();
  if (/^\d+(\.\d+)?$/.test(rest)) return ms + Number(rest) * 1_000;
  for (const [, count, unit = ""] of rest.matchAll(/(-?\d+(?:\.\d+)?)\s*([a-z]+)/gi)) {
    const each = unitMs(unit.toLowerCase());
    if (each === undefined) return undefined;
    ms += Number(count) * each;
  }
  return rest === "" && !clock ? undefined : /\d/.test(rest) || clock ? ms : undefined;
}

function call(name: string, args: readonly Expr[], asked: Asked): Fixed | undefined {
  const [first, second] = args;
  if (name === "make_interval") {
    const parts = args.map((arg) => {
      if (arg.kind !== "call" || !arg.args[0]) return undefined;
      const count = fixedOf(arg.args[0], asked);
      const unit = unitMs(arg.name.replace(" =>", ""));
      return count?.kind === "plain" && unit !== undefined ? Number(count.value) * unit : undefined;
    });
    return parts.some((part) => part === undefined)
      ? undefined
      : span(parts.reduce<number>((a, b) => a + (b ?? 0), 0));
  }
  // `… at time zone …` is the same time, otherwise written.
  if (name === "timezone" && second) return fixedOf(second, asked);
  if ((name === "extract" || name === "date_part") && second) {
    const length = fixedOf(second, asked);
    return length?.kind === "span" ? plain(length.ms / 1_000) : undefined;
  }
  if (name === "date_trunc" && first && second) {
    const [unit, time] = [fixedOf(first, asked), fixedOf(second, asked)];
    if (unit?.kind !== "plain" || time?.kind !== "time") return undefined;
    return { ...time, most: time.most + (unitMs(String(unit.value)) ?? DAY) };
  }
  if (["coalesce", "least", "greatest", "lower", "upper"].includes(name) && first) {
    const value = fixedOf(first, asked);
    if (value?.kind !== "plain" || typeof value.value !== "string") return value;
    return name === "lower"
      ? plain(value.value.toLowerCase())
      : name === "upper"
        ? plain(value.value.toUpperCase())
        : value;
  }
  return undefined;
}
