// The whole namespace: by `{ z }` a bundle would take all of zod's languages along, a fifth of a plugin's start.
import * as z from "zod";
import { ARCHIVE, isArchive, isObject, type Props, parsed, SIGNATURE, UNKNOWN } from "./values";

type Kind = "text" | "number" | "boolean" | "json" | "archive" | "list" | "set" | "map" | "object";

/** What a schema's `.meta()` may say of an input. */
interface Meta {
  /** Where the schema alone does not tell: text that is JSON, a list whose order says nothing. */
  readonly kind?: Kind;
  /** A change makes a new resource; false where it does not, within something that does. */
  readonly replaces?: boolean;
  readonly secret?: boolean;
  /** Filled in by the service when omitted, and then left alone. */
  readonly computed?: boolean;
  /** Named after the resource when omitted: its longest length, and what must stand around the name. */
  readonly named?: number;
  readonly around?: (inputs: Props) => readonly [prefix: string, suffix: string];
  /** The service's word for it where that is not the input's own with a capital; false: it is never told. */
  readonly api?: string | false;
  /** Its absence in an answer means that there is none, and not that nothing was said. */
  readonly told?: boolean;
  /** How an update says that there is none any more. */
  readonly clear?: unknown;
}

interface Traits extends Meta {
  readonly optional?: boolean;
  readonly default?: unknown;
  readonly oneOf?: readonly unknown[];
}

const META = new Set(["kind", "replaces", "secret", "computed", "named", "around", "api", "told", "clear"]);

/** The inputs of a resource, by name. An input that is named or computed may be absent, whatever its type. */
export type Inputs = { readonly [name: string]: z.core.$ZodType };

/** What one input may be, as read from its schema. */
export interface Spec {
  readonly kind: Kind;
  readonly traits: Traits;
  readonly of?: Spec;
  readonly fields?: Specs;
}

export type Specs = { readonly [name: string]: Spec };

/** The inputs that a row's code sees. */
export type Values<S extends Inputs> = { readonly [K in keyof S]: z.output<S[K]> };

export interface Failure {
  readonly property: string;
  readonly reason: string;
}

/** A string of which AWS's own types know the words; the service judges it. */
export const word = <T extends string>() => z.string() as unknown as z.ZodType<T>;
/** A JSON document, as text; equal when it says the same. */
export const json = () => z.string().meta({ kind: "json" });
/** Files of the program, by their hash. */
export const archive = () => z.record(z.string(), z.unknown()).meta({ kind: "archive" });
/** A list whose order says nothing. */
export const set = <T extends z.core.$ZodType>(of: T) => z.array(of).meta({ kind: "set" });

const known = new WeakMap<Inputs, Specs>();

/** What the schemas say, read once: they are walked and not run, since what is unknown passes for anything. */
export function specsOf(inputs: Inputs): Specs {
  const specs =
    known.get(inputs) ?? Object.fromEntries(Object.entries(inputs).map(([name, of]) => [name, specOf(of)]));
  known.set(inputs, specs);
  return specs;
}

function specOf(schema: z.core.$ZodType, outer: Traits = {}): Spec {
  const meta = z.globalRegistry.get(schema) ?? {};
  // A misspelt trait would silently be none: a change that must replace would be taken for an update.
  const strange = Object.keys(meta).find((trait) => !META.has(trait));
  if (strange) throw new Error(`'${strange}' is nothing that the plugins know of an input`);
  const traits: Traits = { ...meta, ...outer };
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "optional":
      return specOf(def.innerType, { ...traits, optional: true });
    case "default":
      return specOf(def.innerType, { ...traits, default: def.defaultValue });
    case "enum":
      return { kind: "text", traits: { ...traits, oneOf: Object.values(def.entries) } };
    case "string":
      return { kind: traits.kind ?? "text", traits };
    case "number":
    case "boolean":
      return { kind: def.type, traits };
    case "array":
      return { kind: traits.kind ?? "list", traits, of: specOf(def.element) };
    case "record":
      return traits.kind ? { kind: traits.kind, traits } : { kind: "map", traits, of: specOf(def.valueType) };
    case "object":
      return { kind: "object", traits, fields: specsOf(def.shape) };
    default:
      throw new Error(`the plugins know no input of type ${def.type}`);
  }
}

/** The given properties in their normal form, with defaults, and everything that is wrong with them. */
export function checkProps(inputs: Inputs, props: Props, owner: string) {
  return checkFields(specsOf(inputs), props, owner, "");
}

function checkFields(specs: Specs, props: Props, owner: string, at: string) {
  const failures: Failure[] = [];
  const checked: Props = {};
  for (const [name, value] of Object.entries(props)) {
    const path = at ? `${at}.${name}` : name;
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (spec) {
      checked[name] = checkValue(spec, value, owner, path, failures);
    } else {
      const known = Object.keys(specs).sort().join(", ");
      const reason = `${owner}: input '${path}' is not known to the sandbox's plugin; it knows: ${known}`;
      failures.push({ property: path, reason });
    }
  }
  for (const [name, { traits }] of Object.entries(specs)) {
    if (checked[name] !== undefined) continue;
    if (traits.default !== undefined) checked[name] = traits.default;
    else if (!traits.optional && !traits.computed && !traits.named) {
      const path = at ? `${at}.${name}` : name;
      failures.push({ property: path, reason: `${owner}: input '${path}' is required, and missing` });
    }
  }
  return { props: checked, failures };
}

function checkValue(spec: Spec, value: unknown, owner: string, path: string, failures: Failure[]): unknown {
  if (value === UNKNOWN) return value;
  const wrong = (expected: string) => {
    failures.push({ property: path, reason: `${owner}: input '${path}' must be ${expected}` });
    return value;
  };
  if (spec.traits.oneOf && !spec.traits.oneOf.includes(value)) {
    return wrong(`one of ${spec.traits.oneOf.join(", ")}`);
  }
  const each = (of: Spec, item: unknown, step: string) =>
    checkValue(of, item, owner, `${path}${step}`, failures);
  switch (spec.kind) {
    case "text":
      return typeof value === "string" ? value : wrong(`a string, not ${nameKind(value)}`);
    case "number":
      return typeof value === "number" ? value : wrong(`a number, not ${nameKind(value)}`);
    case "boolean":
      return typeof value === "boolean" ? value : wrong(`true or false, not ${nameKind(value)}`);
    case "json":
      if (isObject(value)) return JSON.stringify(value);
      return typeof value === "string" && parsed(value, undefined) !== undefined
        ? value
        : wrong("a JSON document");
    case "archive":
      return isArchive(value) ? value : wrong("an archive, such as pulumi.asset.FileArchive");
    case "list":
    case "set":
      if (!Array.isArray(value)) return wrong(`a list, not ${nameKind(value)}`);
      return value.map((item, i) => each(spec.of as Spec, item, `[${i}]`));
    case "map":
      if (!isObject(value)) return wrong(`a map, not ${nameKind(value)}`);
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, each(spec.of as Spec, item, `.${key}`)]),
      );
    case "object": {
      if (!isObject(value)) return wrong(`an object, not ${nameKind(value)}`);
      const inner = checkFields(spec.fields as Specs, value, owner, path);
      failures.push(...inner.failures);
      return inner.props;
    }
  }
}

function nameKind(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return value[SIGNATURE] === ARCHIVE ? "an archive" : "an object";
  return typeof value === "boolean" ? `a boolean` : `a ${typeof value}`;
}
