import type { Datum } from "./judge";

/** What an expression of metric math yields: one value, a value a period, or several of those. */
export type MathValue = number | readonly Datum[] | { readonly all: readonly (readonly Datum[])[] };

/** What an expression may name: its metrics and other expressions, by id. */
type MathScope = (id: string) => MathValue | undefined;

/** An expression that cannot be read, or that asks for what the front does not know. */
export class MathError extends Error {
  override readonly name = "MathError";
}

type Series = readonly Datum[];
type Binary = (a: number, b: number) => number;
/** What an expression is read into, before its metrics are known. */
type Node = (scope: MathScope, periods: number, metrics: () => readonly Series[]) => MathValue;

/** An expression, read once. */
export interface Expression {
  /** The ids of the metrics and expressions that it names. */
  readonly ids: readonly string[];
  /** Whether it names all metrics at once. */
  readonly usesMetrics: boolean;
  evaluate(scope: MathScope, periods: number, metrics: () => readonly Series[]): MathValue;
}

const TOKEN =
  /\s*(>=|<=|==|!=|&&|\|\||[-+*/^<>(),[\]]|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[A-Za-z_]\w*|"[^"]*"|\S)/g;

const truth = (holds: boolean) => (holds ? 1 : 0);

/** By how tightly they bind, loosest first. */
const OPERATORS: readonly Readonly<Record<string, Binary>>[] = [
  { OR: (a, b) => truth(a !== 0 || b !== 0), "||": (a, b) => truth(a !== 0 || b !== 0) },
  { AND: (a, b) => truth(a !== 0 && b !== 0), "&&": (a, b) => truth(a !== 0 && b !== 0) },
  {
    "==": (a, b) => truth(a === b),
    "!=": (a, b) => truth(a !== b),
    ">=": (a, b) => truth(a >= b),
    "<=": (a, b) => truth(a <= b),
    ">": (a, b) => truth(a > b),
    "<": (a, b) => truth(a < b),
  },
  { "+": (a, b) => a + b, "-": (a, b) => a - b },
  { "*": (a, b) => a * b, "/": (a, b) => a / b },
  { "^": (a, b) => a ** b },
];

const sum = (values: readonly number[]) => values.reduce((so, value) => so + value, 0);

/** Over the periods of one series a single value; over several series one value a period. */
const GATHERED: Readonly<Record<string, (values: readonly number[]) => number>> = {
  SUM: sum,
  AVG: (values) => sum(values) / values.length,
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
};

const EACH: Readonly<Record<string, (value: number) => number>> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
  LOG: Math.log,
  LOG10: Math.log10,
};

/** Reads the part of metric math that alarms on ratios, floors and comparisons need. */
export function parseExpression(text: string): Expression {
  const tokens = [...text.matchAll(TOKEN)].map(([, token]) => token as string);
  const ids = new Set<string>();
  let usesMetrics = false;
  let at = 0;
  const next = () => tokens[at++];
  const take = (expected: string) => {
    const found = next();
    if (found !== expected) throw new MathError(`expected "${expected}", found "${found ?? "the end"}"`);
  };

  const binary = (level: number): Node => {
    const operators = OPERATORS[level];
    if (operators === undefined) return unary();
    let left = binary(level + 1);
    for (let token = tokens[at]; token !== undefined && Object.hasOwn(operators, token); token = tokens[at]) {
      at++;
      const operate = operators[token] as Binary;
      const first = left;
      const second = binary(level + 1);
      left = (...with_) => zip(first(...with_), second(...with_), operate);
    }
    return left;
  };

  const unary = (): Node => {
    if (tokens[at] !== "-") return operand();
    at++;
    const of = unary();
    return (...with_) => zip(0, of(...with_), (a, b) => a - b);
  };

  const list = (end: string): Node[] => {
    const nodes: Node[] = [];
    while (tokens[at] !== end) {
      nodes.push(binary(0));
      if (tokens[at] !== end) take(",");
    }
    take(end);
    return nodes;
  };

  const operand = (): Node => {
    const token = next();
    if (token === undefined) throw new MathError("the expression ends too early");
    if (/^\d/.test(token)) return () => Number(token);
    if (token === "(") {
      const inner = binary(0);
      take(")");
      return inner;
    }
    if (token === "[") {
      const nodes = list("]");
      return (...with_) => ({ all: nodes.map((node) => spread(node(...with_), with_[1])) });
    }
    if (token === "REPEAT") return () => Number.NaN;
    if (token === "LINEAR") return () => Number.POSITIVE_INFINITY;
    if (tokens[at] === "(") {
      at++;
      if (token === "METRICS") usesMetrics = true;
      return called(token, list(")"));
    }
    if (!/^[a-z]\w*$/.test(token)) throw new MathError(`"${token}" is no id, number or function`);
    ids.add(token);
    return (scope) => {
      const value = scope(token);
      if (value === undefined) throw new MathError(`nothing has the id "${token}"`);
      return value;
    };
  };

  const root = binary(0);
  if (at < tokens.length) throw new MathError(`"${tokens[at]}" stands where the expression should end`);
  return { ids: [...ids], usesMetrics, evaluate: root };
}

function called(name: string, given: readonly Node[]): Node {
  const wants = (count: number) => {
    if (given.length !== count) throw new MathError(`${name} takes ${count} arguments, not ${given.length}`);
  };
  const gather = GATHERED[name];
  if (gather !== undefined) {
    wants(1);
    return (...with_) => gathered((given[0] as Node)(...with_), gather, with_[1]);
  }
  const each = EACH[name];
  if (each !== undefined) {
    wants(1);
    return (...with_) => zip((given[0] as Node)(...with_), 0, each);
  }
  switch (name) {
    case "METRICS":
      return (_scope, _periods, metrics) => ({ all: metrics() });
    case "IF":
      if (given.length !== 2) wants(3);
      return (...with_) => {
        const [condition, then, otherwise] = given.map((node) => spread(node(...with_), with_[1]));
        return (condition as Series).map((holds, index) =>
          holds === undefined ? undefined : (holds !== 0 ? then : otherwise)?.[index],
        );
      };
    case "FILL":
      wants(2);
      return (...with_) => {
        const [what, by] = given.map((node) => node(...with_)) as [MathValue, MathValue];
        if (typeof by !== "number") throw new MathError("FILL takes a number, REPEAT or LINEAR");
        const fill = (series: Series) => filled(series, by);
        return isAll(what) ? { all: what.all.map(fill) } : fill(spread(what, with_[1]));
      };
    default:
      throw new MathError(`the function ${name} is not known here`);
  }
}

function isAll(value: MathValue): value is { readonly all: readonly Series[] } {
  return typeof value === "object" && "all" in value;
}

function spread(value: MathValue, periods: number): Series {
  if (typeof value === "number") return Array<number>(periods).fill(value);
  if (isAll(value)) throw new MathError("several series stand where one is expected");
  return value;
}

/** Two values, period by period: nothing where either has nothing, or where the result is no number. */
function zip(a: MathValue, b: MathValue, operate: Binary): MathValue {
  if (isAll(a) || isAll(b)) {
    const [many, with_] = isAll(a)
      ? [a, (one: Series) => zip(one, b, operate)]
      : [b as { all: readonly Series[] }, (one: Series) => zip(a, one, operate)];
    return { all: many.all.map((one) => with_(one) as Series) };
  }
  if (typeof a === "number" && typeof b === "number") return operate(a, b);
  const periods = (typeof a === "number" ? (b as Series) : a).length;
  const left = spread(a, periods);
  const right = spread(b, periods);
  return left.map((value, index) => {
    const other = right[index];
    if (value === undefined || other === undefined) return undefined;
    const result = operate(value, other);
    return Number.isFinite(result) ? result : undefined;
  });
}

function gathered(
  value: MathValue,
  gather: (values: readonly number[]) => number,
  periods: number,
): MathValue {
  const over = (values: readonly Datum[]): Datum => {
    const real = values.filter((datum) => datum !== undefined);
    return real.length === 0 ? undefined : gather(real);
  };
  if (isAll(value))
    return Array.from({ length: periods }, (_, index) => over(value.all.map((one) => one[index])));
  if (typeof value === "number") return value;
  return over(value) ?? Array<Datum>(periods).fill(undefined);
}

/** REPEAT is handed over as no number, LINEAR as the infinite one. */
function filled(series: Series, by: number): Series {
  const known = (index: number, step: number): number | undefined => {
    for (let at = index; at >= 0 && at < series.length; at += step) if (series[at] !== undefined) return at;
    return undefined;
  };
  return series.map((datum, index) => {
    if (datum !== undefined) return datum;
    if (Number.isFinite(by)) return by;
    const before = known(index, -1);
    if (Number.isNaN(by)) return before === undefined ? undefined : series[before];
    const after = known(index, 1);
    // Nothing is drawn on beyond the first and the last value.
    if (before === undefined || after === undefined) return undefined;
    const [from, to] = [series[before] as number, series[after] as number];
    return from + ((to - from) * (index - before)) / (after - before);
  });
}
