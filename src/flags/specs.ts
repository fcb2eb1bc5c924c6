import { isObject, jsonIn } from "../text/json";
import { RESERVED_KEY } from "./document";
import {
  type FlagSpec,
  type FlagSpecs,
  type FlagValue,
  fits,
  isFlagValue,
  type Requirement,
  requiredFlag,
  valueAtRank,
} from "./flags";

/**
 * The flags as the flag store itself knows them, read back from the schema that `documentSchema` wrote: for a
 * break-glass without stack files, and for an abort whose own list of flags is another than the store's. Absent
 * where it is no schema of ours. What is off where the schema does not say is what it is by the list at hand.
 */
export function specsOfSchema(schema: string | undefined, atHand: FlagSpecs = {}): FlagSpecs | undefined {
  const { properties, allOf } = asObject(jsonIn(schema ?? ""));
  if (!isObject(properties)) return undefined;
  const requirements = asArray(allOf).flatMap(requirementOf);
  const off = new Map(
    requirements.flatMap(({ flag, off, needed, neededOff }): [string, FlagValue][] => [
      [flag, off],
      ...(neededOff === undefined ? [] : [[requiredFlag(needed), neededOff] as [string, FlagValue]]),
    ]),
  );
  const specs = Object.entries(properties).flatMap(([flag, shape]): [string, FlagSpec][] => {
    const { type, default: declared, enum: listed } = asObject(shape);
    const kind = typeof type === "string" && Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
    if (flag === RESERVED_KEY || !kind) return [];
    const states =
      kind === "states" ? asArray(listed).filter((state) => typeof state === "string") : undefined;
    if (states?.length === 0) return [];
    const requires = requirements.filter((one) => one.flag === flag).map((one) => one.needed);
    const known = Object.hasOwn(atHand, flag) && atHand[flag]?.kind === kind ? atHand[flag]?.off : undefined;
    const spec = { kind, ...(states ? { states } : {}), requires, writes: false };
    const guess = states?.[0] ?? (kind === "boolean" ? false : 0);
    const fitting = [declared, off.get(flag), known].find((value) => fits({ ...spec, off: guess }, value));
    return [[flag, { ...spec, off: (fitting as FlagValue | undefined) ?? guess }]];
  });
  return specs.length > 0 ? Object.fromEntries(specs) : undefined;
}

/** Kinds by the type that a schema gives them. An older version wrote whole percentages alone, as integers. */
const KINDS: Readonly<Record<string, FlagSpec["kind"]>> = {
  boolean: "boolean",
  integer: "percentage",
  number: "percentage",
  string: "states",
};

/** Those of these flags that a document may name by the store's schema, in whatever shape it describes them. */
export function namedBySchema(schema: string | undefined, flags: readonly string[]): string[] {
  const { properties, additionalProperties } = asObject(jsonIn(schema ?? ""));
  const named = asObject(properties);
  return flags.filter((flag) => additionalProperties !== false || Object.hasOwn(named, flag));
}

/**
 * The flags of a document by itself, where nothing else is known: every boolean is off at false, every number at
 * 0. What is neither is no flag: of a state nobody can say which way is down, so that it stays as it is.
 */
export function specsOfDocument(text: string | undefined): FlagSpecs | undefined {
  const specs = Object.entries(asObject(jsonIn(text ?? ""))).flatMap(
    ([flag, value]): [string, FlagSpec][] => {
      if (typeof value === "boolean")
        return [[flag, { kind: "boolean", off: false, requires: [], writes: false }]];
      if (typeof value === "number")
        return [[flag, { kind: "percentage", off: 0, requires: [], writes: false }]];
      return [];
    },
  );
  return specs.length > 0 ? Object.fromEntries(specs) : undefined;
}

interface ReadRequirement {
  readonly flag: string;
  readonly off: FlagValue;
  readonly needed: Requirement;
  readonly neededOff?: FlagValue;
}

/** `anyOf: [flag is at off, needed is not at off]`, as `documentSchema` spells "flag requires needed". */
function requirementOf(rule: unknown): ReadRequirement[] {
  const [first, second] = asArray(asObject(rule).anyOf).map((side) =>
    Object.entries(asObject(asObject(side).properties)),
  );
  const [flag, whenOff] = first?.[0] ?? [];
  const [needed, whenOn] = second?.[0] ?? [];
  const off = flagValue(asArray(asObject(whenOff).enum)[0]);
  if (flag === undefined || needed === undefined || off === undefined) return [];
  const { not, minimum, maximum, enum: states } = asObject(whenOn);
  const [state] = asArray(states);
  // A percentage that must be far enough from off: from 0 upwards, or from 100 downwards.
  if (typeof minimum === "number")
    return [{ flag, off, needed: { flag: needed, atLeast: minimum }, neededOff: 0 }];
  if (typeof maximum === "number")
    return [
      { flag, off, needed: { flag: needed, atLeast: valueAtRank({ off: 100 }, maximum) }, neededOff: 100 },
    ];
  // A state, or one beyond it: they are written from the nearest on.
  if (typeof state === "string") return [{ flag, off, needed: { flag: needed, atLeast: state } }];
  const neededOff = flagValue(asArray(asObject(not).enum)[0]);
  return neededOff === undefined ? [] : [{ flag, off, needed, neededOff }];
}

function asObject(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function flagValue(value: unknown): FlagValue | undefined {
  return isFlagValue(value) ? value : undefined;
}
