import * as z from "zod";
import { partsOf } from "../../../plugin/ids";
import type { Props } from "../../../plugin/values";
import { ident, row } from "../sql";

/** A renamed schema keeps its id, so where it is now stands in its state; an import has only the id. */
function locate(id: string, { database, name }: Props): [database: string, name: string] {
  if (typeof database === "string" && typeof name === "string") return [database, name];
  const [ofDatabase = "", ofName = ""] = partsOf(id, ".", "database.schema");
  return [ofDatabase, ofName];
}

export const Schema = row({
  inputs: {
    name: z.string().meta({ named: 63 }),
    database: z.string().optional().meta({ computed: true, replaces: true }),
    owner: z.string().optional().meta({ computed: true }),
    ifNotExists: z.boolean().default(true),
    dropCascade: z.boolean().default(false),
  },
  outputs: [],
  async create(postgres, { name, database = postgres.database, owner, ifNotExists }) {
    await postgres.change(database, async (query) => {
      await query(`CREATE SCHEMA ${ifNotExists ? "IF NOT EXISTS " : ""}${ident(name)}`);
      if (owner !== undefined) await query(`ALTER SCHEMA ${ident(name)} OWNER TO ${ident(owner)}`);
    });
    return `${database}.${name}`;
  },
  async read(postgres, id, known) {
    const [database, name] = locate(id, { database: postgres.database, ...known });
    const sql = "SELECT pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = $1";
    const [found] = await postgres.read(database, sql, [name]);
    return found && { name, database, owner: found.owner };
  },
  async update(postgres, _id, { name, owner }, olds) {
    await postgres.change(olds.database, async (query) => {
      if (name !== olds.name)
        await query(`ALTER SCHEMA ${ident(String(olds.name))} RENAME TO ${ident(name)}`);
      if (owner !== undefined && owner !== olds.owner) {
        await query(`ALTER SCHEMA ${ident(name)} OWNER TO ${ident(owner)}`);
      }
    });
  },
  async delete(postgres, id, state) {
    const [database, name] = locate(id, state);
    const cascade = state.dropCascade ? "CASCADE" : "RESTRICT";
    await postgres.change(database, (query) => query(`DROP SCHEMA IF EXISTS ${ident(name)} ${cascade}`));
  },
});
