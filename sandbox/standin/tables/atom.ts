import { ago, type Cell, cell, FRESH_MS, NULL, unusual } from "./cell";
import type { Atom, Deriving, Draft } from "./draft";
import { arithmetic, type Fixed, fixedOf, intervalMs, timeOf } from "./fixed";
import { type Column, type Expr, within } from "./sql";
import { isTime, type Type } from "./typeNames";

type Partial = Pick<Draft, "atoms" | "same">;

const NOTHING: Partial = { atoms: [], same: [] };
const OPPOSITE: Record<string, string> = {
  "=": "<>",
  "<>": "=",
  "!=": "=",
  "<": ">=",
  ">=": "<",
  ">": "<=",
  "<=": ">",
};
const MIRRORED: Record<string, string> = { "<": ">", ">": "<", "<=": ">=", ">=": "<=" };
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

/** Ways to make a comparison hold, or not hold. */
export function compared(expr: Expr, want: boolean, deriving: Deriving): Partial[] {
  switch (expr.kind) {
    case "operator":
      return expr.left ? operation(expr.name, expr.left, expr.right, want, deriving) : [NOTHING];
    case "among":
      return among(expr, want, deriving);
    case "like": {
      const column = columnIn(expr.arg);
      const pattern = fixedOf(expr.pattern, deriving);
      if (!column || pattern?.kind !== "plain") return [NOTHING];
      return [likeAtom(column, String(pattern.value), want !== expr.negated)].map(only);
    }
    default:
      return [NOTHING];
  }
}

const only = (atom: Atom): Partial => ({ ...NOTHING, atoms: [atom] });

const columnIn = (expr: Expr) => [...within(expr)].find((one): one is Column => one.kind === "column");

function operation(name: string, left: Expr, right: Expr, want: boolean, deriving: Deriving): Partial[] {
  if (/^!?~~?\*?$/.test(name)) {
    const [column, pattern] = [columnIn(left), fixedOf(right, deriving)];
    if (!column || pattern?.kind !== "plain") return [NOTHING];
    return [regexAtom(column, String(pattern.value), want !== name.startsWith("!"))].map(only);
  }
  if (["@>", "&&", "?"].includes(name)) return holding(left, right, want, deriving);
  const operator = want ? name : OPPOSITE[name];
  if (!OPPOSITE[name] || operator === undefined) return [NOTHING];
  const [a, b] = [fixedOf(left, deriving), fixedOf(right, deriving)];
  if (b) return solved(left, operator, b, deriving);
  if (a) return solved(right, MIRRORED[operator] ?? operator, a, deriving);
  const [one, two] = [columnIn(left), columnIn(right)];
  if (one && two) return pair(one, operator, two, deriving, 1_000);
  return [NOTHING];
}

/** What a column inside of an expression has to be, for the expression to be so to a value. */
function solved(expr: Expr, operator: string, value: Fixed, deriving: Deriving): Partial[] {
  switch (expr.kind) {
    case "column":
      return [only(testOf(expr, operator, value, deriving))];
    case "cast":
      return solved(expr.arg, operator, value, deriving);
    case "operator":
      return expr.left ? shifted(expr.left, expr.name, expr.right, operator, value, deriving) : [NOTHING];
    case "call": {
      const [first, second] = expr.args;
      if (/^(extract|date_part)$/.test(expr.name) && second && value.kind === "plain") {
        const unit = first?.kind === "constant" ? first.value : undefined;
        return unit === "epoch"
          ? solved(second, operator, { kind: "span", ms: Number(value.value) * 1_000 }, deriving)
          : [NOTHING];
      }
      if (expr.name === "age" && first)
        return second
          ? shifted(first, "-", second, operator, value, deriving)
          : shifted({ kind: "now", type: "timestamptz" }, "-", first, operator, value, deriving);
      if (/^(length|char_length)$/.test(expr.name) && first?.kind === "column" && value.kind === "plain")
        return [only(lengthAtom(first, operator, Number(value.value)))];
      const inner = expr.args.find((arg) => columnIn(arg));
      return inner && UNCHANGING.test(expr.name) ? solved(inner, operator, value, deriving) : [NOTHING];
    }
    default:
      return [NOTHING];
  }
}

/** Functions that leave a value in its order, near enough for a row to be found. */
const UNCHANGING =
  /^(coalesce|lower|upper|trim|btrim|date_trunc|round|floor|ceil|ceiling|max|min|avg|sum|greatest|least|nullif|abs)$/;

/** `a - b` and the like, of which one side is known, or both are columns. */
function shifted(
  left: Expr,
  name: string,
  right: Expr,
  operator: string,
  value: Fixed,
  deriving: Deriving,
): Partial[] {
  const [a, b] = [fixedOf(left, deriving), fixedOf(right, deriving)];
  const length: Fixed =
    value.kind === "plain" && typeof value.value === "string"
      ? { kind: "span", ms: intervalMs(value.value) ?? 0 }
      : value;
  const INVERSE: Record<string, string> = { "+": "-", "-": "+", "*": "/", "/": "*" };
  const inverse = INVERSE[name];
  if (b && inverse) {
    const moved = arithmetic(value, inverse, b);
    return moved ? solved(left, operator, moved, deriving) : [NOTHING];
  }
  const mirrored = MIRRORED[operator] ?? operator;
  if (a && name === "-") {
    const moved = arithmetic(a, "-", length);
    return moved ? solved(right, mirrored, moved, deriving) : [NOTHING];
  }
  if (a && (name === "+" || name === "*")) {
    const moved = arithmetic(value, INVERSE[name] ?? "", a);
    return moved ? solved(right, operator, moved, deriving) : [NOTHING];
  }
  const [one, two] = [columnIn(left), columnIn(right)];
  if (!one || !two || name !== "-") return [NOTHING];
  const by = length.kind === "span" ? length.ms : length.kind === "plain" ? Number(length.value) : 0;
  // `end - start > 2 h`: far enough apart, or close together.
  const apart = operator.startsWith(">") || operator === "<>";
  return pair(one, apart ? ">" : "=", two, deriving, apart ? by * 1.5 + 1_000 : 0);
}

/** Two columns, of which the first is greater than, less than, the same as, or another than the second. */
function pair(one: Column, operator: string, two: Column, deriving: Deriving, by: number): Partial[] {
  if (operator === "=" || operator === "<=" || operator === ">=") return [{ atoms: [], same: [[one, two]] }];
  return farApart(deriving.typeOf(one), by).map(([low, high]) => {
    const [first, second] = operator.startsWith("<") ? [low, high] : [high, low];
    return { same: [], atoms: [whatever(one, first), whatever(two, second)] };
  });
}

const whatever = (column: Column, suggested: Cell): Atom => ({
  column,
  suggested: [suggested],
  holds: () => true,
});

/** Pairs of which the second is greater, by at least so much. */
function farApart(type: Type, by: number): (readonly [Cell, Cell])[] {
  if (type === "text") return [[cell("a"), cell("b")]];
  if (!isTime(type)) return [[cell(1), cell(1 + by)]];
  return [
    [ago(FRESH_MS + by), ago(FRESH_MS)],
    // Where the earlier one has to be within a window that is shorter than that.
    [ago(FRESH_MS), ago(FRESH_MS - by)],
  ];
}

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

function spanAtom(column: Column, operator: string, ms: number): Atom {
  const one = operator.startsWith("<") ? ms / 2 : operator.startsWith(">") ? ms * 2 + 1_000 : ms;
  return { column, suggested: [cell(`${one} milliseconds`)], holds: () => true };
}

function lengthAtom(column: Column, operator: string, length: number): Atom {
  const one = operator.startsWith(">") ? length + 1 : operator.startsWith("<") ? length - 1 : length;
  return { column, suggested: [cell("a".repeat(Math.max(0, Math.min(one, 10_000))))], holds: () => true };
}

function likeAtom(column: Column, pattern: string, want: boolean): Atom {
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
function regexAtom(column: Column, pattern: string, want: boolean): Atom {
  const text = pattern
    .replace(/^\^|\$$/g, "")
    .replace(/\\d\+?|\[0-9\]\+?/g, "1")
    .replace(/\.[*+]/g, "x");
  return { column, suggested: [cell(want ? text : "other")], holds: () => true };
}

function among(
  { left, list, all }: Extract<Expr, { kind: "among" }>,
  want: boolean,
  deriving: Deriving,
): Partial[] {
  // `'x' = any (tags)`: the column is the list.
  if (list.kind === "column") return holding(list, { kind: "list", items: [left] }, want, deriving);
  const column = columnIn(left);
  if (!column || all) return [NOTHING];
  const items =
    list.kind === "list" ? list.items.map((item) => fixedOf(item, deriving)) : arrayOf(list, deriving);
  const known = items.filter((item) => item !== undefined);
  const tests = known.map((item) => testOf(column, "=", item, deriving));
  if (want)
    return [
      only({
        column,
        suggested: tests.flatMap(({ suggested }) => suggested),
        holds: (one) => tests.some((test) => test.holds(one)),
      }),
    ];
  const last = known.at(-1);
  return [
    only({
      column,
      suggested: last ? testOf(column, "<>", last, deriving).suggested : [],
      holds: (one) => !tests.some((test) => test.holds(one)),
    }),
  ];
}

/** `any ('{a,b}')`: the items of an array's text. */
function arrayOf(list: Expr, deriving: Deriving): (Fixed | undefined)[] {
  const whole = fixedOf(list, deriving);
  const [, inner] = /^\{(.*)\}$/.exec(whole?.kind === "plain" ? String(whole.value) : "") ?? [];
  return (inner ?? "")
    .split(",")
    .filter((one) => one !== "")
    .map((value) => ({ kind: "plain", value: value.replace(/^"|"$/g, "") }));
}

/** An array, or a JSON, that holds something. */
function holding(left: Expr, right: Expr, want: boolean, deriving: Deriving): Partial[] {
  if (left.kind !== "column") return [NOTHING];
  if (deriving.typeOf(left) === "jsonb") {
    const value = fixedOf(right, deriving);
    const text = value?.kind === "plain" ? String(value.value) : "{}";
    return [only({ column: left, suggested: [cell(want ? text : "{}")], holds: () => true })];
  }
  const items =
    right.kind === "list" ? right.items.map((one) => fixedOf(one, deriving)) : arrayOf(right, deriving);
  const texts = items.flatMap((one) => (one?.kind === "plain" ? [String(one.value)] : []));
  return [only({ column: left, suggested: [cell(want ? texts : [])], holds: () => true })];
}
