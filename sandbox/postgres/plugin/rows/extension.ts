import * as z from "zod";
import { partsOf } from "../../../plugin/ids";
import { ident, row } from "../sql";

export const Extension = row({
  inputs: {
    name: z.string().meta({ named: 63, replaces: true }),
    database: z.string().optional().meta({ computed: true, replaces: true }),
    schema: z.string().optional().meta({ computed: true }),
    version: z.string().optional().meta({ computed: true }),
    createCascade: z.boolean().default(false),
    dropCascade: z.boolean().default(false),
  },
  outputs: [],
  async create(postgres, { name, database = postgres.database, schema, version, createCascade }) {
    const placed = schema === undefined ? "" : ` SCHEMA ${ident(schema)}`;
    const pinned = version === undefined ? "" : ` VERSION ${ident(version)}`;
    const cascade = createCascade ? " CASCADE" : "";
    await postgres.change(database, (query) =>
      query(`CREATE EXTENSION IF NOT EXISTS ${ident(name)}${placed}${pinned}${cascade}`),
    );
    return `${database}.${name}`;
  },
  async read(postgres, id) {
    const [database, name] = partsOf(id, ".", "database.extension");
    const [found] = await postgres.read(
      database,
      `SELECT nspname AS schema, extversion AS version
         FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = $1`,
      [name],
    );
    return found && { name, database, schema: found.schema, version: found.version };
  },
  async update(postgres, id, { name, schema, version }, olds) {
    const [database] = partsOf(id, ".", "database.extension");
    await postgres.change(database, async (query) => {
      if (schema !== undefined && schema !== olds.schema) {
        await query(`ALTER EXTENSION ${ident(name)} SET SCHEMA ${ident(schema)}`);
      }
      if (version !== undefined && version !== olds.version) {
        await query(`ALTER EXTENSION ${ident(name)} UPDATE TO ${ident(version)}`);
      }
    });
  },
  async delete(postgres, id, { dropCascade }) {
    const [database, name = ""] = partsOf(id, ".", "database.extension");
    const cascade = dropCascade ? "CASCADE" : "RESTRICT";
    await postgres.change(database, (query) => query(`DROP EXTENSION IF EXISTS ${ident(name)} ${cascade}`));
  },
});
