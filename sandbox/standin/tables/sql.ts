/** SQL as this folder reads it: no more of PostgreSQL's grammar than what tells which rows a query is after. */

/** A name of a table. */
export interface TableName {
  /** The schema; of a name without one, the rollout's own. */
  readonly schema: string;
  readonly name: string;
}

/** A table of a FROM clause, or what stands there in a table's place. */
export interface Item {
  readonly alias: string;
  /** The table, by `keyOf`. */
  readonly table?: string;
  /** A sub-select, a CTE, or the body of a function. */
  readonly select?: Select;
  /** The names of its columns, where the query gives them. */
  readonly names?: readonly string[];
}

/** A column of a table; with a path, a value within its JSON. */
export interface Column {
  readonly kind: "column";
  readonly item: Item;
  readonly table: string;
  readonly name: string;
  readonly path?: readonly string[];
}

export type Constant = { readonly kind: "constant"; readonly value: Scalar; readonly type?: string };
type Scalar = string | number | boolean | null;

export type Expr =
  | Column
  | Constant
  /** $1, $2 …, with the value that it has. */
  | { readonly kind: "value"; readonly value: string | number | boolean }
  | { readonly kind: "now"; readonly type: string }
  | { readonly kind: "cast"; readonly arg: Expr; readonly type: string }
  | { readonly kind: "and" | "or"; readonly args: readonly Expr[] }
  | { readonly kind: "not"; readonly arg: Expr }
  | { readonly kind: "operator"; readonly name: string; readonly left?: Expr; readonly right: Expr }
  /** `= any (…)` and `in (…)`; `all` for all of the list. */
  | {
      readonly kind: "among";
      readonly name: string;
      readonly left: Expr;
      readonly list: Expr;
      readonly all: boolean;
    }
  | { readonly kind: "list"; readonly items: readonly Expr[] }
  | { readonly kind: "row"; readonly items: readonly Expr[] }
  | { readonly kind: "null"; readonly arg: Expr }
  | { readonly kind: "is"; readonly arg: Expr; readonly value: boolean | null }
  | { readonly kind: "like"; readonly arg: Expr; readonly pattern: Expr; readonly negated: boolean }
  | { readonly kind: "case"; readonly whens: readonly Expr[]; readonly results: readonly Expr[] }
  | Call
  | { readonly kind: "exists"; readonly select: Select }
  | { readonly kind: "scalar"; readonly select: Select }
  | { readonly kind: "within"; readonly left: Expr; readonly select: Select }
  /** Whatever else: only its parts are looked at. */
  | { readonly kind: "other"; readonly parts: readonly Expr[] };

export interface Call {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly Expr[];
  readonly distinct: boolean;
  readonly filter?: Expr;
  /** What its window or its aggregate is ordered and partitioned by. */
  readonly by: readonly Expr[];
}

/** One SELECT; a UNION has its arms. */
export interface Select {
  readonly items: Item[];
  /** Items that an outer join leaves null where nothing fits. */
  readonly optional: Set<Item>;
  readonly on: Expr[];
  readonly targets: { readonly name: string; readonly expr: Expr }[];
  readonly stars: Item[];
  readonly arms: Select[];
  where?: Expr;
  /** HAVING, and what groups and orders. */
  readonly rest: Expr[];
  readonly distinct: boolean;
  readonly with: Select[];
}

/** The parts of an expression, sub-selects not among them. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "and":
    case "or":
      return expr.args;
    case "not":
    case "null":
    case "is":
    case "cast":
      return [expr.arg];
    case "operator":
      return expr.left ? [expr.left, expr.right] : [expr.right];
    case "among":
      return [expr.left, expr.list];
    case "list":
    case "row":
      return expr.items;
    case "like":
      return [expr.arg, expr.pattern];
    case "case":
      return [...expr.whens, ...expr.results];
    case "call":
      return [...expr.args, ...(expr.filter ? [expr.filter] : []), ...expr.by];
    case "within":
      return [expr.left];
    case "other":
      return expr.parts;
    default:
      return [];
  }
}

/** The sub-select that an expression is, if it is one. */
function selectIn(expr: Expr): Select | undefined {
  return expr.kind === "exists" || expr.kind === "scalar" || expr.kind === "within" ? expr.select : undefined;
}

/** An expression and all that is in it, sub-selects not. */
export function* within(expr: Expr): Generator<Expr> {
  yield expr;
  for (const part of partsOf(expr)) yield* within(part);
}

/** The expressions that stand in a SELECT itself. */
export function expressionsOf(select: Select): Expr[] {
  return [
    ...select.on,
    ...(select.where ? [select.where] : []),
    ...select.targets.map(({ expr }) => expr),
    ...select.rest,
  ];
}

/** A SELECT and all that are in it, each once. */
export function selectsIn(select: Select, seen = new Set<Select>()): Select[] {
  if (seen.has(select)) return [];
  seen.add(select);
  const inner = [
    ...select.with,
    ...select.arms,
    ...select.items.flatMap(({ select: one }) => (one ? [one] : [])),
    ...expressionsOf(select).flatMap((expr) => [...within(expr)].flatMap((one) => selectIn(one) ?? [])),
  ];
  return [select, ...inner.flatMap((one) => selectsIn(one, seen))];
}

/** A column by its table and name; a value within its JSON by its path, too. */
export function columnKey({ table, name, path }: Pick<Column, "table" | "name" | "path">): string {
  return JSON.stringify([table, name, ...(path ?? [])]);
}

/** A table's key. */
export const keyOf = ({ schema, name }: TableName): string => JSON.stringify([schema, name]);

/** The table of a key. */
export function tableOf(key: string): TableName {
  const [schema, name] = JSON.parse(key) as [string, string];
  return { schema, name };
}
