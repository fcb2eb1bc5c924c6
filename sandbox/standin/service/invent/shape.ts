import { type Ast, partsOf } from "../../../../src/gates/ast";
import { literalsOf } from "./ast";

/** A kind of value that stands at a place of a body. */
export type Kind = "number" | "string" | "boolean";

/** What expressions say of one place of a body. It is filled in while they are read. */
export interface Shape {
  readonly fields: Map<string, Shape>;
  /** Every item of a list. */
  item?: Shape;
  /** Every value of an object whose names no expression says. */
  values?: Shape;
  /** Kinds that it is held against. */
  readonly kinds: Set<Kind>;
  /** Values that it is held against itself. */
  readonly near: Set<string | number | boolean>;
  /** Its length counts, or its names do. */
  sized: boolean;
  keyed: boolean;
  /** A list that an expression makes of many places: no place of its own. */
  readonly made: boolean;
}

export const newShape = (made = false): Shape => ({
  fields: new Map(),
  kinds: new Set(),
  near: new Set(),
  sized: false,
  keyed: false,
  made,
});

const fieldOf = (shape: Shape, name: string): Shape => {
  const known = shape.fields.get(name) ?? newShape();
  shape.fields.set(name, known);
  return known;
};

const itemOf = (shape: Shape): Shape => {
  shape.item ??= newShape();
  return shape.item;
};

/** A list that has these items, and stands nowhere in the body itself. */
const listOf = (item: Shape): Shape => ({ ...newShape(true), item });

/**
 * Reads what an expression asks of a body into `at`, the place that it starts from. It answers with the place that its
 * result comes from.
 */
export function readInto(node: Ast, at: Shape): Shape {
  const parts = partsOf(node);
  const [left, right, condition] = parts as [Ast?, Ast?, Ast?];
  const into = (part: Ast | undefined, from: Shape) => (part ? readInto(part, from) : from);
  switch (node.type) {
    case "Field":
      return fieldOf(at, node.name ?? "");
    case "Subexpression":
    case "IndexExpression":
    case "Pipe":
      return into(right, into(left, at));
    case "Index":
      return itemOf(at);
    case "Slice":
      itemOf(at);
      return at;
    case "Projection":
      return listOf(into(right, itemOf(into(left, at))));
    case "ValueProjection": {
      const of = into(left, at);
      of.values ??= newShape();
      return listOf(into(right, of.values));
    }
    case "FilterProjection": {
      const item = itemOf(into(left, at));
      into(condition, item);
      return listOf(into(right, item));
    }
    case "Flatten": {
      const list = into(left, at);
      const item = itemOf(list);
      // Of a list that a projection made, the items are lists most likely; of one of its own they are not.
      return listOf(list.made || item.item !== undefined ? itemOf(item) : item);
    }
    case "Comparator":
      return compared(node, parts, at);
    case "Function":
      return called(node.name ?? "", parts, at);
    case "Literal":
      return newShape(true);
    case "MultiSelectHash": {
      const hash = newShape(true);
      for (const pair of parts) hash.fields.set(pair.name ?? "", into(partsOf(pair)[0], at));
      return hash;
    }
    case "MultiSelectList": {
      const found = parts.map((part) => into(part, at));
      return listOf(found[0] ?? newShape(true));
    }
    case "OrExpression":
    case "AndExpression": {
      const found = parts.map((part) => into(part, at));
      return found.find(({ made }) => !made) ?? newShape(true);
    }
    case "NotExpression":
      into(left, at);
      return newShape(true);
    default:
      // The place itself: `@`, or the end of a projection.
      return at;
  }
}

const ORDERED = ["GT", "GTE", "LT", "LTE"];
const FLIPPED: Readonly<Record<string, string>> = { GT: "LT", GTE: "LTE", LT: "GT", LTE: "GTE" };

/** Both sides are of one kind, and each may be what the other is said to be. */
function compared({ name = "" }: Ast, sides: readonly Ast[], at: Shape): Shape {
  const found = sides.map((side) => readInto(side, at));
  for (const [index, shape] of found.entries()) {
    const other = sides[1 - index];
    if (ORDERED.includes(name)) shape.kinds.add("number");
    if (other?.type !== "Literal") continue;
    for (const literal of literalsOf(other)) {
      // What makes the comparison true comes first: most often that is what is wanted.
      hold(shape, trueFor(index === 0 ? name : (FLIPPED[name] ?? name), literal));
      hold(shape, literal);
    }
  }
  return newShape(true);
}

/** A value that holds against a literal, as the left side of a comparison. */
function trueFor(name: string, literal: string | number | boolean): string | number | boolean {
  if (name === "NE")
    return typeof literal === "boolean"
      ? !literal
      : typeof literal === "number"
        ? literal + 1
        : `not ${literal}`;
  if (typeof literal !== "number") return literal;
  return name === "GT" ? literal + 1 : name === "LT" ? literal - 1 : literal;
}

function hold(shape: Shape, literal: string | number | boolean): void {
  shape.near.add(literal);
  shape.kinds.add(typeof literal as Kind);
}

const NUMBERS = ["abs", "ceil", "floor"];
const TEXTS = ["starts_with", "ends_with"];
const OF_NUMBERS = ["sum", "avg"];
const SAME_LIST = ["reverse", "sort"];
const BY = ["sort_by", "max_by", "min_by"];

function called(name: string, parts: readonly Ast[], at: Shape): Shape {
  if (name === "map") return mapped(parts, at);
  const [first, second] = parts;
  const shapes = parts.map((part) => (part.type === "ExpressionReference" ? at : readInto(part, at)));
  const of = shapes[0] ?? newShape(true);
  const result = newShape(true);
  if (BY.includes(name)) {
    const item = itemOf(of);
    for (const key of second ? partsOf(second) : []) readInto(key, item);
    return name === "sort_by" ? of : item;
  }
  if (NUMBERS.includes(name)) of.kinds.add("number");
  if (TEXTS.includes(name))
    for (const [index, shape] of shapes.entries()) {
      shape.kinds.add("string");
      for (const literal of parts.flatMap((part, other) => (other === index ? [] : literalsOf(part))))
        hold(shape, literal);
    }
  if (name === "join") itemOf(shapes[1] ?? result).kinds.add("string");
  if (OF_NUMBERS.includes(name)) itemOf(of).kinds.add("number");
  if (SAME_LIST.includes(name)) {
    if (of.item === undefined && name === "reverse") of.sized = true;
    else itemOf(of);
    return of;
  }
  if (name === "max" || name === "min") return itemOf(of);
  if (name === "length") of.sized = true;
  if (name === "keys") {
    of.keyed = true;
    return listOf(newShape(true));
  }
  if (name === "values") {
    of.values ??= newShape();
    return listOf(of.values);
  }
  if (name === "contains") contained(of, shapes[1] ?? result, { first, second });
  if (name === "not_null" || name === "merge" || name === "to_array") return of;
  if (name === "to_string" || name === "to_number") for (const near of of.near) hold(of, near);
  return result;
}

/** What a list is said to contain is one of its items; what a literal list is said to contain is one of that. */
function contained(
  of: Shape,
  what: Shape,
  { first, second }: { first: Ast | undefined; second: Ast | undefined },
): void {
  if (first?.type === "Literal") for (const literal of literalsOf(first)) what.near.add(literal);
  if (second?.type !== "Literal") return;
  for (const literal of literalsOf(second)) {
    if (of.item) hold(of.item, literal);
    else of.near.add(literal);
  }
  // Text contains text, a list contains anything: either may be meant.
  of.sized ||= of.item === undefined;
}

function mapped([by, list]: readonly Ast[], at: Shape): Shape {
  const of = list ? readInto(list, at) : newShape(true);
  const [key] = by ? partsOf(by) : [];
  return listOf(key ? readInto(key, itemOf(of)) : itemOf(of));
}
