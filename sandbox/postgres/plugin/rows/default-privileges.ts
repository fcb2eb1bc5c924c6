import * as z from "zod";
import { set, type Values } from "../../../plugin/spec";
import type { Query } from "../session";
import { grantee, ident, row } from "../sql";
import { exists } from "./grant";
import { asGiven, kindOf, PRIVILEGES, privilegeWords } from "./privileges";

/** The server's letter for each kind of object. */
const LETTERS = { table: "r", sequence: "S", function: "f", routine: "f", type: "T", schema: "n" } as const;

const inputs = {
  role: z.string().meta({ replaces: true }),
  database: z.string().meta({ replaces: true }),
  owner: z.string().meta({ replaces: true }),
  schema: z.string().optional().meta({ replaces: true }),
  objectType: z.enum([...(Object.keys(LETTERS) as (keyof typeof LETTERS)[])]).meta({ replaces: true }),
  privileges: set(z.enum(PRIVILEGES)),
  withGrantOption: z.boolean().default(false).meta({ replaces: true }),
};

type Defaults = Values<typeof inputs>;

async function apply(query: Query, given: Defaults, words: readonly string[]): Promise<void> {
  const within = given.schema === undefined ? "" : ` IN SCHEMA ${ident(given.schema)}`;
  const alter = `ALTER DEFAULT PRIVILEGES FOR ROLE ${ident(given.owner)}${within}`;
  const objects = kindOf(given.objectType).all;
  const to = grantee(given.role);
  await query(`${alter} REVOKE ALL ON ${objects} FROM ${to}`);
  if (words.length === 0) return;
  const privileges = privilegeWords(given.objectType, words).join(", ");
  const option = given.withGrantOption ? " WITH GRANT OPTION" : "";
  await query(`${alter} GRANT ${privileges} ON ${objects} TO ${to}${option}`);
}

export const DefaultPrivileges = row({
  inputs,
  outputs: [],
  async create(postgres, given) {
    await postgres.change(given.database, (query) => apply(query, given, given.privileges));
    return [given.role, given.database, given.schema ?? "noschema", given.owner, given.objectType].join("_");
  },
  async read(postgres, id, known) {
    // As in the official plugin: an id does not tell its parts apart.
    if (known.role === undefined)
      throw new Error(`default privileges cannot be imported (${id}): declare them`);
    const given = known as Defaults;
    if (!(await exists(postgres, given.role)) || !(await exists(postgres, given.owner))) return undefined;
    const found = await postgres.read(
      given.database,
      `SELECT privilege_type FROM pg_default_acl
         LEFT JOIN pg_namespace n ON n.oid = defaclnamespace, aclexplode(defaclacl)
        WHERE defaclrole = (SELECT oid FROM pg_roles WHERE rolname = $1)
          AND defaclobjtype = $2 AND nspname IS NOT DISTINCT FROM $3
          AND grantee = COALESCE((SELECT oid FROM pg_roles WHERE rolname = $4), 0)`,
      [given.owner, LETTERS[given.objectType], given.schema ?? null, given.role],
    );
    const privileges = found.map(({ privilege_type }) => String(privilege_type));
    return { ...given, privileges: asGiven(given.objectType, privileges, given.privileges) };
  },
  update: (postgres, _id, given) =>
    postgres.change(given.database, (query) => apply(query, given, given.privileges)),
  async delete(postgres, _id, state) {
    const given = state as Defaults;
    if (!(await exists(postgres, given.role)) || !(await exists(postgres, given.owner))) return;
    await postgres.change(given.database, (query) => apply(query, given, []));
  },
});
