import type { ImportsConfig } from "../rollout/config/imports";
import { GATE_ROLES } from "../rollout/gateLogin";
import type { Catalog, CatalogColumn, CatalogIndex, CatalogTable } from "./catalog";
import { SCHEMA } from "./queries/query";
import { ident } from "./quote";
import { suggestIndex } from "./suggestIndex";

/** As much of a client of `pg` as is needed. */
export interface Client {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** Rows of the table that are looked at for the values that occur. */
const SAMPLE = 10_000;

/** Reads what the server has under the mapping's names. Reads the catalog, and a few rows of the table. */
export async function readCatalog(client: Client, mapping: ImportsConfig, schema: string): Promise<Catalog> {
  const names = async (sql: string, values: unknown[] = []) =>
    (await client.query(sql, values)).rows.map(({ name }) => String(name));
  const { timeZone } = mapping;
  const [zone] = timeZone === undefined ? [""] : await names(ZONE, [timeZone]);
  return {
    schemas: await names("select nspname as name from pg_namespace where nspname !~ '^pg_' order by 1"),
    tables: await names(TABLES, [schema]),
    timeZoneKnown: zone !== undefined,
    callers: await names(CALLERS, [SCHEMA, GATE_ROLES]),
    table: await readTable(client, mapping, schema),
  };
}

const ZONE = `select name from (select name from pg_timezone_names union select abbrev from pg_timezone_abbrevs) z
 where lower(name) = lower($1) limit 1`;
const TABLES = `select relname as name from pg_class join pg_namespace n on n.oid = relnamespace
 where nspname = $1 and relkind in ('r', 'p', 'v', 'm', 'f') order by 1`;

/** Gate roles may have any name: each is granted the functions that will be made there, and nobody else is. */
const CALLERS = `select distinct rolname::text as name
  from pg_proc join pg_namespace n on n.oid = pronamespace, aclexplode(proacl) a join pg_roles r on r.oid = a.grantee
 where nspname = $1 and privilege_type = 'EXECUTE'
   and (rolname like $2 or exists (
     select from pg_default_acl d, aclexplode(d.defaclacl) given
      where d.defaclnamespace = n.oid and d.defaclobjtype = 'f' and given.grantee = r.oid))
 order by 1`;

async function readTable(
  client: Client,
  mapping: ImportsConfig,
  schema: string,
): Promise<CatalogTable | undefined> {
  const [found] = (await client.query(TABLE, [schema, mapping.table])).rows;
  if (!found) return undefined;
  const columns = (await client.query(COLUMNS, [found.oid])).rows as unknown as CatalogColumn[];
  const indexes = (await client.query(INDEXES, [found.oid])).rows as unknown as CatalogIndex[];
  const table: CatalogTable = {
    kind: String(found.kind),
    rowSecurity: found.security === true,
    rows: Number(found.rows),
    columns: columns.map(({ labels, ...column }) => (labels ? { ...column, labels } : column)),
    indexes,
  };
  // Without an index the newest rows are not found cheaply; then the first ones have to do.
  const newest = suggestIndex(mapping, schema, table) === undefined;
  const seen = async (name: string | undefined) => {
    if (name === undefined || !columns.some((column) => column.name === name)) return undefined;
    const order = newest ? ` order by i.${ident(mapping.columns.started)} desc nulls last` : "";
    const { rows } = await client.query(
      `select distinct s.value::text as value
         from (select i.${ident(name)} as value from ${ident(schema)}.${ident(mapping.table)} as i${order} limit ${SAMPLE}) as s
        where s.value is not null order by 1 limit 100`,
    );
    return rows.map(({ value }) => String(value));
  };
  const { status, version } = mapping.columns;
  return { ...table, statuses: await seen(status), versions: await seen(version) };
}

const TABLE = `select c.oid, relkind::text as kind, relrowsecurity as security, reltuples as rows
  from pg_class c join pg_namespace n on n.oid = relnamespace
 where nspname = $1 and relname = $2 and relkind in ('r', 'p', 'v', 'm', 'f')`;

const COLUMNS = `select attname::text as name, attnotnull as "notNull",
       format_type(case when t.typtype = 'd' then t.typbasetype else t.oid end, null) as type,
       typcategory::text as category,
       case when t.typtype = 'e' then array(
         select enumlabel::text from pg_enum where enumtypid = t.oid order by enumsortorder) end as labels
  from pg_attribute join pg_type t on t.oid = atttypid
 where attrelid = $1 and attnum > 0 and not attisdropped order by attnum`;

const INDEXES = `select c.relname::text as name, amname::text as method,
       indisvalid and indisready as valid, indpred is not null as partial,
       array(select (select attname::text from pg_attribute where attrelid = i.indrelid and attnum = k.attnum)
               from unnest(i.indkey::int2[]) with ordinality as k(attnum, place)
              where k.place <= i.indnkeyatts order by k.place) as columns
  from pg_index i join pg_class c on c.oid = indexrelid join pg_am a on a.oid = c.relam
 where indrelid = $1 order by 1`;
