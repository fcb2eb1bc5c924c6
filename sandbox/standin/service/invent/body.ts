import { type Pool, type Scalar, valuesFor } from "./pool";
import type { Shape } from "./shape";

export type Json = null | Scalar | readonly Json[] | { readonly [name: string]: Json };

/** Which of its options each place of a body takes, by the place; the first one where none is said. */
export type Choices = ReadonlyMap<string, number>;

/** What a body was built from. */
export interface Built {
  readonly body: Json | undefined;
  /** How many options each place had that came up. */
  readonly options: ReadonlyMap<string, number>;
}

/** The values that a place may take, for a body under way. */
interface Making {
  readonly pool: Pool;
  readonly choices: Choices;
  readonly options: Map<string, number>;
  readonly turn: number;
}

/** Of a long list, the items beyond these say the same as the last one. */
const OWN_ITEMS = 4;
/** What stands where a place is left out. */
const ABSENT = Symbol("absent");

/** Builds the body that a shape and its choices make. */
export function buildBody(shape: Shape, pool: Pool, choices: Choices, turn = 0): Built {
  const making: Making = { pool, choices, options: new Map(), turn };
  const body = place(shape, "$", making);
  return { body: body === ABSENT ? undefined : body, options: making.options };
}

function choose<T>(making: Making, key: string, among: readonly T[]): T {
  making.options.set(key, among.length);
  return among[making.choices.get(key) ?? 0] ?? (among[0] as T);
}

type Form = "object" | "list" | "leaf" | typeof ABSENT;

function place(shape: Shape, key: string, making: Making): Json | typeof ABSENT {
  const object = shape.fields.size > 0 || shape.values !== undefined || shape.keyed;
  const list = shape.item !== undefined;
  const forms: Form[] = [
    ...(object ? (["object"] as const) : []),
    ...(list || (shape.sized && !object) ? (["list"] as const) : []),
    ...(object || list ? [] : (["leaf"] as const)),
  ];
  // The whole of a body is never left out; where nothing is asked of it, it is an object.
  if (key === "$") {
    if (!object && !list && !shape.sized && shape.kinds.size + shape.near.size === 0) return {};
  } else forms.push(ABSENT);
  // Text has a length, too; whatever is an object or a list may also be something else, for who asks that.
  if (object || list) forms.push("leaf");
  switch (choose(making, key, forms)) {
    case "object":
      return objectOf(shape, key, making);
    case "list":
      return listOf(shape, key, making);
    case "leaf":
      return choose<Json>(making, `${key}=`, [
        ...valuesFor(making.pool, shape.kinds, shape.near, making.turn),
        null,
        [],
        {},
      ]);
    default:
      return ABSENT;
  }
}

function objectOf(shape: Shape, key: string, making: Making): Json {
  const entries: [string, Json][] = [];
  const put = (name: string, value: Json | typeof ABSENT) => value !== ABSENT && entries.push([name, value]);
  if (shape.values) {
    const count = choose(making, `${key}#`, making.pool.sizes);
    for (let index = 0; index < count; index++)
      put(`key${index + 1}`, place(shape.values, `${key}.*${Math.min(index, OWN_ITEMS - 1)}`, making));
  }
  if (shape.keyed) {
    const { string, sizes } = making.pool;
    const plain = sizes.map((size) => Array.from({ length: size }, (_, index) => `key${index + 1}`));
    const names = choose(making, `${key}@`, [[], string, ...string.map((one) => [one]), ...plain]);
    for (const name of names) put(name, 1);
  }
  for (const [name, field] of shape.fields) put(name, place(field, `${key}.${name}`, making));
  return Object.fromEntries(entries);
}

function listOf(shape: Shape, key: string, making: Making): Json {
  const item = shape.item ?? { ...shape, sized: false };
  const size = choose(making, `${key}#`, making.pool.sizes);
  const own: (Json | typeof ABSENT)[] = [];
  for (let index = 0; index < Math.min(size, OWN_ITEMS); index++)
    own.push(place(item, `${key}[${index}]`, making));
  const last = own.at(-1) ?? null;
  return Array.from({ length: size }, (_, index) => {
    const one = own[index] ?? last;
    return one === ABSENT ? null : one;
  });
}

/** The same body with another one over it, which counts where both say something. */
export function laidOver(under: Json | undefined, over: Json | undefined): Json | undefined {
  if (over === undefined) return under;
  if (!isObject(under) || !isObject(over)) return over;
  const names = [...new Set([...Object.keys(under), ...Object.keys(over)])];
  return Object.fromEntries(names.map((name) => [name, laidOver(own(under, name), own(over, name)) as Json]));
}

const own = (of: { readonly [name: string]: Json }, name: string) =>
  Object.hasOwn(of, name) ? of[name] : undefined;

function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
