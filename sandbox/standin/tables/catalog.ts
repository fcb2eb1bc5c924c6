import type { ClientBase } from "pg";
import { keyOf, type TableName } from "./sql";

/** A table that is there. */
export interface Existing {
  /** Its columns' types as PostgreSQL spells them, by name. */
  readonly columns: ReadonlyMap<string, string>;
  /** Columns that PostgreSQL works out itself. */
  readonly generated: ReadonlySet<string>;
  /** Columns of its primary key. */
  readonly primary: readonly string[];
  /** Columns of any unique index: of two rows that are alike, one has to have others. */
  readonly unique: ReadonlySet<string>;
}

/** What the database has of the tables that queries name. */
export interface Catalog {
  /** By `keyOf`. Tables of the server's own are not among them. */
  readonly tables: ReadonlyMap<string, Existing>;
  /** The key of a name that queries write. */
  keyOf(schema: string | undefined, name: string): string | undefined;
}

/** A name as queries write it, for `there`. */
const written = (schema: string | undefined, name: string) => JSON.stringify([schema ?? null, name]);

/**
 * Reads which of some names are tables already.
 *
 * @param schema the schema of names without one
 */
export async function readCatalog(
  client: ClientBase,
  schema: string,
  names: readonly { readonly schema?: string | undefined; readonly name: string }[],
): Promise<Catalog> {
  const { rows } = await client.query<{
    written: string;
    schema: string;
    name: string;
    columns: { name: string; type: string; generated: boolean; primary: boolean; unique: boolean }[];
  }>(
    `select n.written, s.nspname as schema, c.relname as name,
       coalesce((
         select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
             'generated', a.attgenerated <> '', 'primary', coalesce(u.primary, false), 'unique', u.primary is not null)
           order by a.attnum)
           from pg_attribute a
           left join lateral (
             select bool_or(i.indisprimary) as primary from pg_index i
              where i.indrelid = a.attrelid and i.indisunique and a.attnum = any (i.indkey)) u on true
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]') as columns
     from unnest($1::text[], $2::text[]) as n(written, quoted)
     join pg_class c on c.oid = to_regclass(n.quoted)
     join pg_namespace s on s.oid = c.relnamespace`,
    [
      names.map((one) => written(one.schema, one.name)),
      names.map((one) => [...(one.schema === undefined ? [] : [one.schema]), one.name].map(quoted).join(".")),
    ],
  );
  const found = new Map<string, TableName>(rows.map((row) => [row.written, row]));
  const own = rows.filter((row) => !/^(pg_|information_schema$)/.test(row.schema));
  return {
    tables: new Map(
      own.map(({ columns, ...row }) => {
        const names = (of: (typeof columns)[number][]) => of.map(({ name }) => name);
        return [
          keyOf(row),
          {
            columns: new Map(columns.map(({ name, type }) => [name, type])),
            generated: new Set(names(columns.filter(({ generated }) => generated))),
            primary: names(columns.filter(({ primary }) => primary)),
            unique: new Set(names(columns.filter(({ unique }) => unique))),
          },
        ];
      }),
    ),
    keyOf: (given, name) => {
      const one = found.get(written(given, name)) ?? { schema: given ?? schema, name };
      return /^(pg_|information_schema$)/.test(one.schema) ? undefined : keyOf(one);
    },
  };
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
