import type { A_Const, A_Expr, BoolExpr, FuncCall, Node, SelectStmt, SubLink, TypeName } from "libpg-query";
import type { Constant, Expr, Select } from "./sql";

/** What an expression stands in. */
export interface Around {
  /** A column by its name, or its table's and its name; undefined for what is no column. */
  column(names: readonly string[]): Expr | undefined;
  /** The value of $1, $2 …. */
  parameter(number: number): Expr;
  select(statement: SelectStmt): Select;
}

/** An expression of PostgreSQL's parser as this folder reads it. */
export function readExpression(node: Node | undefined, around: Around): Expr {
  const read = (one: Node | undefined) => readExpression(one, around);
  const all = (nodes: readonly Node[] | undefined) => (nodes ?? []).map(read);
  if (!node) return other([]);
  if ("ColumnRef" in node) {
    const fields = node.ColumnRef.fields ?? [];
    return (fields.every((one) => "String" in one) ? around.column(texts(fields)) : undefined) ?? other([]);
  }
  if ("A_Const" in node) return constant(node.A_Const);
  if ("ParamRef" in node) return around.parameter(node.ParamRef.number ?? 0);
  if ("TypeCast" in node) {
    const arg = read(node.TypeCast.arg);
    const type = typeName(node.TypeCast.typeName);
    return arg.kind === "constant" ? { ...arg, type } : { kind: "cast", arg, type };
  }
  if ("A_Expr" in node) return operation(node.A_Expr, around);
  if ("BoolExpr" in node) return logic(node.BoolExpr, around);
  if ("NullTest" in node) {
    const test: Expr = { kind: "null", arg: read(node.NullTest.arg) };
    return node.NullTest.nulltesttype === "IS_NOT_NULL" ? { kind: "not", arg: test } : test;
  }
  if ("BooleanTest" in node) {
    const { arg, booltesttype = "IS_TRUE" } = node.BooleanTest;
    const value = booltesttype.endsWith("TRUE") ? true : booltesttype.endsWith("FALSE") ? false : null;
    const test: Expr = { kind: "is", arg: read(arg), value };
    return booltesttype.startsWith("IS_NOT") ? { kind: "not", arg: test } : test;
  }
  if ("SubLink" in node) return subLink(node.SubLink, around);
  if ("FuncCall" in node) return call(node.FuncCall, around);
  if ("CoalesceExpr" in node) return plainCall("coalesce", all(node.CoalesceExpr.args));
  if ("MinMaxExpr" in node)
    return plainCall(node.MinMaxExpr.op === "IS_LEAST" ? "least" : "greatest", all(node.MinMaxExpr.args));
  if ("CaseExpr" in node) {
    const { arg, args, defresult } = node.CaseExpr;
    const whens = (args ?? []).flatMap((one) => ("CaseWhen" in one ? [one.CaseWhen] : []));
    return {
      kind: "case",
      whens: whens.map(({ expr }) =>
        arg ? { kind: "operator", name: "=", left: read(arg), right: read(expr) } : read(expr),
      ),
      results: [...whens.map(({ result }) => read(result)), ...(defresult ? [read(defresult)] : [])],
    };
  }
  if ("SQLValueFunction" in node) {
    const { op = "" } = node.SQLValueFunction;
    if (op.startsWith("SVFOP_CURRENT_DATE")) return { kind: "now", type: "date" };
    return /TIME/.test(op) ? { kind: "now", type: "timestamptz" } : other([]);
  }
  if ("RowExpr" in node) return { kind: "row", items: all(node.RowExpr.args) };
  if ("List" in node) return { kind: "list", items: all(node.List.items) };
  if ("A_ArrayExpr" in node) return { kind: "list", items: all(node.A_ArrayExpr.elements) };
  if ("CollateClause" in node) return read(node.CollateClause.arg);
  if ("NamedArgExpr" in node) return plainCall(`${node.NamedArgExpr.name} =>`, [read(node.NamedArgExpr.arg)]);
  if ("A_Indirection" in node) return other([read(node.A_Indirection.arg)]);
  if ("SortBy" in node) return read(node.SortBy.node);
  if ("GroupingSet" in node) return other(all(node.GroupingSet.content));
  return other([]);
}

const other = (parts: readonly Expr[]): Expr => ({ kind: "other", parts });

/** The texts of a list of names. */
export function texts(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).flatMap((node) => ("String" in node ? [node.String.sval ?? ""] : []));
}

function constant({ ival, fval, boolval, sval, isnull }: A_Const): Constant {
  const of = (value: Constant["value"]): Constant => ({ kind: "constant", value });
  if (isnull) return of(null);
  if (ival) return of(ival.ival ?? 0);
  if (fval) return of(Number(fval.fval));
  if (boolval) return of(boolval.boolval ?? false);
  return of(sval?.sval ?? "");
}

/** A type's own name, without its schema or length, with `[]` where it is an array. */
function typeName(type: TypeName | undefined): string {
  const names = texts(type?.names);
  return `${names.at(-1) ?? "text"}${type?.arrayBounds ? "[]" : ""}`;
}

function plainCall(name: string, args: readonly Expr[]): Expr {
  return { kind: "call", name, args, distinct: false, by: [] };
}

function operation({ kind, name, lexpr, rexpr }: A_Expr, around: Around): Expr {
  const symbol = texts(name).at(-1) ?? "";
  const right = readExpression(rexpr, around);
  if (!lexpr) {
    if (symbol === "-" && right.kind === "constant" && typeof right.value === "number")
      return { ...right, value: -right.value };
    return { kind: "operator", name: symbol, right };
  }
  const left = readExpression(lexpr, around);
  const compared = (name: string, right: Expr): Expr => ({ kind: "operator", name, left, right });
  switch (kind) {
    case "AEXPR_OP_ANY":
    case "AEXPR_OP_ALL":
      return { kind: "among", name: symbol, left, list: right, all: kind === "AEXPR_OP_ALL" };
    case "AEXPR_IN": {
      const among: Expr = { kind: "among", name: "=", left, list: right, all: false };
      return symbol === "<>" ? { kind: "not", arg: among } : among;
    }
    case "AEXPR_DISTINCT":
      return compared("<>", right);
    case "AEXPR_NOT_DISTINCT":
      return compared("=", right);
    case "AEXPR_NULLIF":
      return plainCall("nullif", [left, right]);
    case "AEXPR_LIKE":
    case "AEXPR_ILIKE":
      return { kind: "like", arg: left, pattern: right, negated: symbol.startsWith("!") };
    case "AEXPR_BETWEEN":
    case "AEXPR_NOT_BETWEEN":
    case "AEXPR_BETWEEN_SYM":
    case "AEXPR_NOT_BETWEEN_SYM": {
      const [low, high] = right.kind === "list" ? right.items : [];
      if (!low || !high) return other([left, right]);
      const between: Expr = { kind: "and", args: [compared(">=", low), compared("<=", high)] };
      return kind.includes("NOT") ? { kind: "not", arg: between } : between;
    }
    case "AEXPR_OP":
      return inJson(symbol, left, right) ?? rows(symbol, left, right) ?? compared(symbol, right);
    default:
      return other([left, right]);
  }
}

/** `data ->> 'state'`: the value within the JSON of a column. */
function inJson(symbol: string, left: Expr, right: Expr): Expr | undefined {
  if (left.kind !== "column" || right.kind !== "constant" || typeof right.value !== "string")
    return undefined;
  const path = left.path ?? [];
  if (symbol === "->" || symbol === "->>") return { ...left, path: [...path, right.value] };
  if (symbol !== "#>" && symbol !== "#>>") return undefined;
  return { ...left, path: [...path, ...right.value.replace(/^\{|\}$/g, "").split(",")] };
}

/** Rows are the same where all of their parts are. */
function rows(symbol: string, left: Expr, right: Expr): Expr | undefined {
  if (symbol !== "=" || left.kind !== "row" || right.kind !== "row") return undefined;
  return {
    kind: "and",
    args: left.items.map((one, at) => ({
      kind: "operator",
      name: "=",
      left: one,
      right: right.items[at] ?? other([]),
    })),
  };
}

function logic({ boolop, args }: BoolExpr, around: Around): Expr {
  const read = (args ?? []).map((one) => readExpression(one, around));
  if (boolop === "NOT_EXPR") return { kind: "not", arg: read[0] ?? other([]) };
  return { kind: boolop === "OR_EXPR" ? "or" : "and", args: read };
}

function subLink({ subLinkType, testexpr, operName, subselect }: SubLink, around: Around): Expr {
  if (!subselect || !("SelectStmt" in subselect)) return other([]);
  const select = around.select(subselect.SelectStmt);
  if (subLinkType === "EXISTS_SUBLINK") return { kind: "exists", select };
  if (subLinkType === "ANY_SUBLINK" && ["", "="].includes(texts(operName).at(-1) ?? ""))
    return { kind: "within", left: readExpression(testexpr, around), select };
  return { kind: "scalar", select };
}

/** Functions that are the current time. */
const CLOCKS = ["now", "clock_timestamp", "statement_timestamp", "transaction_timestamp"];

function call({ funcname, args, agg_filter, agg_order, agg_distinct, over }: FuncCall, around: Around): Expr {
  const name = texts(funcname).at(-1) ?? "";
  if (CLOCKS.includes(name)) return { kind: "now", type: "timestamptz" };
  const all = (nodes: readonly Node[] | undefined) => (nodes ?? []).map((one) => readExpression(one, around));
  return {
    kind: "call",
    name,
    args: all(args),
    distinct: agg_distinct ?? false,
    ...(agg_filter ? { filter: readExpression(agg_filter, around) } : {}),
    by: all([...(agg_order ?? []), ...(over?.partitionClause ?? []), ...(over?.orderClause ?? [])]),
  };
}
