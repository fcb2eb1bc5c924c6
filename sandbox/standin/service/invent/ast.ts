import { type Ast, partsOf } from "../../../../src/gates/ast";
import { keysIn } from "../../../../src/text/dotted";

/** A path of plain names, dot by dot, as gates of one request say it: whatever its parts are, they are names. */
export function dottedAst(path: string): Ast {
  const fields = keysIn(path).map((name): Ast => ({ type: "Field", name }));
  return fields.reduce<Ast>((left, right) => ({ type: "Subexpression", children: [left, right] }), {
    type: "Current",
  });
}

/** Every literal in an expression, lists and objects taken apart into what they hold. */
export function literalsOf(node: Ast): (string | number | boolean)[] {
  return node.type === "Literal" ? scalarsOf(node.value) : partsOf(node).flatMap(literalsOf);
}

function scalarsOf(value: unknown): (string | number | boolean)[] {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return [value];
  if (typeof value !== "object" || value === null) return [];
  return [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(scalarsOf)];
}

/** What has to hold, each by itself, where all of an expression is to be true. */
export function conjunctsOf(node: Ast): Ast[] {
  return node.type === "AndExpression" ? partsOf(node).flatMap(conjunctsOf) : [node];
}
