/** An expression, as its parser understands it (https://jmespath.org/specification.html). */
export interface Ast {
  readonly type: string;
  /** A field's, a function's or a comparator's. */
  readonly name?: string;
  /** A literal's, an index's; the expression of a pair of a hash. */
  readonly value?: unknown;
  readonly children?: readonly (Ast | number | null)[];
}

// The evaluator keeps its parser to itself; this one is of the same grammar, and shows what it read.
const { compile } = require("jmespath") as { compile(expression: string): Ast };

/** What an expression is made of; undefined where it cannot be read, or where it is none. */
export function astOf(expression: string): Ast | undefined {
  try {
    return compile(expression);
  } catch {
    return undefined;
  }
}

/** The parts of a node that are expressions. */
export function partsOf({ type, children = [], value }: Ast): Ast[] {
  // A pair of a hash has its expression as its value, and a slice has bare numbers.
  if (type === "KeyValuePair") return [value as Ast];
  return children.filter((child): child is Ast => typeof child === "object" && child !== null);
}
