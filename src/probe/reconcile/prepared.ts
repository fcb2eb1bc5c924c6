import type { Reading } from "../../gates/databaseReading";
import type { ReconcileSettings } from "./settings";
import { collationsOf, columnsOf, type Sources } from "./statements";

/** A failure of what config says, as against what the database says. */
export class Mismatch extends Error {}

const JSON_TYPE = 114;
/** What cannot be the same as text though it is the same thing, by the numbers of PostgreSQL's own types. */
const CLASSES: readonly (readonly number[])[] = [
  // smallint, integer, bigint, real, double precision, numeric
  [21, 23, 20, 700, 701, 1700],
  // text, character varying, character
  [25, 1043, 1042],
  // json, jsonb
  [JSON_TYPE, 3802],
  // boolean, date, timestamp, timestamp with time zone
  ...[[16], [1082], [1114], [1184]],
];
/** How late a change may say that it was. Where a time has no zone, it is of the one that is ahead of all others. */
const LATEST: Readonly<Record<number, string>> = {
  1114: "(now() at time zone 'UTC') + interval '14 hours'",
  1184: "now()",
};

interface Described {
  readonly name: string;
  /** By column. */
  readonly types: ReadonlyMap<string, number>;
}

/**
 * What both sources have to have, and what statements are made of. Looked at once: a source that becomes another one fails by
 * its statements. Throws a `Mismatch` that says what to write otherwise.
 */
export async function prepared(
  reading: Reading,
  settings: ReconcileSettings,
  seed: string,
): Promise<Sources> {
  const { first, second, key, changed } = settings;
  const [a, b] = [await described(reading, settings, first), await described(reading, settings, second)];
  const lacks = (one: Described, other: Described) =>
    [...other.types.keys()].filter((column) => !one.types.has(column));
  const unlike = [...lacks(b, a), ...lacks(a, b)].filter((column) => column !== changed);
  if (unlike.length > 0)
    throw new Mismatch(
      `${first.name} and ${second.name} do not yield the same columns: ${unlike.join(", ")}`,
    );
  if (a.types.get(key) !== b.types.get(key))
    throw new Mismatch(`${key} is of another type in ${second.name} than in ${first.name}: cast one of them`);
  const columns = [...a.types.keys()].filter((column) => column !== changed).sort();
  await requireComparable(reading, a, b, columns);
  await requireOneOrder(reading, settings, a.types.get(key));
  const json = ({ types }: Described) => columns.filter((column) => types.get(column) === JSON_TYPE);
  const latest = [a, b].map(({ types }) => LATEST[types.get(changed ?? "") ?? 0]);
  return {
    ...{ first: first.query, second: second.query, key, changed, seed, columns },
    json: { first: json(a), second: json(b) },
    latest: latest[0] === latest[1] ? latest[0] : undefined,
  };
}

async function described(
  reading: Reading,
  { key, changed }: ReconcileSettings,
  { name, query }: ReconcileSettings["first"],
): Promise<Described> {
  const { text } = columnsOf(query);
  const columns = await reading.columns(text);
  for (const wanted of [key, ...(changed === undefined ? [] : [changed])]) {
    const times = columns.filter((one) => one.name === wanted).length;
    if (times !== 1) throw new Mismatch(`${name} yields ${times === 0 ? "no" : "more than one"} ${wanted}`);
  }
  const types = new Map(columns.map((one) => [one.name, one.type]));
  if (types.size < columns.length) throw new Mismatch(`${name} yields two columns of one name`);
  return { name, types };
}

/** Values are compared as text: of some types no two are ever the same. */
async function requireComparable(
  reading: Reading,
  a: Described,
  b: Described,
  columns: readonly string[],
): Promise<void> {
  const classOf = (type = 0) => CLASSES.findIndex((types) => types.includes(type));
  for (const column of columns) {
    const [one, other] = [a.types.get(column), b.types.get(column)];
    const classes = [classOf(one), classOf(other)];
    if (classes[0] === classes[1] || classes.includes(-1)) continue;
    const text = "select format_type($1::oid, null) as one, format_type($2::oid, null) as other";
    const [named] = await reading.rows(text, [one, other]);
    throw new Mismatch(
      `${column} is ${named?.one} in ${a.name}, and ${named?.other} in ${b.name}: cast one of them, or every row differs`,
    );
  }
}

/** Stretches of keys are cut by their order: in two orders they are not of the same keys. */
async function requireOneOrder(
  reading: Reading,
  { first, second, key }: ReconcileSettings,
  keyType: number | undefined,
): Promise<void> {
  const [type] = await reading.rows("select typcollation from pg_type where oid = $1::oid", [keyType]);
  if (type?.typcollation === "0") return;
  const { text, values } = collationsOf({ first: first.query, second: second.query, key });
  const [by] = await reading.rows(text, values);
  if (by?.first !== by?.second)
    throw new Mismatch(
      `${key} is sorted by ${by?.second} in ${second.name}, and by ${by?.first} in ${first.name}: write ${key} collate ${by?.first} in ${second.name}, and let an index there have that collation`,
    );
}
