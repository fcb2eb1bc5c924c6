import { describe, expect, test } from "vitest";
import { z } from "zod";
import { KINDS } from "../../../../src/gates/registry";
import { problemsOf } from "../../../../src/rollout/config/problems";
import { rolloutConfig, stageConfig } from "../../../../src/rollout/config/stackFile";

/** Values of every type, and texts, numbers, lists and maps at the ends of what one may be. */
const WRONG: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 7, 1e9, 1e300, Number.NaN, Number.POSITIVE_INFINITY],
  ...["", " ", "x", "X y", "a\nb", "/", "5 minutes", "https://", "x".repeat(5_000)],
  ...[[], [null], ["x"], [7], [[]], [{}], Array.from({ length: 60 }, () => "x")],
  ...[
    {},
    { "": "" },
    { "a b": 1 },
    { x: {} },
    { A1: null },
    { A1: { source: "none" } },
    { ["x".repeat(300)]: "x" },
  ],
];

type Path = readonly (string | number)[];
/** Where a schema takes a value, and what has to stand beside it on the way, for the branch to be gone into. */
interface Place {
  readonly path: Path;
  readonly beside: readonly (readonly [path: Path, value: unknown])[];
}

function inner(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    return inner(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodPipe ? inner(schema.in as z.ZodType) : schema;
}

/** Every place of a schema, down to its leaves. */
function placesIn(given: z.ZodType, at: Place = { path: [], beside: [] }, depth = 0): Place[] {
  const schema = inner(given);
  if (depth > 9) return [at];
  const below = (key: string | number, of: z.ZodType, beside = at.beside) =>
    placesIn(of, { path: [...at.path, key], beside }, depth + 1);
  if (schema instanceof z.ZodObject)
    return [at, ...Object.entries(schema.shape).flatMap(([key, of]) => below(key, of as z.ZodType))];
  if (schema instanceof z.ZodRecord) return [at, ...below("A1", schema.valueType as z.ZodType)];
  if (schema instanceof z.ZodArray) return [at, ...below(0, schema.element as z.ZodType)];
  if (schema instanceof z.ZodDiscriminatedUnion)
    return [
      at,
      ...(schema.options as unknown as z.ZodObject[]).flatMap((option) => {
        const { discriminator } = schema.def;
        const [source] = [...((option.shape[discriminator] as z.ZodLiteral).values ?? [])];
        const beside = [...at.beside, [[...at.path, discriminator], source] as const];
        return placesIn(option, { path: at.path, beside }, depth + 1);
      }),
    ];
  if (schema instanceof z.ZodUnion)
    return [
      at,
      ...(schema.options as unknown as z.ZodType[]).flatMap((option) => placesIn(option, at, depth + 1)),
    ];
  return [at];
}

/** A config with one value in one place, and what has to stand beside it. */
function withValue({ path, beside }: Place, value: unknown): unknown {
  const root: { value?: unknown } = {};
  for (const [where, what] of [...beside, [path, value] as const]) {
    let at = root as Record<string | number, unknown>;
    let key: string | number = "value";
    for (const next of where) {
      const there = at[key];
      const made = typeof there === "object" && there !== null ? there : typeof next === "number" ? [] : {};
      at[key] = made;
      at = made as Record<string | number, unknown>;
      key = next;
    }
    at[key] = what;
  }
  return root.value;
}

/** What zod says by itself, and what is no sentence behind `must be`. */
const ODD =
  /\b(Invalid|invalid_|Too (small|big)|Unrecognized|[Ee]xpected|received|undefined|must be (must|a list of more)|of another form)\b|\[object/;

describe.each([
  ["cutover:rollout", rolloutConfig],
  ["cutover:stage", stageConfig],
] as const)("%s", (_, schema: z.ZodType) => {
  const places = placesIn(schema);

  test("has every kind of gate among its places", () => {
    const said = new Set(places.flatMap(({ beside }) => beside.map(([, source]) => source)));
    expect([...said]).toEqual(expect.arrayContaining(Object.keys(KINDS)));
  });

  test("every wrong value of every place is told in words for people", () => {
    const odd = new Set<string>();
    for (const place of places)
      for (const value of WRONG) {
        const input = withValue(place, value);
        const result = schema.safeParse(input);
        if (result.success) continue;
        for (const { where, what, remedy } of problemsOf(result.error, input, schema, (path) =>
          path.join("."),
        ))
          if (ODD.test(what.replace(/, got .*$/s, "")) || ODD.test(remedy) || what === "" || remedy === "")
            odd.add(`${where}: ${what}. ${remedy}`);
      }
    expect([...odd]).toEqual([]);
  });
});
