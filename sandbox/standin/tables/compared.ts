import { type Atom, lengthAtom, likeAtom, regexAtom, testOf, whatever } from "./atom";
import { ago, type Cell, cell, FRESH_MS } from "./cell";
import type { Draft } from "./draft";
import { arithmetic, type Deriving, type Fixed, fixedOf, intervalMs } from "./fixed";
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
  /^(coalesce|lower|upper|trim|btrim|date_trunc|round|floor|ceil|ceiling|max|min|avg|sum|greatest|least|nullif|abs|timezone)$/;

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
