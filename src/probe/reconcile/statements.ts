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
  /** The columns that are compared, in one order for both. */
  readonly columns: readonly string[];
  /** Drawn anew by each process: hashes tell nobody what they are of. A bigint, as text. */
  readonly seed: string;
}

/** A source in FROM. */
const of = (query: string) => `${subquery(query)} q`;
const column = (name: string) => `q.${sqlName(name)}`;

/** What columns a source has, and of which types. */
export function columnsOf(query: string): Statement {
  return { text: `select * from ${of(query)} limit 0`, values: [] };
}

/** Whether the keys of a source are walked by an index. */
export function planOf(query: string, key: string): Statement {
  const k = column(key);
  return {
    text: `explain (format json) select ${k} from ${of(query)} where ${k} is not null order by ${k} limit 1000`,
    values: [],
  };
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
  const side = (query: string) =>
    `(select count(*) as rows, coalesce(sum(${hashed(sources, seed)}), 0) as sum from ${of(query)} where ${where})`;
  return {
    text: `select a.rows as "firstRows", a.sum::text as "firstSum", b.rows as "secondRows", b.sum::text as "secondSum" from ${side(sources.first)} a, ${side(sources.second)} b`,
    values,
  };
}

/** Each key of one side in a stretch. */
export function listOf(
  sources: Sources,
  side: "first" | "second",
  stretch: Stretch,
  limit: number,
): Statement {
  const values: unknown[] = [];
  const where = within(sources.key, stretch, values);
  return marks(sources, side, where, values, ` order by ${column(sources.key)} limit ${limit}`);
}

/** Named keys of one side. */
export function keysOf(sources: Sources, side: "first" | "second", keys: readonly string[]): Statement {
  return marks(sources, side, `${column(sources.key)} = any($1)`, [keys], "");
}

/** The row that changed last. */
export function newestOf(query: string, key: string, changed: string): Statement {
  const [k, c] = [column(key), column(changed)];
  return {
    text: `select ${k}::text as key, ${c}::text as changed from ${of(query)} where ${k} is not null and ${c} is not null order by ${c} desc, ${k} desc limit 1`,
    values: [],
  };
}

/** What changed beyond a place, oldest first. */
export function changesOf(
  query: string,
  key: string,
  changed: string,
  from: Place | undefined,
  limit: number,
): Statement {
  const [k, c] = [column(key), column(changed)];
  const beyond = from === undefined ? "" : ` and ${c} >= $1 and (${c}, ${k}) > ($1, $2)`;
  return {
    text: `select ${k}::text as key, ${c}::text as changed from ${of(query)} where ${k} is not null and ${c} is not null${beyond} order by ${c}, ${k} limit ${limit}`,
    values: from === undefined ? [] : [from.changed, from.key],
  };
}

function marks(
  sources: Sources,
  side: "first" | "second",
  where: string,
  values: unknown[],
  end: string,
): Statement {
  const { key, changed } = sources;
  const k = column(key);
  const seed = values.push(sources.seed);
  const when = changed === undefined ? "''" : `coalesce(max(${column(changed)})::text, '')`;
  // A key that a source has twice is one whose sum is another.
  return {
    text: `select ${k}::text as key, count(*) || ' ' || sum(${hashed(sources, seed)}) as hash, ${when} as changed from ${of(sources[side])} where ${where} group by ${k}${end}`,
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
function hashed({ columns }: Sources, seed: number): string {
  return `hashtextextended(row(${columns.map(column).join(", ")})::text collate "C", $${seed}::bigint)`;
}
