import type { Input } from "../call";
import type { Member, Model, Shape } from "./library";

/** Something in a request that AWS's model of the operation does not allow. */
export interface Violation {
  /** The member as AWS's validators write it: `metricData.1.member.value`. */
  readonly at: string;
  /** `unknown` is no member of the model; `type` cannot be read at all. */
  readonly kind: "constraint" | "type" | "unknown";
  readonly message: string;
}

/** How a protocol writes what JSON has no word for. */
interface Wire {
  /** Text is a number, or true, or a time: query strings, headers and the query protocol know nothing else. */
  readonly text: boolean;
  /** Bytes stand in base64. */
  readonly base64: boolean;
}

/** Everything in `input` that the model of an operation does not allow. */
export function check(model: Model, shape: string, input: Input, wire: Wire): readonly Violation[] {
  return look(model, { shape }, input, "", wire);
}

function look(model: Model, member: Member, value: unknown, at: string, wire: Wire): Violation[] {
  const shape = model.shapes[member.shape] as Shape;
  if (shape.document) return [];
  const inner = (of: Member, item: unknown, name: string) =>
    look(model, of, item, at === "" ? name : `${at}.${name}`, located(of, wire));
  const wrong = [mistyped(at, value, shape.type)];
  const size = (length: number) => limits(shape, value, at, length);
  switch (shape.type) {
    case "structure":
      return isRecord(value) ? structure(shape, value, at, inner) : wrong;
    case "list": {
      if (!Array.isArray(value)) return wrong;
      const items = value.flatMap((item, index) =>
        inner(shape.member as Member, item, `${index + 1}.member`),
      );
      return [...size(value.length), ...items];
    }
    case "map": {
      if (!isRecord(value)) return wrong;
      const entries = Object.entries(value).flatMap(([key, item]) => [
        ...inner(shape.key as Member, key, "key"),
        ...inner(shape.value as Member, item, `${key}.member`),
      ]);
      return [...size(Object.keys(value).length), ...entries];
    }
    case "string":
      return typeof value === "string" ? [...size(value.length), ...words(shape, value, at)] : wrong;
    case "blob": {
      const bytes = bytesOf(value, wire);
      return bytes === undefined ? wrong : size(bytes);
    }
    case "boolean":
      return typeof value === "boolean" || (wire.text && /^(true|false)$/i.test(String(value))) ? [] : wrong;
    case "timestamp":
      return isTime(value) ? [] : wrong;
    default: {
      const number = numberIn(value, wire);
      const isWhole = /^(integer|long|short|byte)$/.test(shape.type);
      return number === undefined || (isWhole && !Number.isInteger(number)) ? wrong : size(number);
    }
  }
}

function structure(
  shape: Shape,
  value: Input,
  at: string,
  inner: (of: Member, item: unknown, name: string) => Violation[],
): Violation[] {
  const members = shape.members ?? {};
  const here = (name: string) => (at === "" ? lower(name) : `${at}.${lower(name)}`);
  const absent = (shape.required ?? [])
    .filter((name) => value[name] === undefined || value[name] === null)
    .map((name) => constraint(here(name), "null", "Member must not be null"));
  const given = Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
  const found = given.flatMap(([name, item]): Violation[] => {
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    if (member !== undefined) return inner(member, item, lower(name));
    const message = `'${here(name)}' is no member of the operation`;
    return [{ at: here(name), kind: "unknown", message }];
  });
  const chosen = given.map(([name]) => name);
  const union =
    shape.union && chosen.length !== 1
      ? [constraint(at, `[${chosen.join(", ")}]`, "Exactly one member must be set")]
      : [];
  return [...absent, ...found, ...union];
}

/** Text of a path, a query string or a header is text whatever the body is. */
function located({ location }: Member, wire: Wire): Wire {
  return location === undefined ? wire : { ...wire, text: true };
}

function limits(shape: Shape, value: unknown, at: string, measured: number): Violation[] {
  const { min, max } = shape;
  const what = /^(string|blob|list|map)$/.test(shape.type) ? "length" : "value";
  const shown = shape.sensitive || shape.type === "blob" ? undefined : show(value);
  return [
    ...(min !== undefined && measured < min
      ? [constraint(at, shown, `Member must have ${what} greater than or equal to ${min}`)]
      : []),
    ...(max !== undefined && measured > max
      ? [constraint(at, shown, `Member must have ${what} less than or equal to ${max}`)]
      : []),
  ];
}

function words(shape: Shape, value: string, at: string): Violation[] {
  const shown = shape.sensitive ? undefined : value;
  const { enum: known, pattern } = shape;
  return [
    ...(known !== undefined && !known.includes(value)
      ? [constraint(at, shown, `Member must satisfy enum value set: [${known.join(", ")}]`)]
      : []),
    ...(pattern !== undefined && !expression(pattern).test(value)
      ? [constraint(at, shown, `Member must satisfy regular expression pattern: ${pattern}`)]
      : []),
  ];
}

const expressions = new Map<string, RegExp>();

/** AWS's patterns are Java's, and match as a whole. Unicode classes are the one thing that JavaScript has only on request. */
export function expression(pattern: string): RegExp {
  const known = expressions.get(pattern);
  if (known !== undefined) return known;
  const whole = `^(?:${pattern})$`;
  // On request an escape that says nothing, and a hyphen after a class of characters, are errors.
  const strict = whole.replaceAll(/\\([-_:@#'"=,<>%&! ])/g, (_all, sign) => (sign === "-" ? "\\-" : sign));
  const made = /\\p\{/.test(pattern) ? new RegExp(strict, "u") : new RegExp(whole);
  expressions.set(pattern, made);
  return made;
}

function constraint(at: string, shown: string | undefined, must: string): Violation {
  const value = shown === undefined ? "Value" : shown === "null" ? "Value null" : `Value '${shown}'`;
  return { at, kind: "constraint", message: `${value} at '${at}' failed to satisfy constraint: ${must}` };
}

function mistyped(at: string, value: unknown, type: string): Violation {
  const is = Array.isArray(value) ? "list" : value === null ? "null" : typeof value;
  return { at, kind: "type", message: `'${at}' is a ${is}, and can not be converted to a ${type}` };
}

function numberIn(value: unknown, { text }: Wire): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  // JSON has no numbers that are none: they stand as these words.
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
  if (!text || typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

function bytesOf(value: unknown, { base64 }: Wire): number | undefined {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== "string") return undefined;
  return Buffer.from(value, base64 ? "base64" : "utf8").length;
}

function isTime(value: unknown): boolean {
  if (typeof value === "number" || typeof value === "bigint" || value instanceof Date) return true;
  if (typeof value === "string") return value !== "" && !Number.isNaN(Number(value) || Date.parse(value));
  // CBOR's tag of a time.
  return typeof value === "object" && value !== null && "tag" in value;
}

function isRecord(value: unknown): value is Input {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

const LONGEST = 1_000;

function show(value: unknown): string {
  const text = typeof value === "string" ? value : typeof value === "object" ? "[...]" : String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}

const lower = (name: string) => `${name[0]?.toLowerCase()}${name.slice(1)}`;
