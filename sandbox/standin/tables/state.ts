import pg from "pg";
import type { Row } from "./bundles";
import type { Existing } from "./catalog";
import { type Cell, usual } from "./cell";
import { tableOf } from "./sql";
import { type Type, typeFor } from "./typeNames";

/** So many rows of a table that are alike. */
export interface Group extends Row {
  readonly count: number;
}

/** The rows of made-up tables. */
export type State = readonly Group[];

/** A table as rows are written into it. */
export interface Table {
  readonly key: string;
  /** Where it was there before: what of its columns is to be minded. Of one that was made up here, the rows are ours alone. */
  readonly existing?: Existing;
  /** The types of the columns that are written, by name, as PostgreSQL spells them. */
  readonly columns: ReadonlyMap<string, string>;
  /** The zone that its times without one are written in. Default: the server's. */
  readonly zone?: string | undefined;
}

export type Tables = ReadonlyMap<string, Table>;

/** How PostgreSQL spells the type of times without a zone. */
export const WITHOUT_ZONE = "timestamp without time zone";

/** A table's name as SQL. */
export function quotedTable(key: string): string {
  const { schema, name } = tableOf(key);
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}

/**
 * The statements that write a state, into tables that are empty.
 *
 * @param drift so many ms ago the rows were written
 */
export function inserts(state: State, tables: Tables, drift = 0): string[] {
  return state.flatMap((group) => {
    const table = tables.get(group.table);
    if (!table || table.existing) return [];
    const columns = [...table.columns];
    const names = columns.map(([name]) => pg.escapeIdentifier(name)).join(", ");
    const values = columns.map(([name]) => columnSql(group.cells, name, table, drift)).join(", ");
    const into = `insert into ${quotedTable(group.table)}${columns.length === 0 ? "" : ` (${names})`}`;
    return [`${into} select ${values} from generate_series(1, ${group.count}) as g(i)`];
  });
}

/** The statements that empty made-up tables. No TRUNCATE: it would wait for readers, and they for it. */
export function deletes(tables: Iterable<Table>): string[] {
  return [...tables].filter(({ existing }) => !existing).map(({ key }) => `delete from ${quotedTable(key)}`);
}

/** What stands in a column of a row, as an expression over the rows `g(i)`. */
export function columnSql(cells: Row["cells"], name: string, table: Table, drift: number): string {
  const type = table.columns.get(name) ?? "text";
  const own = cells[JSON.stringify([name])];
  const ours = typeFor(type) ?? "text";
  const inside = Object.entries(cells)
    .map(([key, one]) => [JSON.parse(key) as string[], one] as const)
    .filter(([[column, ...path]]) => column === name && path.length > 0);
  if (inside.length > 0)
    return `${jsonSql(
      inside.map(([[, ...path], one]) => [path, one]),
      drift,
    )}::${type}`;
  const one = own ?? usual(ours);
  if (table.zone === undefined || type !== WITHOUT_ZONE || one.kind === "value")
    return cellSql(one, type, ours, drift);
  return `(${cellSql(one, "timestamptz", ours, drift)} at time zone ${pg.escapeLiteral(table.zone)})`;
}

/** A JSON object of values by their paths. */
function jsonSql(inside: readonly (readonly [readonly string[], Cell])[], drift: number): string {
  const names = [...new Set(inside.map(([[name = ""]]) => name))];
  const parts = names.map((name) => {
    const below = inside
      .filter(([[first]]) => first === name)
      .map(([[, ...path], one]) => [path, one] as const);
    const leaf = below.find(([path]) => path.length === 0);
    const deeper = below.filter(([path]) => path.length > 0);
    const value = deeper.length > 0 || !leaf ? jsonSql(deeper, drift) : leafSql(leaf[1], drift);
    return `${pg.escapeLiteral(name)}, ${value}`;
  });
  return `jsonb_build_object(${parts.join(", ")})`;
}

function leafSql(one: Cell, drift: number): string {
  if (one.kind === "ago") return cellSql(one, "timestamptz", "timestamptz", drift);
  if (one.kind === "each") return cellSql(one, "text", "text", drift);
  const { value } = one;
  const type = typeof value === "number" ? "numeric" : typeof value === "boolean" ? "boolean" : "text";
  return cellSql(one, type, type, drift);
}

function cellSql(one: Cell, type: string, ours: Type, drift: number): string {
  switch (one.kind) {
    case "ago":
      return `(now() - interval '${one.ms + drift} milliseconds')::${type}`;
    case "each":
      if (ours === "uuid") return "gen_random_uuid()";
      if (ours === "bigint" || ours === "numeric") return `g.i::${type}`;
      if (ours === "date") return `(now() - g.i * interval '1 day')::${type}`;
      if (ours === "timestamptz")
        return `(now() - interval '${drift} milliseconds' - g.i * interval '1 second')::${type}`;
      if (ours === "text") return `('made-up-' || g.i)::${type}`;
      return cellSql(usual(ours), type, ours, drift);
    case "value": {
      const { value } = one;
      if (value === null) return `null::${type}`;
      const text =
        typeof value === "object"
          ? `{${value.map((item) => JSON.stringify(item)).join(",")}}`
          : String(value);
      return `${pg.escapeLiteral(text)}::${type}`;
    }
  }
}
