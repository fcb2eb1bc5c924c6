import type { Node, RangeFunction, RangeVar, SelectStmt, WithClause } from "libpg-query";
import { type Around, readExpression, texts } from "./readExpression";
import type { Column, Expr, Item, Select } from "./sql";

/** The tables and functions that queries name. */
export interface Names {
  /** The key of a table; undefined for what has none, such as a table of the server's own catalog. */
  table(schema: string | undefined, name: string): string | undefined;
  /** Whether a table has a column; undefined where that is not known, because the table is still to be made up. */
  has(table: string, column: string): boolean | undefined;
  /** The body of a function of the rollout's own, and the names of the columns that it yields. */
  body(
    schema: string | undefined,
    name: string,
  ): { statement: SelectStmt; columns: readonly string[] } | undefined;
  /** Is told of each column that a query names; `sure` where it can belong to no other table. */
  found(column: Column, sure: boolean): void;
}

interface Scope {
  readonly select: Select;
  readonly ctes: ReadonlyMap<string, Select>;
  readonly outer?: Scope;
}

type Parameter = (number: number) => Expr;

/** A SELECT of PostgreSQL's parser as this folder reads it, each column with the table that it belongs to. */
export function readSelect(statement: SelectStmt, names: Names, parameter: Parameter): Select {
  return select(statement, { names, parameter });
}

interface Reading {
  readonly names: Names;
  readonly parameter: Parameter;
}

function select(
  statement: SelectStmt,
  reading: Reading,
  outer?: Scope,
  ctes: ReadonlyMap<string, Select> = new Map(),
): Select {
  const made: Select = {
    items: [],
    optional: new Set(),
    on: [],
    targets: [],
    stars: [],
    arms: [],
    rest: [],
    distinct: (statement.distinctClause ?? []).length > 0,
    with: [],
  };
  const known = withCtes(statement.withClause, reading, made, outer, ctes);
  const scope: Scope = { select: made, ctes: known, ...(outer ? { outer } : {}) };
  const around = aroundOf(scope, reading);
  if (statement.larg && statement.rarg) {
    made.arms.push(
      select(statement.larg, reading, outer, known),
      select(statement.rarg, reading, outer, known),
    );
    made.targets.push(...(made.arms[0]?.targets ?? []));
    made.stars.push(...(made.arms[0]?.stars ?? []));
    return made;
  }
  for (const node of statement.fromClause ?? []) from(node, scope, reading);
  for (const list of statement.valuesLists ?? []) {
    const row = readExpression(list, around);
    if (made.targets.length === 0 && row.kind === "list")
      made.targets.push(...row.items.map((expr, at) => ({ name: `column${at + 1}`, expr })));
  }
  for (const node of statement.targetList ?? []) {
    if (!("ResTarget" in node)) continue;
    const { val, name } = node.ResTarget;
    const fields = val && "ColumnRef" in val ? (val.ColumnRef.fields ?? []) : [];
    if (fields.some((one) => "A_Star" in one)) {
      const [alias] = texts(fields);
      made.stars.push(...made.items.filter((item) => alias === undefined || item.alias === alias));
      continue;
    }
    const expr = readExpression(val, around);
    made.targets.push({ name: name ?? nameOf(expr, val), expr });
  }
  if (statement.whereClause) made.where = readExpression(statement.whereClause, around);
  if (statement.havingClause) made.rest.push(readExpression(statement.havingClause, around));
  // What the SELECT yields may be meant by its name here, where no table has a column of that name.
  const named = aroundOf(scope, reading, new Map(made.targets.map(({ name, expr }) => [name, expr])));
  for (const node of [...(statement.groupClause ?? []), ...(statement.sortClause ?? [])])
    made.rest.push(readExpression(node, named));
  return made;
}

/** The name under which an expression without one is yielded. */
function nameOf(expr: Expr, node: Node | undefined): string {
  if (node && "ColumnRef" in node) return texts(node.ColumnRef.fields).at(-1) ?? "";
  return expr.kind === "call" ? expr.name : "?column?";
}

function withCtes(
  clause: WithClause | undefined,
  reading: Reading,
  made: Select,
  outer: Scope | undefined,
  ctes: ReadonlyMap<string, Select>,
): ReadonlyMap<string, Select> {
  const known = new Map(ctes);
  for (const node of clause?.ctes ?? []) {
    if (!("CommonTableExpr" in node)) continue;
    const { ctename = "", ctequery, aliascolnames } = node.CommonTableExpr;
    if (!ctequery || !("SelectStmt" in ctequery)) continue;
    const statement = ctequery.SelectStmt;
    // One that names itself: its first arm says what it yields.
    if (clause?.recursive && statement.larg)
      known.set(ctename, select(statement.larg, reading, outer, known));
    const one = renamed(select(statement, reading, outer, known), texts(aliascolnames));
    known.set(ctename, one);
    made.with.push(one);
  }
  return known;
}

function renamed(one: Select, names: readonly string[]): Select {
  const targets = one.targets.map((target, at) => ({ ...target, name: names[at] ?? target.name }));
  return { ...one, targets };
}

function from(node: Node, scope: Scope, reading: Reading): Item[] {
  const { select: made } = scope;
  const add = (item: Item): Item[] => {
    made.items.push(item);
    return [item];
  };
  if ("RangeVar" in node) return add(table(node.RangeVar, scope, reading));
  if ("RangeSubselect" in node) {
    const { subquery, alias, lateral } = node.RangeSubselect;
    if (!subquery || !("SelectStmt" in subquery)) return [];
    // Others of the same FROM may be named in it where it is LATERAL, and nowhere else.
    const outer = lateral ? scope : scope.outer;
    const one = renamed(select(subquery.SelectStmt, reading, outer, scope.ctes), texts(alias?.colnames));
    return add({ alias: alias?.aliasname ?? "", select: one });
  }
  if ("RangeFunction" in node) return add(rangeFunction(node.RangeFunction, scope, reading));
  if (!("JoinExpr" in node)) return [];
  const { larg, rarg, jointype, quals, usingClause } = node.JoinExpr;
  const left = larg ? from(larg, scope, reading) : [];
  const right = rarg ? from(rarg, scope, reading) : [];
  if (jointype === "JOIN_LEFT" || jointype === "JOIN_FULL") for (const one of right) made.optional.add(one);
  if (jointype === "JOIN_RIGHT" || jointype === "JOIN_FULL") for (const one of left) made.optional.add(one);
  if (quals) made.on.push(readExpression(quals, aroundOf(scope, reading)));
  for (const name of texts(usingClause)) {
    const [one, two] = [left, right].map((items) => inItems(items, name, reading.names));
    if (one && two) made.on.push({ kind: "operator", name: "=", left: one, right: two });
  }
  return [...left, ...right];
}

function table({ schemaname, relname = "", alias }: RangeVar, scope: Scope, { names }: Reading): Item {
  const called = alias?.aliasname ?? relname;
  const cte = schemaname === undefined ? scope.ctes.get(relname) : undefined;
  if (cte) return { alias: called, select: renamed(cte, texts(alias?.colnames)) };
  const key = names.table(schemaname, relname);
  return { alias: called, ...(key === undefined ? {} : { table: key }) };
}

function rangeFunction({ functions, alias }: RangeFunction, scope: Scope, reading: Reading): Item {
  const first = functions?.[0];
  const [node] = first && "List" in first ? (first.List.items ?? []) : [];
  const given = texts(alias?.colnames);
  if (!node || !("FuncCall" in node)) return { alias: alias?.aliasname ?? "", names: given };
  const { funcname, args } = node.FuncCall;
  const path = texts(funcname);
  const called = alias?.aliasname ?? path.at(-1) ?? "";
  const read = (args ?? []).map((one) => readExpression(one, aroundOf(scope, reading)));
  const body = reading.names.body(path.at(-2), path.at(-1) ?? "");
  if (!body) return { alias: called, names: given.length > 0 ? given : [called] };
  const parameter: Parameter = (number) => read[number - 1] ?? { kind: "other", parts: [] };
  return {
    alias: called,
    select: renamed(select(body.statement, { ...reading, parameter }), body.columns),
  };
}

function aroundOf(scope: Scope, reading: Reading, yielded: ReadonlyMap<string, Expr> = new Map()): Around {
  return {
    parameter: reading.parameter,
    select: (statement) => select(statement, reading, scope, scope.ctes),
    column: (names) => resolve(names, scope, reading.names, yielded),
  };
}

/** Which table's a column is. Of several that could have it, the one that is known to; else the innermost made-up one. */
function resolve(
  path: readonly string[],
  scope: Scope,
  names: Names,
  yielded: ReadonlyMap<string, Expr>,
): Expr | undefined {
  const name = path.at(-1) ?? "";
  const scopes: Scope[] = [];
  for (let one: Scope | undefined = scope; one; one = one.outer) scopes.push(one);
  const alias = path.at(-2);
  if (alias !== undefined) {
    const items = scopes.flatMap(({ select }) => select.items.filter((item) => item.alias === alias));
    return items[0] && inItem(items[0], name, names, "sure");
  }
  for (const { select } of scopes) {
    const known = select.items.map((item) => inItem(item, name, names)).find((one) => one);
    if (known) return known;
  }
  const own = yielded.get(name);
  if (own) return own;
  // The whole row of a table.
  if (scopes.some(({ select }) => select.items.some((item) => item.alias === name))) return undefined;
  const open = scopes.flatMap(({ select }) => select.items.filter((item) => isOpen(item, name, names)));
  return open[0] && inItem(open[0], name, names, open.length === 1 ? "sure" : "guess");
}

/** Whether an item could have a column that no table is known to have. */
function isOpen(item: Item, name: string, names: Names): boolean {
  if (item.table !== undefined) return names.has(item.table, name) === undefined;
  return item.select?.stars.some((one) => isOpen(one, name, names)) ?? false;
}

function inItems(items: readonly Item[], name: string, names: Names): Expr | undefined {
  return (
    items.map((item) => inItem(item, name, names)).find((one) => one) ??
    items.map((item) => inItem(item, name, names, "guess")).find((one) => one)
  );
}

/**
 * A column of an item; undefined where it has none of that name.
 *
 * @param guess whether a table that is still to be made up is taken to have it
 */
function inItem(item: Item, name: string, names: Names, guess?: "guess" | "sure"): Expr | undefined {
  if (item.names?.includes(name)) return { kind: "other", parts: [] };
  if (item.select) {
    const target = item.select.targets.find((one) => one.name === name);
    if (target) return target.expr;
    return item.select.stars.map((one) => inItem(one, name, names, guess)).find((one) => one);
  }
  if (item.table === undefined || SYSTEM.includes(name)) return undefined;
  const has = names.has(item.table, name);
  if (has === false || (has === undefined && guess === undefined)) return undefined;
  const column: Column = { kind: "column", item, table: item.table, name };
  names.found(column, guess !== "guess");
  return column;
}

/** Columns that every table has. */
const SYSTEM = ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"];
