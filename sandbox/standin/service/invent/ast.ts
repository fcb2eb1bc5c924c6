import { keysIn } from "../../../../src/text/dotted";

/** An expression of JMESPath, as its parser understands it (https://jmespath.org/specification.html). */
export interface Ast {
  readonly type: string;
  /** A field's, a function's or a comparator's. */
  readonly name?: string;
  /** A literal's, an index's; the expression of a pair of a hash. */
  readonly value?: unknown;
  readonly children?: readonly (Ast | number | null)[];
}

// The evaluator that gates use keeps its parser to itself; this one is of the same grammar, and shows what it read.
const { compile } = require("jmespath") as { compile(expression: string): Ast };

/** What an expression is made of; undefined where it cannot be read, or where it is none. */
export function astOf(expression: string): Ast | undefined {
  try {
    return compile(expression);
  } catch {
    return undefined;
  }
}

/** A path of plain names, dot by dot, as gates of one request say it: whatever its parts are, they are names. */
export function dottedAst(path: string): Ast {
  const fields = keysIn(path).map((name): Ast => ({ type: "Field", name }));
  return fields.reduce<Ast>((left, right) => ({ type: "Subexpression", children: [left, right] }), {
    type: "Current",
  });
}

/** The parts of a node that are expressions. */
export function partsOf({ type, children = [], value }: Ast): Ast[] {
  // A pair of a hash has its expression as its value, and a slice has bare numbers.
  if (type === "KeyValuePair") return [value as Ast];
  return children.filter((child): child is Ast => typeof child === "object" && child !== null);
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
