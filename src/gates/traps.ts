import { type Ast, partsOf } from "./ast";

/** What JMESPath's own grammar, or its evaluator, makes of an expression that reads as something else. */
const TRAPS: readonly ((node: Ast, parts: readonly Ast[]) => string | undefined)[] = [
  ({ type }, [left]) =>
    left?.type === "NotExpression" && REACHING.includes(type)
      ? "written as !(a.b): without brackets a negation ends before the next . or ["
      : undefined,
  ({ type, name = "" }) => (type === "Function" ? OTHERWISE[name] : undefined),
  ({ type }, [of]) =>
    type === "NotExpression" && of?.type === "Comparator" && isOrder(of)
      ? "written as a <= b: !(a > b) is true where there is nothing to compare, too"
      : undefined,
  (node, parts) =>
    node.type === "Comparator" && isOrder(node) && parts.some(isText)
      ? "made of numbers where > or < compares: text is never in order"
      : undefined,
];

const REACHING = ["Subexpression", "IndexExpression", "Projection", "FilterProjection", "ValueProjection"];
const OTHERWISE: Readonly<Record<string, string>> = {
  not_null: "written as (a || b): not_null takes 0, false and empty text for nothing",
  sort: "written as sort_by(a, &@): sort changes the answer that the rest of the expression looks at",
  reverse: "written as a[::-1]: reverse changes the answer that the rest of the expression looks at",
};
const isOrder = ({ name = "" }: Ast) => /^[GL]T/.test(name);
const isText = ({ type, value }: Ast) => type === "Literal" && typeof value === "string";

/** The first trap of an expression, as the end of "must be …"; undefined where there is none. */
export function trapIn(expression: string, node: Ast): string | undefined {
  return quoteTrap(expression) ?? anyTrap(node) ?? elementTrap(node, false);
}

/** Text and literals, in which quotes mean nothing. */
const TEXT = /'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`/g;
/** Quotes around what needs none, and is no key of a hash; and whatever is quoted right after a comparison. */
const QUOTED = [/"([A-Za-z_]\w*)"(?!\s*:)/, /(?:==|!=|[<>]=?)\s*"((?:[^"\\]|\\.)*)"/];

/** JMESPath takes what stands in double quotes for a field: of one that is not there, nothing is firing, and all is well. */
function quoteTrap(expression: string): string | undefined {
  const [, name] = QUOTED.map((one) => one.exec(expression.replaceAll(TEXT, "``"))).find((one) => one) ?? [];
  return name === undefined
    ? undefined
    : `with text in single quotes, '${name}': double quotes name a field, which is written ${/^\w+$/.test(name) ? name : `@."${name}"`}`;
}

function anyTrap(node: Ast): string | undefined {
  const parts = partsOf(node);
  return (
    TRAPS.map((trap) => trap(node, parts)).find((told) => told !== undefined) ??
    parts.map(anyTrap).find((told) => told !== undefined)
  );
}

/**
 * A list may have no such element, and nothing is anything but what it should not be. Within a filter that counts, which is
 * on the safe side.
 *
 * @param ofList whether the expression is of a list that was chosen from another one
 */
function elementTrap(node: Ast, ofList: boolean): string | undefined {
  const { type, name } = node;
  const parts = partsOf(node);
  const unequal = (type === "Comparator" && name === "NE") || type === "NotExpression";
  if (unequal && parts.some((part) => isElement(part, ofList)))
    return "written with == and what it should be, or with a default, (a || 'none'): a list without such an element has nothing to differ";
  if (type === "FilterProjection") return parts[0] && elementTrap(parts[0], ofList);
  const [left, right] = parts;
  if (type === "Pipe" && left && right)
    return elementTrap(left, ofList) ?? elementTrap(right, ofList || !isNamed(left));
  return parts.map((part) => elementTrap(part, ofList)).find((told) => told !== undefined);
}

/** Whether a value is one element of a list that was chosen from another one, or something of that element. */
function isElement(node: Ast, ofList: boolean): boolean {
  const [left, right] = partsOf(node);
  switch (node.type) {
    case "Function":
      return node.name === "max_by" || node.name === "min_by";
    case "IndexExpression":
      return right?.type === "Index" && (left?.type === "Identity" ? ofList : !left || !isNamed(left));
    case "Subexpression":
      return left !== undefined && isElement(left, ofList);
    case "Pipe":
      return left && right ? isElement(right, ofList || !isNamed(left)) : false;
    default:
      return false;
  }
}

/** Whether names alone lead to it: `lackOf` sees whether that is there. */
function isNamed(node: Ast): boolean {
  const parts = partsOf(node);
  if (node.type === "OrExpression") return parts.every(isNamed);
  return (
    ["Field", "Current", "Identity", "Index"].includes(node.type) ||
    (["Subexpression", "IndexExpression", "Pipe"].includes(node.type) && parts.every(isNamed))
  );
}
