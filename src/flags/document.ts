import stringify from "safe-stable-stringify";
import { z } from "zod";
import { isObject, jsonIn } from "../text/json";
import type { Door, Marks } from "./doors";
import {
  type FlagSpec,
  type FlagSpecs,
  type Flags,
  type FlagValue,
  fits,
  fitting,
  nearer,
  type Requirement,
  rank,
  requiredFlag,
  requiredValue,
} from "./flags";
import { flagValues } from "./values";

/**
 * The key under which the document carries what is not a flag: a drill's token, and the doors behind it. Servers ignore it,
 * but for `format`: once a document means something else by the same words, it has to say `format: 2`. Kits refuse it then,
 * and keep what they have.
 */
export const RESERVED_KEY = "_cutover";

/**
 * The flag document that AppConfig serves. Canonical (sorted keys, no spaces): any other spelling of the same
 * flags would look like a change to the provider, and `up` would replace the version each time.
 *
 * @param doors what there is no way back from, and that this document is behind
 */
export function flagDocument(flags: Flags, doors: Marks = {}): string {
  const own = Object.keys(doors).length === 0 ? {} : { [RESERVED_KEY]: { doors } };
  return stringify({ ...flags, ...own }) as string;
}

/** The same document with another drill's token in it. Throws where it is no JSON object. */
export function drillDocument(text: string, drill: string): string {
  const document = jsonIn(text);
  if (!isObject(document)) throw new TypeError("the document is not a JSON object");
  return stringify({ ...document, [RESERVED_KEY]: { ...reserved(document), drill } }) as string;
}

/** The token of the last drill, where the document carries one. */
export function drillTokenOf(text: string): string | undefined {
  const { drill } = reserved(jsonIn(text));
  return typeof drill === "string" ? drill : undefined;
}

function reserved(document: unknown): Record<string, unknown> {
  const own = isObject(document) ? document[RESERVED_KEY] : undefined;
  return isObject(own) ? own : {};
}

/** What was read from a deployed document. */
export type ParsedDocument =
  | {
      readonly ok: true;
      readonly flags: Flags;
      readonly undeclared: readonly string[];
      /** What there is no way back from, and that it says it is behind. */
      readonly doors: Marks;
    }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads a deployed document. A declared flag that it lacks is off; a value of the wrong type is a problem.
 *
 * @param text undefined where AppConfig no longer has it
 */
export function parseDocument(specs: FlagSpecs, text: string | undefined): ParsedDocument {
  if (text === undefined) return { ok: false, problem: "AppConfig no longer has it" };
  const document = jsonIn(text);
  if (document === undefined) return { ok: false, problem: "it is not JSON" };
  if (!isObject(document)) return { ok: false, problem: "it is not a JSON object" };
  const flags: Record<string, FlagValue> = {};
  for (const [flag, spec] of Object.entries(specs)) {
    const value = Object.hasOwn(document, flag) ? document[flag] : spec.off;
    if (!fits(spec, value)) return { ok: false, problem: `${flag} is not ${fitting(spec).what}` };
    flags[flag] = value;
  }
  const undeclared = Object.keys(document).filter(
    (key) => key !== RESERVED_KEY && !Object.hasOwn(specs, key),
  );
  return { ok: true, flags, undeclared, doors: marks(document) };
}

/** What a document says that it is behind, though its flags cannot be used; undefined where it says nothing at all. */
export function marksIn(text: string | undefined): Marks | undefined {
  const document = jsonIn(text ?? "");
  return isObject(document) ? marks(document) : undefined;
}

function marks(document: Record<string, unknown>): Marks {
  const { doors } = reserved(document);
  return Object.fromEntries(
    Object.entries(isObject(doors) ? doors : {}).flatMap(([stage, one]) => {
      const { success, data } = mark.safeParse(one);
      return success ? [[stage, data]] : [];
    }),
  );
}

const mark = z.object({
  because: z.string(),
  floor: flagValues,
});

/** What precedes the doors in the schema's description, where break-glass, which may have no stack files, finds them. */
const DOORS = "No way back: ";

/**
 * The JSON Schema (draft-04, the only one that AppConfig validators accept) of the flag document. It makes
 * AppConfig itself refuse a document in which a flag is on without the flags it requires, or without enough of them.
 */
export function documentSchema(specs: FlagSpecs, doors: readonly Door[] = []): string {
  const properties = Object.fromEntries(
    Object.entries(specs).map(([flag, spec]) => [
      flag,
      // The default tells break-glass, which may have no stack files at hand, which way is down.
      { ...SHAPES[spec.kind], ...(spec.states ? { enum: spec.states } : {}), default: spec.off },
    ]),
  );
  const requirements = Object.entries(specs).flatMap(([flag, spec]) =>
    spec.requires.map((requirement) => ({
      anyOf: [
        { properties: { [flag]: { enum: [spec.off] } } },
        { properties: { [requiredFlag(requirement)]: metShape(specs, requirement) } },
      ],
    })),
  );
  return stringify({
    $schema: "http://json-schema.org/draft-04/schema#",
    type: "object",
    properties: { ...properties, [RESERVED_KEY]: { type: "object" } },
    required: Object.keys(specs).sort(),
    additionalProperties: false,
    ...(doors.length > 0 ? { description: `${DOORS}${JSON.stringify(doors)}` } : {}),
    ...(requirements.length > 0 ? { allOf: requirements } : {}),
  }) as string;
}

const door = mark.extend({
  stage: z.string(),
  formerly: z.array(z.string()).optional(),
  contracts: z.array(z.string()).optional(),
  flags: flagValues,
});

/** The doors that `documentSchema` wrote down. None where it is no schema of ours. */
export function doorsOfSchema(schema: string | undefined): readonly Door[] {
  const root = jsonIn(schema ?? "");
  const description = isObject(root) ? root.description : undefined;
  if (typeof description !== "string" || !description.startsWith(DOORS)) return [];
  const listed = jsonIn(description.slice(DOORS.length));
  // One that a newer version writes in another way hides none of the others.
  return Array.isArray(listed) ? listed.flatMap((one) => door.safeParse(one).data ?? []) : [];
}

/** No `multipleOf` for decimals: validators divide, and then 0.07 is no multiple of 0.001. */
const SHAPES = {
  boolean: { type: "boolean" },
  percentage: { type: "number", minimum: 0, maximum: 100 },
  states: { type: "string" },
} as const;

/** What the required flag's value looks like where the requirement is met. */
function metShape(specs: FlagSpecs, requirement: Requirement): object {
  const spec = specs[requiredFlag(requirement)];
  const bound = spec && requiredValue(spec, requirement);
  if (bound === undefined) return { not: { enum: [spec?.off] } };
  if (spec?.states) return { enum: statesFrom(spec, bound) };
  return spec?.off === 100 ? { maximum: bound } : { minimum: bound };
}

/** A state and those beyond it, from the nearest to off on. */
function statesFrom(spec: FlagSpec, bound: FlagValue): string[] {
  return (spec.states ?? [])
    .filter((state) => nearer(spec, bound, state) === bound)
    .sort((a, b) => rank(spec, a) - rank(spec, b));
}
