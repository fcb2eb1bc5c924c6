import { ARCHIVE, isArchive, isObject, type Props, SIGNATURE, UNKNOWN } from "./values";

type Kind = "text" | "number" | "boolean" | "json" | "archive" | "list" | "set" | "map" | "object";

interface Traits {
  readonly required?: boolean;
  /** A change makes a new resource. */
  readonly replaces?: boolean;
  readonly secret?: boolean;
  /** Filled in by the service when omitted, and then left alone. */
  readonly computed?: boolean;
  readonly default?: unknown;
  readonly oneOf?: readonly unknown[];
  /** Named after the resource when omitted: its longest length, and what must stand around the name. */
  readonly named?: { readonly longest: number; readonly around?: Around };
}

type Around = (inputs: Props) => readonly [prefix: string, suffix: string];

export interface Failure {
  readonly property: string;
  readonly reason: string;
}

/**
 * What one input may be. Rows are typed by their specs: `Given` says whether a create always finds a value,
 * because it is required, has a default, or is named automatically.
 */
export class Spec<T = unknown, Given extends boolean = boolean> {
  /** Only for the type checker, which otherwise would forget T. */
  declare readonly value: T;
  declare readonly given: Given;

  constructor(
    readonly kind: Kind,
    readonly of?: Spec,
    readonly fields?: Specs,
    readonly traits: Traits = {},
  ) {}

  private with<G extends boolean = Given>(traits: Traits): Spec<T, G> {
    return new Spec<T, G>(this.kind, this.of, this.fields, { ...this.traits, ...traits });
  }
  required(): Spec<T, true> {
    return this.with<true>({ required: true });
  }
  default(value: T): Spec<T, true> {
    return this.with<true>({ default: value });
  }
  named(longest: number, around?: Around): Spec<T, true> {
    return this.with<true>({ named: around ? { longest, around } : { longest } });
  }
  replaces(): Spec<T, Given> {
    return this.with({ replaces: true });
  }
  oneOf<V extends T>(...values: readonly V[]): Spec<V, Given> {
    return new Spec<V, Given>(this.kind, this.of, this.fields, { ...this.traits, oneOf: values });
  }
  secret(): Spec<T, Given> {
    return this.with({ secret: true });
  }
  computed(): Spec<T, Given> {
    return this.with({ computed: true });
  }
}

export type Specs = { readonly [name: string]: Spec };

/** The inputs that a row's code sees. */
export type Values<S extends Specs> = {
  readonly [K in keyof S]: S[K] extends Spec<infer T, infer G> ? (G extends true ? T : T | undefined) : never;
};

export const text = <T extends string = string>(): Spec<T, false> => new Spec<T, false>("text");
export const number = (): Spec<number, false> => new Spec("number");
export const boolean = (): Spec<boolean, false> => new Spec("boolean");
/** A JSON document, as text; equal when it says the same. */
export const json = (): Spec<string, false> => new Spec("json");
export const archive = (): Spec<Props, false> => new Spec("archive");
export const list = <T>(of: Spec<T>): Spec<T[], false> => new Spec("list", of);
export const set = <T>(of: Spec<T>): Spec<T[], false> => new Spec("set", of);
export const map = <T>(of: Spec<T>): Spec<Record<string, T>, false> => new Spec("map", of);
export const object = <S extends Specs>(fields: S): Spec<Values<S>, false> =>
  new Spec("object", undefined, fields);

/** The given properties in their normal form, with defaults, and everything that is wrong with them. */
export function checkProps(specs: Specs, props: Props, owner: string, at = "") {
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
    else if (traits.required) {
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
      return typeof value === "string" && parses(value) ? value : wrong("a JSON document");
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
      const inner = checkProps(spec.fields as Specs, value, owner, path);
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

function parses(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
