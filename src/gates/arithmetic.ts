import { isMath, type MetricSource, type OneMetric } from "../aws/metricSource";

/** A number that is known to lie between two others; both are the same where it is known exactly. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** What an expression is made of: numbers and ids, put together by the four rules of arithmetic. One that is `filled` is 0 without data. */
export type Term =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "id"; readonly id: string; readonly filled?: true }
  | { readonly kind: "sign"; readonly of: Term }
  | { readonly kind: "rule"; readonly sign: Sign; readonly left: Term; readonly right: Term };
type Sign = "+" | "-" | "*" | "/";

const TOKEN = /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([a-z][A-Za-z0-9_]*)|(FILL|[-+*/(),]))/y;

/** Reads an expression; undefined where it is not arithmetic of numbers and ids. */
export function parseArithmetic(text: string): Term | undefined {
  const tokens: (number | string)[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(trimmed); match; match = TOKEN.exec(trimmed)) {
    const [, number, id, sign] = match;
    tokens.push(number === undefined ? (id ?? sign ?? "") : Number(number));
    if (TOKEN.lastIndex === trimmed.length) {
      const reader = new Reader(tokens);
      const found = reader.sum();
      return reader.done ? found : undefined;
    }
  }
  return undefined;
}

class Reader {
  private at = 0;

  constructor(private readonly tokens: readonly (number | string)[]) {}

  get done(): boolean {
    return this.at === this.tokens.length;
  }

  sum(): Term | undefined {
    return this.chain(["+", "-"], () => this.product());
  }

  private product(): Term | undefined {
    return this.chain(["*", "/"], () => this.factor());
  }

  private chain(signs: readonly Sign[], part: () => Term | undefined): Term | undefined {
    let left = part();
    for (;;) {
      const sign = signs.find((one) => one === this.tokens[this.at]);
      if (!left || sign === undefined) return left;
      this.at += 1;
      const right = part();
      left = right && { kind: "rule", sign, left, right };
    }
  }

  private factor(): Term | undefined {
    const token = this.tokens[this.at];
    this.at += 1;
    if (typeof token === "number") return { kind: "number", value: token };
    if (token === "-") {
      const of = this.factor();
      return of && { kind: "sign", of };
    }
    if (token === "(") {
      const inner = this.sum();
      const closed = this.tokens[this.at] === ")";
      this.at += 1;
      return closed ? inner : undefined;
    }
    if (token === "FILL") return this.filled();
    return token !== undefined && /^[a-z]/.test(token) ? { kind: "id", id: token } : undefined;
  }

  /** `FILL(errors, 0)`: nothing where there are no data. No other number is taken: it would be made up. */
  private filled(): Term | undefined {
    const [open, id, comma, nothing, close] = this.tokens.slice(this.at, this.at + 5);
    this.at += 5;
    const isOne = open === "(" && comma === "," && nothing === 0 && close === ")";
    return isOne && typeof id === "string" && /^[a-z]/.test(id)
      ? { kind: "id", id, filled: true }
      : undefined;
  }
}

/** The metrics of an expression, by id, whose silence counts as nothing: `FILL(id, 0)`. Of what is no arithmetic: none. */
export function filledIds(source: MetricSource): string[] {
  const term = isMath(source) ? parseArithmetic(source.expression) : undefined;
  return term ? filledIn(term) : [];
}

/** The same metrics themselves. */
export const filledMetrics = (source: MetricSource): OneMetric[] =>
  isMath(source) ? filledIds(source).flatMap((id) => source.metrics[id] ?? []) : [];

function filledIn(term: Term): string[] {
  if (term.kind === "id") return term.filled ? [term.id] : [];
  if (term.kind === "sign") return filledIn(term.of);
  return term.kind === "rule" ? [...filledIn(term.left), ...filledIn(term.right)] : [];
}

/**
 * By which power an expression grows with the time that it looks at, from that of each of its ids: by none, where it is
 * a rate. Undefined where that cannot be said.
 */
export function growthOf(term: Term, of: (id: string) => number | undefined): number | undefined {
  if (term.kind === "number") return 0;
  if (term.kind === "id") return of(term.id);
  if (term.kind === "sign") return growthOf(term.of, of);
  const [left, right] = [growthOf(term.left, of), growthOf(term.right, of)];
  if (left === undefined || right === undefined) return undefined;
  if (term.sign === "*") return left + right;
  if (term.sign === "/") return left - right;
  return left === right ? left : undefined;
}

/** Works an expression out. Undefined where an id has no value, or where it may divide by zero. */
export function evaluate(term: Term, of: (id: string) => Range | undefined): Range | undefined {
  if (term.kind === "number") return { low: term.value, high: term.value };
  if (term.kind === "id") return of(term.id) ?? (term.filled && { low: 0, high: 0 });
  if (term.kind === "sign") {
    const inner = evaluate(term.of, of);
    return inner && { low: -inner.high, high: -inner.low };
  }
  const [left, right] = [evaluate(term.left, of), evaluate(term.right, of)];
  if (!left || !right) return undefined;
  switch (term.sign) {
    case "+":
      return { low: left.low + right.low, high: left.high + right.high };
    case "-":
      return { low: left.low - right.high, high: left.high - right.low };
    case "*":
      return ends(left, right, (one, other) => one * other);
    case "/":
      // The number below the line may be anything in between, zero included.
      return right.low <= 0 && right.high >= 0 ? undefined : ends(left, right, (one, other) => one / other);
  }
}

function ends(left: Range, right: Range, rule: (one: number, other: number) => number): Range {
  const corners = [left.low, left.high].flatMap((one) =>
    [right.low, right.high].map((other) => rule(one, other)),
  );
  return { low: Math.min(...corners), high: Math.max(...corners) };
}
