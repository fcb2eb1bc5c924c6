import { sqlName } from "../../text/sqlName";
import { subquery } from "../../text/subquery";
import type { Place } from "./changes";
import type { Stretch } from "./walk";

/** A statement with the values of `$1`, `$2` …. */
export interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

/** What statements are made of: a source's query, and columns as the database calls them. */
export interface Sources {
  readonly first: string;
  readonly second: string;
  readonly key: string;
  readonly changed?: string | undefined;
  /** The names of the columns that are compared, in one order for both, and which of them are `json` there. */
  readonly columns: readonly string[];
  readonly json: Readonly<Record<"first" | "second", readonly string[]>>;
  /** How late a change may say that it was, in SQL; absent where its column holds no time. */
  readonly latest?: string | undefined;
  /** Drawn anew by each process: hashes tell nobody what they are of. A bigint, as text. */
  readonly seed: string;
}

/** A source in FROM. */
const of = (query: string) => `${subquery(query)} q`;
const column = (name: string) => `q.${sqlName(name)}`;

/**
 * What holds in the transaction, whatever the login has set: keys and times go out as text and come back as values, so that
 * text must be exact. And when it is, in ms.
 */
export const BEGIN: Statement = {
  text: "select (extract(epoch from now()) * 1000)::bigint as now, set_config('datestyle', 'ISO', true), set_config('intervalstyle', 'postgres', true), set_config('extra_float_digits', '1', true)",
  values: [],
};

/** What columns a source has, and of which types. */
export function columnsOf(query: string): Statement {
  return { text: `select * from ${of(query)} limit 0`, values: [] };
}

/** By what the keys of both sides are sorted. Asked only of types that have a collation. */
export function collationsOf({ first, second, key }: Pick<Sources, "first" | "second" | "key">): Statement {
  const side = (query: string) => `pg_collation_for((select ${column(key)} from ${of(query)} limit 0))`;
  return { text: `select ${side(first)} as first, ${side(second)} as second`, values: [] };
}

/** Asks for the plans by which a source is read: `by` a column, in `each` step of a walk or round of changes. */
export function plansOf(
  query: string,
  { key, changed }: Pick<Sources, "key" | "changed">,
): (Statement & { readonly by: string; readonly each: string })[] {
  const k = column(key);
  const plan = (text: string) => ({ text: `explain (format json, verbose) ${text}`, values: [] });
  const walk = `select ${k} from ${of(query)} where ${k} is not null order by ${k} limit 1000`;
  const newest = (c: string) => `select ${k} from ${of(query)} order by ${c} desc, ${k} desc limit 1`;
  return [
    { ...plan(walk), by: key, each: "step" },
    ...(changed === undefined ? [] : [{ ...plan(newest(column(changed))), by: changed, each: "round" }]),
  ];
}

/** The last key of the next step: the earlier one of the two sides', so that neither has more rows in it. */
export function edgeOf({ first, second, key }: Sources, stretch: Stretch, step: number): Statement {
  const values: unknown[] = [];
  const k = column(key);
  const where = within(key, stretch, values);
  const side = (query: string) =>
    `(select ${k} from ${of(query)} where ${where} order by ${k} offset ${step - 1} limit 1)`;
  return { text: `select least(${side(first)}, ${side(second)})::text as edge`, values };
}

/** Rows and sums of both sides in a stretch, in one snapshot. */
export function digestOf(sources: Sources, stretch: Stretch): Statement {
  const values: unknown[] = [];
  const where = within(sources.key, stretch, values);
  const seed = values.push(sources.seed);
  const side = (which: "first" | "second") =>
    `(select count(*) as rows, coalesce(sum(${hashed(sources, which, seed)}), 0) as sum from ${of(sources[which])} where ${where})`;
  return {
    text: `select a.rows as "firstRows", a.sum::text as "firstSum", b.rows as "secondRows", b.sum::text as "secondSum" from ${side("first")} a, ${side("second")} b`,
    values,
  };
}

/** Each key of both sides in a stretch. */
export function listOf(sources: Sources, stretch: Stretch, limit: number): Statement {
  const values: unknown[] = [];
  const where = within(sources.key, stretch, values);
  return marks(sources, where, values, ` order by ${column(sources.key)} limit ${limit}`);
}

/** Named keys of both sides. */
export function keysOf(sources: Sources, keys: readonly string[]): Statement {
  return marks(sources, `${column(sources.key)} = any($1)`, [keys], "");
}

/** The row that changed last. */
export function newestOf(sources: Sources, side: "first" | "second", changed: string): Statement {
  const [k, c] = [column(sources.key), column(changed)];
  return {
    text: `select ${k}::text as key, ${c}::text as changed from ${of(sources[side])} where ${k} is not null and ${dated(c, sources)} order by ${c} desc, ${k} desc limit 1`,
    values: [],
  };
}

/** What changed beyond a place, oldest first. */
export function changesOf(
  sources: Sources,
  side: "first" | "second",
  changed: string,
  from: Place | undefined,
  limit: number,
): Statement {
  const [k, c] = [column(sources.key), column(changed)];
  const beyond = from === undefined ? "" : ` and ${c} >= $1 and (${c}, ${k}) > ($1, $2)`;
  return {
    text: `select ${k}::text as key, ${c}::text as changed from ${of(sources[side])} where ${k} is not null and ${dated(c, sources)}${beyond} order by ${c}, ${k} limit ${limit}`,
    values: from === undefined ? [] : [from.changed, from.key],
  };
}

/** One row that says it changes next year would hide all that change until then: it is read when its time has come. */
function dated(changed: string, { latest }: Sources): string {
  return latest === undefined ? `${changed} is not null` : `${changed} <= ${latest}`;
}

/** Both sides side by side. Which keys are the same one the database says: text may differ where the values do not. */
function marks(sources: Sources, where: string, values: unknown[], end: string): Statement {
  const { key, changed } = sources;
  const k = column(key);
  const seed = values.push(sources.seed);
  const when = changed === undefined ? "''" : `coalesce(max(${column(changed)})::text, '')`;
  // A key that a source has twice is one whose sum is another.
  const side = (which: "first" | "second") =>
    `(select ${k} as key, count(*) || ' ' || sum(${hashed(sources, which, seed)}) as hash, ${when} as changed from ${of(sources[which])} where ${where} group by ${k}${end})`;
  return {
    text: `select coalesce(a.key, b.key)::text as key, a.hash as "firstHash", a.changed as "firstChanged", b.hash as "secondHash", b.changed as "secondChanged" from ${side("first")} a full join ${side("second")} b on a.key = b.key`,
    values,
  };
}

/** A row without a key is compared with nothing. */
function within(key: string, { after, until }: Stretch, values: unknown[]): string {
  const k = column(key);
  return [
    `${k} is not null`,
    ...(after === undefined ? [] : [`${k} > $${values.push(after)}`]),
    ...(until === undefined ? [] : [`${k} <= $${values.push(until)}`]),
  ].join(" and ");
}

/** The hash of a row, by its values as text. Source: PostgreSQL, `hashtextextended`, since version 11. */
function hashed({ columns, json }: Sources, side: "first" | "second", seed: number): string {
  // Text of `json` has its keys in any order.
  const values = columns.map((name) => `${column(name)}${json[side].includes(name) ? "::jsonb" : ""}`);
  return `hashtextextended(row(${values.join(", ")})::text collate "C", $${seed}::bigint)`;
}
