import fc from "fast-check";
import type { FlagSpec, FlagSpecs, Flags, FlagValue, Requirement } from "../../src/flags/flags";

/** Names that a flag may have, those that every object inherits among them. */
const NAMES = ["READ", "WRITE", "percent", "a.b", "constructor", "toString", "hasOwnProperty"] as const;

const STATES = ["off", "shadow", "enforce", "only"] as const;

/** Flags of every kind and sense, without circles of requirements, some of them for a share, declared in any order. */
export const flagSpecs: fc.Arbitrary<FlagSpecs> = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom(...NAMES),
      spec: fc.oneof(
        fc.record({ kind: fc.constant("boolean" as const), off: fc.boolean() }),
        fc.record({ kind: fc.constant("percentage" as const), off: fc.constantFrom(0, 100) }),
        fc
          .record({ states: fc.shuffledSubarray([...STATES], { minLength: 2 }), at: fc.nat(3) })
          .map(({ states, at }) => ({
            ...{ kind: "states" as const, states },
            off: states[at % states.length] as string,
          })),
      ),
      requires: fc.array(
        fc.record({
          which: fc.nat(6),
          atLeast: fc.option(fc.constantFrom(0.1, 1, 50, 99, 99.9, 100), { nil: undefined }),
          state: fc.option(fc.nat(3), { nil: undefined }),
        }),
        { maxLength: 2 },
      ),
    }),
    { selector: (flag) => flag.name, minLength: 1, maxLength: 5 },
  )
  .map((list) =>
    list.map(({ name, spec, requires }, index): [string, FlagSpec] => {
      const earlier = new Map(
        requires.flatMap(({ which, atLeast, state }): [string, Requirement][] => {
          const other = which < index ? list[which] : undefined;
          if (!other) return [];
          const { kind, off } = other.spec;
          const on = kind === "states" ? other.spec.states.filter((one) => one !== off) : [];
          const share =
            kind === "percentage" ? atLeast : state === undefined ? undefined : on[state % on.length];
          return [[other.name, share === undefined ? other.name : { flag: other.name, atLeast: share }]];
        }),
      );
      return [name, { ...spec, requires: [...earlier.values()], writes: false }];
    }),
  )
  .chain((list) => fc.shuffledSubarray(list, { minLength: list.length }))
  .map((list) => Object.fromEntries(list));

/** A value that the flag can take. */
function valueFor(spec: FlagSpec): fc.Arbitrary<FlagValue> {
  if (spec.states) return fc.constantFrom(...spec.states);
  return spec.kind === "boolean"
    ? fc.boolean()
    : fc.oneof(
        fc.constantFrom(0, 0.001, 0.1, 0.5, 1, 99, 99.9, 100),
        fc.integer({ min: 0, max: 100_000 }).map((thousandths) => thousandths / 1_000),
      );
}

/** A whole document: a value for every flag, requirements met or not. */
export function flagsFor(specs: FlagSpecs): fc.Arbitrary<Flags> {
  return fc.record(Object.fromEntries(Object.entries(specs).map(([flag, spec]) => [flag, valueFor(spec)])));
}

/** Whatever someone may have written by hand: wrong types, missing flags, keys that nobody declared. */
export function brokenFlagsFor(specs: FlagSpecs): fc.Arbitrary<Flags> {
  const junk = fc.oneof(
    fc.boolean(),
    fc.double(),
    fc.integer({ min: -5, max: 200 }),
    fc.string(),
    fc.constantFrom(null, undefined, {}, []),
  ) as fc.Arbitrary<FlagValue>;
  return fc
    .record(
      Object.fromEntries(
        Object.entries(specs).map(([flag, spec]) => [flag, fc.oneof(valueFor(spec), valueFor(spec), junk)]),
      ),
      { requiredKeys: [] },
    )
    .chain((flags) =>
      fc.option(fc.record({ undeclared: junk }), { nil: {} }).map((extra) => ({ ...flags, ...extra })),
    );
}

/** Any value that an observation could carry. */
export const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.string(),
  fc.constantFrom(
    null,
    undefined,
    Number.NaN,
    Infinity,
    -Infinity,
    -0,
    0,
    "",
    "0",
    "1",
    "true",
    "NaN",
    1e308,
  ),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_VALUE, -1, [], {}, [1], { value: 1 }, new Date(0)),
  fc.anything(),
);
