import pg from "pg";
import { type Contents, type Figures, LARGE_OBJECTS, nameIn, type Proof } from "../gates/dumps/manifest";
import { UserError } from "../text/problem";

/** Whatever the login, the database or the server is set to, a row reads the same on both sides. */
const READS_ALIKE = Object.entries({
  datestyle: "ISO, YMD",
  intervalstyle: "postgres",
  timezone: "UTC",
  bytea_output: "hex",
  extra_float_digits: "1",
  lc_monetary: "C",
});

/**
 * Tables of which a dump holds the rows: not those of the catalog, temporary ones, or ones that an extension brings along.
 * Of a partitioned table, its partitions.
 */
const TABLES = `select n.nspname::text as schema, c.relname::text as name
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r' and c.relpersistence <> 't'
   -- A standby has nothing of what is not logged, nor has a dump of one.
   and not (c.relpersistence = 'u' and pg_is_in_recovery())
   and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
   and not exists (select from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
 order by 1, 2`;

/** How much of a large object is read at a time: one may be larger than a value can be. Bytes. */
const PIECE = 16 * 1024 * 1024;
/** Every large object, piece by piece. */
const OBJECTS = `with recursive piece(id, nr, bytes) as (
    select oid, 0, lo_get(oid, 0, ${PIECE}) from pg_catalog.pg_largeobject_metadata
    union all
    select id, nr + 1, lo_get(id, (nr + 1)::bigint * ${PIECE}, ${PIECE}) from piece where length(bytes) = ${PIECE})
  select count(*) filter (where nr = 0) as rows,
         coalesce(sum(hashtextextended(id || ' ' || nr || ' ' || md5(bytes), 0)), 0) as hash from piece`;

/** Those that gave a number, and that the login may read; one that begins anew at its end has no direction. */
const SEQUENCES = `select schemaname::text as schema, sequencename::text as name, last_value::text as last, increment_by::text as by
  from pg_catalog.pg_sequences where last_value is not null and not cycle and schemaname !~ '^pg_temp' order by 1, 2`;

/** Counting a large table takes its time, in ms. Nobody but us waits for it. */
export const COUNT_MS = 6 * 3_600_000;

/** Everything stays text: a number that JSON cannot hold is none the less compared. */
const AS_TEXT = { getTypeParser: () => (text: string) => text };

/**
 * Counts the rows of every table, sums up their hashes, in whatever order they are read, and asks the rollout's own
 * questions, all within the transaction that the client is in. Throws a `UserError` where a question has no one value.
 */
export async function readContents(
  client: pg.Client,
  queries: Readonly<Record<string, string>>,
): Promise<Contents> {
  for (const [name, value] of READS_ALIKE)
    await client.query("select set_config($1, $2, true)", [name, value]);
  const { rows: found } = await client.query<{ schema: string; name: string }>(TABLES);
  const tables: Record<string, Figures> = {};
  for (const { schema, name } of found) tables[nameIn(schema, name)] = await figuresOf(client, schema, name);
  const objects = (await client.query<Figures>({ text: OBJECTS, types: AS_TEXT })).rows[0];
  if (objects && objects.rows !== "0") tables[LARGE_OBJECTS] = objects;
  const answers: Record<string, string> = {};
  for (const [name, query] of Object.entries(queries)) answers[name] = await answerOf(client, name, query);
  return { tables, answers };
}

/** How far each sequence is. Before a dump is begun: what it says of them is as far, or further. */
export async function readSequences(client: pg.Client): Promise<NonNullable<Contents["sequences"]>> {
  const { rows } = await client.query<Record<"schema" | "name" | "last" | "by", string>>(SEQUENCES);
  return Object.fromEntries(rows.map(({ schema, name, last, by }) => [nameIn(schema, name), { last, by }]));
}

/** How much there is of all tables together; rows as text, since they are more than a number may hold. */
export function amountsIn({ tables, answers }: Contents): NonNullable<Proof["compared"]> {
  const rows = Object.values(tables).reduce((sum, one) => sum + BigInt(one.rows), 0n);
  return {
    tables: Object.keys(tables).length,
    rows: String(rows),
    queries: Object.keys(answers).length,
  };
}

async function figuresOf(client: pg.Client, schema: string, name: string): Promise<Figures> {
  const table = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
  const { rows } = await client.query<Figures>({
    text: `select count(*) as rows, coalesce(sum(hashtextextended((t.*)::text collate "C", 0)), 0) as hash from only ${table} t`,
    types: AS_TEXT,
  });
  return rows[0] as Figures;
}

async function answerOf(client: pg.Client, name: string, query: string): Promise<string> {
  const { rows } = (await client.query({
    text: query,
    rowMode: "array",
    // The extended protocol takes one statement only.
    queryMode: "extended",
    types: AS_TEXT,
  } as pg.QueryArrayConfig)) as { rows: (string | null)[][] };
  const [row, second] = rows;
  if (!row || second || row.length !== 1)
    throw new UserError("A question of the rollout has no one value:", {
      where: `cutover:rollout.backup.queries.${name}`,
      what: `must yield one row with one column, and yields ${rows.length} rows${row ? ` with ${row.length} columns` : ""}`,
      remedy: "Correct it",
    });
  return row[0] ?? "null";
}

/** What differs between what was dumped and what came back, as a person is told; nothing where they agree. */
export function differencesIn(dumped: Contents, back: Contents): string[] {
  const tables = Object.entries(dumped.tables).flatMap(([name, was]) => {
    const now = back.tables[name];
    if (!now) return [`${name} is missing`];
    if (now.rows !== was.rows) return [`${name} has ${now.rows} rows instead of ${was.rows}`];
    return now.hash === was.hash ? [] : [`${name} has as many rows, and others in them`];
  });
  const more = Object.keys(back.tables).filter((name) => !Object.hasOwn(dumped.tables, name));
  const names = [...new Set([...Object.keys(dumped.answers), ...Object.keys(back.answers)])];
  const answers = names.flatMap((name) => {
    const [was, now] = [dumped.answers[name], back.answers[name]];
    if (was === now) return [];
    if (was === undefined) return [`${name} was not asked when it was dumped`];
    return now === undefined ? [`${name} is asked no more`] : [`${name} answers ${now} instead of ${was}`];
  });
  const sequences = Object.entries(dumped.sequences ?? {}).flatMap(([name, { last, by }]) => {
    const now = back.sequences?.[name]?.last;
    const behind = now === undefined || (BigInt(now) - BigInt(last)) * BigInt(by) < 0n;
    return behind ? [`the sequence ${name} stands at ${now ?? "its start"} instead of ${last}`] : [];
  });
  return [...tables, ...sequences, ...more.map((name) => `${name} was not in what was dumped`), ...answers];
}
