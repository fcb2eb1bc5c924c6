import {
  type Call,
  type Column,
  columnKey,
  type Expr,
  expressionsOf,
  partsOf,
  type Select,
  selectsIn,
} from "./sql";
import {
  COMPARISONS,
  guess,
  isNumber,
  isTime,
  looksLikeTime,
  NUMBERS,
  SAME,
  TEXTS,
  type Type,
  typeFor,
} from "./typeNames";

/** How much a use of a column says about its type: a cast takes nearly any, a comparison only its own. */
const WEAK = 1;
const STRONG = 3;
const SETTLED = 1_000;

/** What uses of columns say about their types. */
export class Types {
  private readonly votes = new Map<string, Map<Type, number>>();
  /** The column that stands for all that are compared with it. */
  private readonly classes = new Map<string, string>();

  private readonly given: ReadonlyMap<string, Type>;

  /** @param spelled types of columns that exist, by their keys, as PostgreSQL spells them */
  constructor(private readonly spelled: ReadonlyMap<string, string>) {
    this.given = new Map([...spelled].map(([key, type]) => [key, typeFor(type) ?? "text"]));
  }

  /** A column's type as PostgreSQL spells it. What is compared with a column of a type of its owner's is of that type. */
  spelledOf(key: string): string {
    const root = this.classOf(key);
    const [, foreign] =
      [...this.spelled].find(([one, type]) => this.classOf(one) === root && typeFor(type) === undefined) ??
      [];
    return foreign ?? this.typeOf(key);
  }

  /** Reads off a query what it says, until it says no more. */
  learn(select: Select, answer: Type | undefined): void {
    const selects = selectsIn(select);
    for (let round = 0; round < 3; round++) {
      if (answer) for (const { expr } of select.targets) this.expect(expr, answer, WEAK);
      for (const one of selects) {
        for (const test of [...one.on, ...(one.where ? [one.where] : [])]) this.expect(test, "boolean");
        for (const expr of expressionsOf(one)) this.visit(expr);
      }
    }
  }

  /** Columns that are compared with each other have one key. */
  classOf(key: string): string {
    const above = this.classes.get(key);
    return above === undefined ? key : this.classOf(above);
  }

  /** A column's type. Nothing said: text, which takes anything. */
  typeOf(key: string): Type {
    return this.given.get(key) ?? this.best(key) ?? guess(key) ?? "text";
  }

  /** Says what a column's type is, whatever its uses say. */
  settle(key: string, type: Type): void {
    this.votes.set(this.classOf(key), new Map([[type, SETTLED]]));
  }

  /** The other types that were thought of for a column, likelier ones first. */
  othersOf(key: string): Type[] {
    const votes = [...(this.votes.get(this.classOf(key)) ?? [])].sort((a, b) => b[1] - a[1]);
    const all: Type[] = [
      "timestamptz",
      "date",
      "bigint",
      "text",
      "boolean",
      "numeric",
      "jsonb",
      "text[]",
      "uuid",
      "interval",
      "bigint[]",
    ];
    return [...new Set([...votes.map(([type]) => type), ...all])].filter((type) => type !== this.typeOf(key));
  }

  private best(key: string): Type | undefined {
    const votes = this.votes.get(this.classOf(key));
    if (!votes) return undefined;
    const [top] = [...votes].sort((a, b) => b[1] - a[1]);
    if (!top) return undefined;
    if (top[0] === "text" && top[1] <= WEAK) return guess(key) ?? "text";
    // Whole numbers are numerics, too.
    return top[0] === "bigint" && (votes.get("numeric") ?? 0) > 0 ? "numeric" : top[0];
  }

  private vote(column: Column, type: Type, weight: number): void {
    if (column.path) {
      this.count(columnKey({ table: column.table, name: column.name }), "jsonb", STRONG * 10);
    }
    this.count(columnKey(column), type, weight);
  }

  private count(key: string, type: Type, weight: number): void {
    const root = this.classOf(key);
    const votes = this.votes.get(root) ?? new Map<Type, number>();
    votes.set(type, (votes.get(type) ?? 0) + weight);
    this.votes.set(root, votes);
  }

  private join(one: string, two: string): void {
    const [a, b] = [this.classOf(one), this.classOf(two)];
    if (a === b) return;
    for (const [type, weight] of this.votes.get(b) ?? []) this.count(a, type, weight);
    this.classes.set(b, a);
  }

  /** What an expression's type is, as far as that is known. */
  private known(expr: Expr): Type | undefined {
    switch (expr.kind) {
      case "column": {
        const key = columnKey(expr);
        return this.given.get(key) ?? this.best(key);
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
    if (name === "date_trunc" || name === "to_timestamp") return "timestamptz";
    if (name === "age" || name === "make_interval") return "interval";
    return TEXTS.test(name) ? "text" : undefined;
  }

  /** Says that an expression has to be of a type. */
  private expect(expr: Expr, type: Type, weight = STRONG): void {
    switch (expr.kind) {
      case "column":
        this.vote(expr, type, weight);
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
    if (left.kind === "column" && right.kind === "column") this.join(columnKey(left), columnKey(right));
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
