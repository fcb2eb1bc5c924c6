import pg, { type ClientBase } from "pg";
import { quotedTable, type Table } from "./state";

/** The rows of a table that edits took away, and those that they brought, as PostgreSQL writes rows down. */
export interface Kept {
  readonly table: Table;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** Makes edits to tables that are there, and keeps what undoes them exactly. Within a transaction. */
export async function keeping(
  client: ClientBase,
  tables: readonly Table[],
  edit: () => Promise<unknown>,
): Promise<Kept[]> {
  const all = async () => {
    const each: string[][] = [];
    for (const table of tables) each.push(await lines(client, table));
    return each;
  };
  const before = await all();
  await edit();
  const after = await all();
  return tables.map((table, at) => ({
    table,
    removed: without(before[at] ?? [], after[at] ?? []),
    added: without(after[at] ?? [], before[at] ?? []),
  }));
}

async function lines(client: ClientBase, { key }: Table): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(`select t::text as line from ${quotedTable(key)} t`);
  return rows.map(({ line }) => line);
}

/** Lines that are not among others, each as often as it is missing there. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    if (count > 0) left.set(line, count - 1);
    return count === 0;
  });
}

/** Undoes what was kept: the rows that were brought go, also where the app has changed them, and the others come back. */
export async function undo(client: ClientBase, kept: readonly Kept[]): Promise<void> {
  for (const { table, removed, added } of kept) {
    const name = quotedTable(table.key);
    const primary = table.existing?.primary ?? [];
    const given = `unnest($1::text[]) as l(line), lateral (select (l.line::${name}).*) k`;
    const same = primary
      .map((column) => pg.escapeIdentifier(column))
      .map((column) => `t.${column} is not distinct from k.${column}`);
    if (same.length > 0)
      await client.query(`delete from ${name} t using ${given} where ${same.join(" and ")}`, [
        [...added, ...removed],
      ]);
    else
      for (const line of added)
        await client.query(
          `delete from ${name} where ctid = (select ctid from ${name} t where t::text = $1 limit 1)`,
          [line],
        );
    const columns = [...table.columns.keys()].map((column) => pg.escapeIdentifier(column));
    await client.query(
      `insert into ${name} (${columns.join(", ")}) overriding system value
       select ${columns.map((column) => `k.${column}`).join(", ")} from ${given}`,
      [removed],
    );
  }
}
