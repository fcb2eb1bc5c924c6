import { type Ast, astOf, partsOf } from "./ast";

/** Whether what an answer holds at a place is enough for what an expression makes of it. */
type Enough = (value: unknown) => boolean;

/** A place of an answer that names alone lead to, and what it holds: undefined where it is not there. */
interface Place {
  readonly names: readonly string[];
  readonly value: unknown;
}

const there: Enough = (value) => value !== undefined && value !== null;
const isBlank = (value: unknown) => typeof value === "string" && value.trim() === "";
const said: Enough = (value) => there(value) && !isBlank(value);
const isNumber: Enough = (value) => typeof value === "number";
const numeric: Enough = (value) =>
  isNumber(value) || (typeof value === "string" && !isBlank(value) && Number.isFinite(Number(value)));

/** Functions that ask just that: whether something is there. */
const ASKING = ["not_null", "type"];

/**
 * Why an answer says nothing of what an expression makes a value of: a comparison, a negation and most functions have one
 * for what is not there, too. Undefined where all that they go by is there, as far as it is named from the answer's top;
 * what a list holds is not looked at, nor what has a default of its own (`(state || 'none') != 'Alert'`).
 */
export function lackOf(expression: string, json: unknown): string | undefined {
  const ast = astOf(expression);
  return ast ? lackIn(ast, json) : `its ${expression} cannot be read`;
}

function lackIn(node: Ast, json: unknown, enough?: Enough): string | undefined {
  const { type, name = "" } = node;
  const place = placeOf(node, json);
  if (place) return enough && !enough(place.value) ? showLack(place) : undefined;
  const parts = partsOf(node);
  const [left, right] = parts;
  const inAny = (of: Enough | undefined) =>
    parts.map((part) => lackIn(part, json, of)).find((lack) => lack !== undefined);
  switch (type) {
    case "Comparator":
      return inAny(/^[GL]T/.test(name) ? isNumber : (value) => said(value) || isOneOf(parts, value));
    case "NotExpression":
      return inAny(said);
    case "Function":
      return inAny(name === "to_number" ? numeric : ASKING.includes(name) ? undefined : there);
    case "AndExpression":
      return inAny(enough);
    case "OrExpression":
      return inAny(right?.type === "Literal" ? undefined : enough);
    case "MultiSelectList":
    case "MultiSelectHash":
    case "KeyValuePair":
      return inAny(enough);
    case "Pipe":
    case "Subexpression": {
      const of = left && placeOf(left, json);
      const below = of && right && lackIn(right, of.value, enough);
      return (left && lackIn(left, json, type === "Pipe" ? there : undefined)) ?? below;
    }
    case "ExpressionReference":
      return undefined;
    default:
      // Of what is made of a list the list itself.
      return left && lackIn(left, json, enough && there);
  }
}

function placeOf(node: Ast, json: unknown): Place | undefined {
  const { type, name = "", value } = node;
  const [left, right] = partsOf(node);
  switch (type) {
    case "Current":
    case "Identity":
      return { names: [], value: json };
    case "Field":
      return {
        names: [name],
        value: there(json) && Object.hasOwn(json as object, name) ? (json as never)[name] : undefined,
      };
    case "Index":
      return { names: [String(value)], value: Array.isArray(json) ? json.at(Number(value)) : undefined };
    case "OrExpression": {
      const [one, other] = [left && placeOf(left, json), right && placeOf(right, json)];
      if (!one || !other || isTrue(one.value)) return other && one;
      const either = [one, other].map(({ names }) => names.join(".")).join(" or ");
      return there(one.value) ? other : { names: [either], value: other.value };
    }
    case "Subexpression":
    case "IndexExpression":
    case "Pipe": {
      const of = left && placeOf(left, json);
      const below = of && right && placeOf(right, of.value);
      return below && { names: [...of.names, ...below.names], value: below.value };
    }
    default:
      return undefined;
  }
}

/** What `||` goes on from. Source: JMESPath, Or Expressions: false, null, and what is empty are not. */
function isTrue(value: unknown): boolean {
  if (typeof value === "object" && value !== null)
    return (Array.isArray(value) ? value : Object.keys(value)).length > 0;
  return there(value) && value !== false && value !== "";
}

/** Whether a value is what it is compared with: of nothing, too, that says enough. */
const isOneOf = (parts: readonly Ast[], given: unknown) =>
  parts.some(({ type, value }) => type === "Literal" && value === given);

function showLack({ names, value }: Place): string {
  const place = names.join(".") || "value";
  return said(value) ? `its ${place} is no number` : `it holds no ${place}`;
}
