import pg, { type ClientBase } from "pg";
import { importsFunctions } from "../../../src/imports/queries";
import { returnsOf, SCHEMA } from "../../../src/imports/queries/query";
import { ident } from "../../../src/imports/quote";
import type { Rollout } from "../../../src/rollout/rollout";

/**
 * Declares the functions that a rollout's first `up` declares, for its questions to be asked before that. Those that are
 * there already stay as they are.
 *
 * @returns takes away again what was declared here
 */
export async function declareFunctions(
  client: ClientBase,
  { database }: Pick<Rollout, "database">,
): Promise<() => Promise<void>> {
  if (!database?.imports) return async () => {};
  const schemas = await client.query("select from pg_namespace where nspname = $1", [SCHEMA]);
  const { rows } = await client.query<{ name: string }>(
    "select proname as name from pg_proc where pronamespace = to_regnamespace($1)",
    [SCHEMA],
  );
  const there = new Set(rows.map(({ name }) => name));
  const declared = importsFunctions(database.imports, database.schema).filter(({ name }) => !there.has(name));
  // Their table may be one that is still to be made up.
  await client.query("set local check_function_bodies = off");
  if (schemas.rowCount === 0) await client.query(`create schema ${ident(SCHEMA)}`);
  for (const one of declared) {
    const args = one.args.map(
      (arg) => `${ident(arg.name)} ${arg.type}${arg.default === undefined ? "" : ` default ${arg.default}`}`,
    );
    await client.query(
      `create function ${ident(SCHEMA)}.${ident(one.name)}(${args.join(", ")}) returns ${returnsOf(one)}
       language sql stable as ${pg.escapeLiteral(one.body)}`,
    );
  }
  return async () => {
    for (const { name, args } of declared)
      await client.query(
        `drop function ${ident(SCHEMA)}.${ident(name)}(${args.map(({ type }) => type).join(", ")})`,
      );
    if (schemas.rowCount === 0) await client.query(`drop schema ${ident(SCHEMA)}`);
  };
}
