import { type Call, columnKey, type Expr, expressionsOf, partsOf, type Select, selectsIn } from "./sql";
import {
  COMPARISONS,
  isNumber,
  isTime,
  looksLikeTime,
  NUMBERS,
  SAME,
  TEXTS,
  type Type,
  typeFor,
} from "./typeNames";
import { STRONG, type Types, WEAK } from "./types";

/** Reads off a query what it says about its columns' types, until it says no more. `answer` is the type that it has to yield. */
export function learnTypes(types: Types, select: Select, answer: Type | undefined): void {
  const learning = new Learning(types);
  for (let round = 0; round < 3; round++) learning.read(select, answer);
}

class Learning {
  constructor(private readonly types: Types) {}

  read(select: Select, answer: Type | undefined): void {
    if (answer) for (const { expr } of select.targets) this.expect(expr, answer, WEAK);
    for (const one of selectsIn(select)) {
      for (const test of [...one.on, ...(one.where ? [one.where] : [])]) this.expect(test, "boolean");
      for (const expr of expressionsOf(one)) this.visit(expr);
    }
  }

  /** What an expression's type is, as far as that is known. */
  private known(expr: Expr): Type | undefined {
    switch (expr.kind) {
      case "column": {
        return this.types.known(columnKey(expr));
      }
      case "constant":
        if (expr.type) return typeFor(expr.type);
        return typeof expr.value === "number"
          ? Number.isInteger(expr.value)
            ? "bigint"
            : "numeric"
          : typeof expr.value === "boolean"
            ? "boolean"
            : undefined;
      case "value":
        if (typeof expr.value === "number") return Number.isInteger(expr.value) ? "bigint" : "numeric";
        if (typeof expr.value === "boolean") return "boolean";
        if (["{from}", "{to}", "{down}"].includes(expr.value)) return "timestamptz";
        return /^\{\d+(ms|s|m|h|d)\}$/.test(expr.value) ? "interval" : undefined;
      case "now":
        return typeFor(expr.type);
      case "cast":
        return typeFor(expr.type);
      case "case":
        return expr.results.map((one) => this.known(one)).find((one) => one);
      case "scalar":
        return expr.select.targets[0] && this.known(expr.select.targets[0].expr);
      case "operator":
        return this.ofOperation(expr);
      case "call":
        return this.ofCall(expr);
      default:
        return undefined;
    }
  }

  private ofOperation({ name, left, right }: Extract<Expr, { kind: "operator" }>): Type | undefined {
    const [a, b] = [left && this.known(left), this.known(right)];
    if (name === "||") return "text";
    // A day and a number of days is a day again; with a length of time it is a time.
    if (a === "date" && (b === "bigint" || b === "date")) return b === "date" ? "bigint" : "date";
    if (name === "-" && isTime(a)) return isTime(b) ? "interval" : "timestamptz";
    if (isTime(a) || (name === "+" && isTime(b))) return "timestamptz";
    if (a === "interval" || b === "interval") return name === "/" && a === b ? "numeric" : "interval";
    return ["+", "-", "*", "/", "%"].includes(name) ? "numeric" : undefined;
  }

  private ofCall({ name, args }: Call): Type | undefined {
    if (SAME.includes(name)) return args.map((one) => this.known(one)).find((one) => one);
    if (NUMBERS.test(name)) return "numeric";
    if (["date_trunc", "to_timestamp", "timezone"].includes(name)) return "timestamptz";
    if (name === "age" || name === "make_interval") return "interval";
    return TEXTS.test(name) ? "text" : undefined;
  }

  /** Says that an expression has to be of a type. */
  private expect(expr: Expr, type: Type, weight = STRONG): void {
    switch (expr.kind) {
      case "column":
        this.types.vote(expr, type, weight);
        return;
      case "and":
      case "or":
        for (const arg of expr.args) this.expect(arg, "boolean");
        return;
      case "not":
        this.expect(expr.arg, "boolean");
        return;
      case "case":
        for (const one of expr.results) this.expect(one, type, weight);
        return;
      case "scalar":
        if (expr.select.targets[0]) this.expect(expr.select.targets[0].expr, type, weight);
        return;
      case "call":
        if (SAME.includes(expr.name)) for (const arg of expr.args) this.expect(arg, type, weight);
        return;
      case "operator": {
        const { left, right, name } = expr;
        if (!left) return;
        if (type === "interval" && name === "-" && this.known(right) !== "interval") {
          this.expect(left, "timestamptz", weight);
          this.expect(right, "timestamptz", weight);
        } else if (isTime(type) && ["+", "-"].includes(name)) this.expect(left, "timestamptz", weight);
        else if (type === "numeric" || type === "bigint") {
          for (const one of [left, right]) if (this.known(one) === undefined) this.expect(one, type, WEAK);
        }
        return;
      }
      default:
    }
  }

  private same(left: Expr, right: Expr): void {
    const [a, b] = [this.known(left), this.known(right)];
    if (b) this.expect(left, b);
    if (a) this.expect(right, a);
    if (left.kind === "column" && right.kind === "column") this.types.join(columnKey(left), columnKey(right));
    for (const [one, two] of [
      [left, right],
      [right, left],
    ] as const)
      if (two.kind === "constant" && typeof two.value === "string" && !two.type)
        this.expect(one, looksLikeTime(two.value) ? "timestamptz" : "text", WEAK);
  }

  private visit(expr: Expr): void {
    for (const part of partsOf(expr)) this.visit(part);
    switch (expr.kind) {
      case "operator":
        if (expr.left) this.visitOperation(expr.name, expr.left, expr.right);
        return;
      case "among":
        this.visitAmong(expr.left, expr.list);
        return;
      case "within":
        if (expr.select.targets[0]) this.same(expr.left, expr.select.targets[0].expr);
        return;
      case "is":
        if (expr.value !== null) this.expect(expr.arg, "boolean");
        return;
      case "like":
        this.expect(expr.arg, "text");
        return;
      case "case":
        for (const when of expr.whens) this.expect(when, "boolean");
        return;
      case "cast": {
        const type = typeFor(expr.type);
        if (type && type !== "text") this.expect(expr.arg, type, WEAK);
        return;
      }
      case "call":
        this.visitCall(expr);
        return;
      default:
    }
  }

  private visitAmong(left: Expr, list: Expr): void {
    if (list.kind === "list") for (const item of list.items) this.same(left, item);
    const [one, all] = [this.known(left), this.known(list)];
    if (list.kind === "column") this.expect(list, isNumber(one) ? "bigint[]" : "text[]");
    else if (all === "bigint[]") this.expect(left, "bigint");
  }

  private visitOperation(name: string, left: Expr, right: Expr): void {
    if (COMPARISONS.includes(name)) {
      this.same(left, right);
      return;
    }
    const [a, b] = [this.known(left), this.known(right)];
    if (name === "||" || /^!?~/.test(name)) {
      for (const one of [left, right]) this.expect(one, "text", name === "||" ? WEAK : STRONG);
    } else if (/^(->|#>|\?)/.test(name)) this.expect(left, "jsonb");
    else if (name === "@>" || name === "<@" || name === "&&") {
      const isJson = [left, right].some(
        (one) => one.kind === "constant" && /^\s*[{[]\s*("|\})/.test(String(one.value)),
      );
      for (const one of [left, right]) this.expect(one, isJson ? "jsonb" : "text[]");
    } else if (["+", "-", "*", "/", "%"].includes(name)) {
      if (isTime(a) && name === "-" && right.kind === "column") this.expect(right, "timestamptz", WEAK);
      else if (isTime(b) && name === "-") this.expect(left, "timestamptz");
      else if (b === "interval" && ["+", "-"].includes(name) && a === undefined)
        this.expect(left, "timestamptz", WEAK);
      else if (!isTime(a) && a !== "interval" && !isTime(b) && b !== "interval")
        for (const one of [left, right])
          if (this.known(one) === undefined) this.expect(one, name === "%" ? "bigint" : "numeric", WEAK);
    }
  }

  private visitCall({ name, args, filter, by }: Call): void {
    const [first, second] = args;
    if (filter) this.expect(filter, "boolean");
    if (["bool_and", "bool_or", "every"].includes(name) && first) this.expect(first, "boolean");
    if (/^(coalesce|nullif|greatest|least)$/.test(name))
      for (const one of args.slice(1)) if (first) this.same(first, one);
    if (
      /^(sum|avg|stddev.*|var.*|abs|ceil|ceiling|floor|round|sqrt|mod|trunc|width_bucket)$/.test(name) &&
      first
    )
      if (this.known(first) === undefined) this.expect(first, "bigint", WEAK);
    if (/^percentile_(cont|disc)$/.test(name))
      for (const one of by) if (this.known(one) === undefined) this.expect(one, "bigint", WEAK);
    if (/^(date_trunc|extract|date_part|to_char)$/.test(name)) {
      const at = name === "to_char" ? first : second;
      if (at && this.known(at) !== "interval") this.expect(at, "timestamptz");
      if (at) this.span(at);
    }
    if (name === "timezone" && second) this.expect(second, "timestamptz", WEAK);
    if (name === "age") for (const one of args) this.expect(one, "timestamptz");
    if (TEXTS.test(name) && first) this.expect(first, "text");
    if (/^jsonb_/.test(name) && first) this.expect(first, "jsonb");
    if (/^(array_length|cardinality|unnest|array_position)$/.test(name) && first)
      this.expect(first, "text[]");
    if (name === "make_interval") for (const one of args) this.expect(one, "bigint", WEAK);
  }

  /** `extract(epoch from a - b)`: both are times. */
  private span(expr: Expr): void {
    if (expr.kind === "operator" && expr.name === "-" && expr.left) this.expect(expr, "interval");
  }
}
