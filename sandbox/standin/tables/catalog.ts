import type { ClientBase } from "pg";
import { keyOf, type TableName } from "./sql";

/** What the database has: the tables that queries name, with their columns' types as PostgreSQL spells them. */
export interface Catalog {
  /** By `keyOf`. Tables of the server's own are not among them. */
  readonly tables: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** The names that stand for something already, be it the server's own, as queries write them. */
  readonly there: ReadonlySet<string>;
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
    columns: [string, string][];
  }>(
    `select n.written, s.nspname as schema, c.relname as name,
       coalesce((select json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod)) order by a.attnum)
          from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            and a.attgenerated = ''), '[]') as columns
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
    tables: new Map(own.map((row) => [keyOf(row), new Map(row.columns)])),
    there: new Set(found.keys()),
    keyOf: (given, name) => {
      const one = found.get(written(given, name)) ?? { schema: given ?? schema, name };
      return /^(pg_|information_schema$)/.test(one.schema) ? undefined : keyOf(one);
    },
  };
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
