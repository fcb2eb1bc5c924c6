import pg from "pg";
import type { Pools, Row } from "./bundles";
import { type Cell, EACH } from "./cell";
import type { Hints } from "./moves";
import { columnSql, quotedTable, type Table, type Tables } from "./state";
import { typeFor } from "./typeNames";

/** One change to the rows that are there: so many more, other values, or fewer. */
type Edit =
  | (Row & { readonly kind: "add"; readonly count: number })
  | {
      readonly kind: "set";
      readonly table: string;
      readonly part: string;
      readonly cell: Cell;
      readonly one: boolean;
    }
  | { readonly kind: "delete"; readonly table: string; readonly part?: string; readonly cell?: Cell };

export type Edits = readonly Edit[];

/** How many rows edits write, about. */
export const rowsOfEdits = (edits: Edits): number =>
  edits.reduce((sum, edit) => sum + (edit.kind === "add" ? edit.count : 1), 0);

/**
 * The statements that make edits, each after the one before.
 *
 * @param drift so many ms ago it was
 */
export function editStatements(edits: Edits, tables: Tables, drift = 0): string[] {
  return edits.flatMap((edit) => {
    const table = tables.get(edit.table);
    return table ? [statementOf(edit, table, drift)] : [];
  });
}

function statementOf(edit: Edit, table: Table, drift: number): string {
  const name = quotedTable(table.key);
  if (edit.kind === "add") return addition(edit, table, drift);
  if (edit.part === undefined || edit.cell === undefined) return `delete from ${name}`;
  const [column = ""] = JSON.parse(edit.part) as string[];
  const value = columnSql({ [edit.part]: edit.cell }, column, table, drift);
  if (edit.kind === "delete")
    return `delete from ${name} where ${pg.escapeIdentifier(column)} is not distinct from ${value}`;
  const rows = edit.one ? ` where ctid = (select ctid from ${name} limit 1)` : "";
  return `update ${name} set ${pg.escapeIdentifier(column)} = ${value}${rows}`;
}

/** More rows, like one that is there in all that is not asked of them: it meets what the table demands. */
function addition(edit: Extract<Edit, { kind: "add" }>, table: Table, drift: number): string {
  const name = quotedTable(table.key);
  const columns = [...table.columns];
  const given = new Set(Object.keys(edit.cells).map((part) => (JSON.parse(part) as string[])[0]));
  const values = columns.map(([column, type]) => {
    if (given.has(column)) return columnSql(edit.cells, column, table, drift);
    if (table.existing?.unique.has(column)) return unused(table, column, type);
    const standard = columnSql({}, column, table, drift);
    const id = pg.escapeIdentifier(column);
    return `case when exists (select from ${name}) then (select ${id} from ${name} limit 1) else ${standard} end`;
  });
  const names = columns.map(([column]) => pg.escapeIdentifier(column)).join(", ");
  const into = `insert into ${name}${columns.length === 0 ? "" : ` (${names})`} overriding system value`;
  return `${into} select ${values.join(", ")} from generate_series(1, ${edit.count}) as g(i)`;
}

/** A value that no row has. */
function unused(table: Table, column: string, type: string): string {
  const name = quotedTable(table.key);
  const ours = typeFor(type);
  const id = pg.escapeIdentifier(column);
  if (ours === "bigint" || ours === "numeric")
    return `((select coalesce(max(${id}), 0) from ${name}) + g.i)::${type}`;
  if (type === "text" || type.startsWith("character varying"))
    return `('made-up-' || left(md5(random()::text), 8) || '-' || g.i)::${type}`;
  return columnSql({ [JSON.stringify([column])]: EACH }, column, table, 0);
}

/** What edits may be followed by: ways to please a question, likelier ones first. */
export function* editsFor(edits: Edits, hints: Hints, pools: Pools): Generator<Edits> {
  const { bundles, tables, columns } = hints;
  const [one = 1, usual = 1, ...rest] = hints.counts;
  const added = (count: number) =>
    bundles.map(
      (bundle): Edits => [...edits, ...bundle.map((row): Edit => ({ kind: "add", ...row, count }))],
    );
  yield* added(one);
  for (const table of tables) yield [...edits, { kind: "delete", table }];
  for (const { table, part, key } of columns)
    for (const cell of pools.of(key)) {
      if (cell.kind === "each") continue;
      for (const one of [true, false]) yield [...edits, { kind: "set", table, part, cell, one }];
      if (cell.kind === "value") yield [...edits, { kind: "delete", table, part, cell }];
    }
  yield* added(usual);
  for (const table of tables) yield* added(one).map((more): Edits => [{ kind: "delete", table }, ...more]);
  for (const count of rest) yield* added(count);
}
