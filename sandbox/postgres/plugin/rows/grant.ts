import * as z from "zod";
import { set, type Values } from "../../../plugin/spec";
import type { Query } from "../session";
import { grantee, ident, idents, literal, row } from "../sql";
import { asGiven, kindOf, PRIVILEGES, privilegeWords } from "./privileges";

const inputs = {
  role: z.string().meta({ replaces: true }),
  database: z.string().meta({ replaces: true }),
  schema: z.string().optional().meta({ replaces: true }),
  objectType: z
    .enum([
      ...(["database", "schema", "table", "sequence", "function", "procedure", "routine"] as const),
      ...(["column", "foreign_data_wrapper", "foreign_server"] as const),
    ])
    .meta({ replaces: true }),
  objects: set(z.string()).optional().meta({ replaces: true }),
  columns: set(z.string()).optional().meta({ replaces: true }),
  privileges: set(z.enum(PRIVILEGES)),
  withGrantOption: z.boolean().default(false).meta({ replaces: true }),
};

type Grant = Values<typeof inputs>;

/** A name, or a routine with its argument types, of which only the name can be quoted. */
function object(schema: string | undefined, name: string): string {
  const [, routine, types] = /^([^()]+)(\([\w\s,."[\]]*\))$/.exec(name) ?? [];
  const quoted = routine ? `${ident(routine)}${types}` : ident(name);
  return schema === undefined ? quoted : `${ident(schema)}.${quoted}`;
}

function needed<T>(value: T | undefined, input: string, { objectType }: Grant): T {
  if (value === undefined) throw new Error(`'${input}' is required for the objectType '${objectType}'`);
  return value;
}

/** What follows ON. */
function target(grant: Grant): string {
  const { objectType, objects = [], schema, database } = grant;
  const { one, all } = kindOf(objectType);
  if (objectType === "database") return `DATABASE ${ident(database)}`;
  if (objectType === "schema") return `SCHEMA ${ident(needed(schema, "schema", grant))}`;
  if (objectType.startsWith("foreign")) return `${one} ${idents(objects)}`;
  const within = needed(schema, "schema", grant);
  if (objects.length > 0) return `${one} ${objects.map((name) => object(within, name)).join(", ")}`;
  return `ALL ${all ?? needed(undefined, "objects", grant)} IN SCHEMA ${ident(within)}`;
}

/** What the official plugin refuses of a grant before it asks the server, in its order. */
function refuse({ objectType, objects = [], columns = [], privileges, schema }: Grant): void {
  const [whole, foreign] = [["database", "schema"].includes(objectType), objectType.startsWith("foreign")];
  const rules: readonly [boolean, string][] = [
    [
      !schema && objectType !== "database" && !foreign,
      `'schema' is required for the objectType '${objectType}'`,
    ],
    [objects.length > 0 && whole, `'objects' cannot be given for the objectType '${objectType}'`],
    [
      columns.length > 0 && objectType !== "column",
      `'columns' cannot be given for the objectType '${objectType}'`,
    ],
    [columns.length === 0 && objectType === "column", "'columns' is required for the objectType 'column'"],
    [
      privileges.length !== 1 && objectType === "column",
      `a grant on columns takes ${exactlyOne("privilege", privileges)}`,
    ],
    [
      objects.length !== 1 && objectType === "column",
      `a grant on columns takes ${exactlyOne("table", objects)}`,
    ],
    [objects.length !== 1 && foreign, `a grant on a ${objectType} takes ${exactlyOne("object", objects)}`],
  ];
  const broken = rules.find(([is]) => is);
  if (broken !== undefined) throw new Error(broken[1]);
}

const exactlyOne = (what: string, { length }: readonly unknown[]) =>
  `exactly one ${what}, not ${length}: declare one grant for each`;

/** Everything is revoked first, so that what is granted in the end is what was declared, and no more. */
async function apply(query: Query, grant: Grant, words: readonly string[]): Promise<void> {
  const to = grantee(grant.role);
  const columns =
    grant.objectType === "column" ? ` (${idents(needed(grant.columns, "columns", grant))})` : "";
  await query(`REVOKE ALL PRIVILEGES${columns} ON ${target(grant)} FROM ${to}`);
  if (words.length === 0) return;
  const privileges = privilegeWords(grant.objectType, words).map((word) => `${word}${columns}`);
  const option = grant.withGrantOption ? " WITH GRANT OPTION" : "";
  await query(`GRANT ${privileges.join(", ")} ON ${target(grant)} TO ${to}${option}`);
}

/** The role's privileges on each of the objects. */
function catalog(grant: Grant): { sql: string; values: unknown[]; names?: readonly string[] } {
  const { objectType, schema, database, objects = [], columns = [] } = grant;
  if (objectType === "column") {
    const [table] = objects;
    const sql = `
      SELECT attname AS name, attacl AS acl FROM pg_attribute
       WHERE attrelid = ${literal(object(schema, String(table)))}::regclass AND attnum > 0`;
    return { sql, values: [], names: columns };
  }
  const { catalog: sql } = kindOf(objectType);
  if (objectType === "database") return { sql, values: [], names: [database] };
  if (objectType === "schema") return { sql, values: [], names: [String(schema)] };
  const names = objects.map((name) => name.replace(/\(.*$/s, ""));
  if (objectType.startsWith("foreign")) return { sql, values: [], names };
  return { sql, values: [schema], ...(names.length > 0 ? { names } : {}) };
}

export const Grant = row({
  inputs,
  outputs: [],
  async create(postgres, grant) {
    refuse(grant);
    await postgres.change(grant.database, (query) => apply(query, grant, grant.privileges));
    const { role, database, schema, objectType, objects = [], columns = [] } = grant;
    const within = objectType === "database" || objectType.startsWith("foreign") ? [] : [schema ?? ""];
    return [role, database, ...within, objectType, ...objects, ...columns].join("_");
  },
  async read(postgres, id, known) {
    // As in the official plugin: an id does not tell its parts apart.
    if (known.role === undefined) throw new Error(`a grant cannot be imported (${id}): declare it`);
    const grant = known as Grant;
    const { sql, values, names } = catalog(grant);
    const found = await postgres.read(
      grant.database,
      `SELECT name, ARRAY(
         SELECT privilege_type FROM aclexplode(acl)
          WHERE grantee = COALESCE((SELECT oid FROM pg_roles WHERE rolname = $${values.length + 1}), 0)
          ORDER BY 1) AS privileges
         FROM (${sql}) o WHERE $${values.length + 2}::text[] IS NULL OR name = ANY($${values.length + 2})`,
      [...values, grant.role, names ?? null],
    );
    const role = grantee(grant.role) === "PUBLIC" || (await exists(postgres, grant.role));
    if (!role) return undefined;
    // One object that was left out is enough for the grant not to be what was declared.
    const given = [...grant.privileges].sort();
    const seen = found.map(({ privileges }) =>
      asGiven(grant.objectType, privileges as string[], grant.privileges).sort(),
    );
    return { ...grant, privileges: seen.find((one) => one.join() !== given.join()) ?? grant.privileges };
  },
  async update(postgres, _id, grant) {
    refuse(grant);
    await postgres.change(grant.database, (query) => apply(query, grant, grant.privileges));
  },
  async delete(postgres, _id, state) {
    const grant = state as Grant;
    await postgres.change(grant.database, async (query) => {
      if (await exists({ read: (_, sql, values) => query(sql, values) }, grant.role)) {
        await apply(query, grant, []);
      }
    });
  },
});

/** A role that is gone took its grants along. */
export async function exists(
  postgres: { read(database: string | undefined, sql: string, values: unknown[]): Promise<unknown[]> },
  role: string,
): Promise<boolean> {
  if (grantee(role) === "PUBLIC") return true;
  const found = await postgres.read(undefined, "SELECT 1 FROM pg_roles WHERE rolname = $1", [role]);
  return found.length > 0;
}
