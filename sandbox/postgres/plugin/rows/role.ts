import * as z from "zod";
import { set, type Values } from "../../../plugin/spec";
import type { Props } from "../../../plugin/values";
import type { Postgres, Query } from "../session";
import { ident, idents, literal, row } from "../sql";

/** Each privilege of a role, its keyword (with NO before it: without), and its column in pg_roles. */
const flags = {
  superuser: ["SUPERUSER", "rolsuper"],
  createDatabase: ["CREATEDB", "rolcreatedb"],
  createRole: ["CREATEROLE", "rolcreaterole"],
  inherit: ["INHERIT", "rolinherit"],
  login: ["LOGIN", "rolcanlogin"],
  replication: ["REPLICATION", "rolreplication"],
  bypassRowLevelSecurity: ["BYPASSRLS", "rolbypassrls"],
} as const;

/** Settings that each session of the role begins with, by the server's names. */
const settings = {
  statementTimeout: "statement_timeout",
  idleInTransactionSessionTimeout: "idle_in_transaction_session_timeout",
  assumeRole: "role",
} as const;

const inputs = {
  name: z.string().meta({ named: 63 }),
  password: z.string().optional().meta({ secret: true }),
  superuser: z.boolean().default(false),
  createDatabase: z.boolean().default(false),
  createRole: z.boolean().default(false),
  inherit: z.boolean().default(true),
  login: z.boolean().default(false),
  replication: z.boolean().default(false),
  bypassRowLevelSecurity: z.boolean().default(false),
  connectionLimit: z.number().default(-1),
  validUntil: z.string().default("infinity"),
  // PostgreSQL has stored no password in the clear since version 10, whatever is asked.
  encryptedPassword: z.boolean().default(true),
  roles: set(z.string()).optional(),
  searchPaths: z.array(z.string()).optional(),
  statementTimeout: z.number().optional(),
  idleInTransactionSessionTimeout: z.number().optional(),
  assumeRole: z.string().optional(),
  skipDropRole: z.boolean().default(false),
  skipReassignOwned: z.boolean().default(false),
};

type Role = Values<typeof inputs>;

function options(role: Role, olds: Props): string {
  const words = Object.entries(flags).map(([input, [keyword]]) =>
    role[input as keyof typeof flags] ? keyword : `NO${keyword}`,
  );
  const password = role.password === undefined ? "NULL" : literal(role.password);
  if (role.password !== olds.password) words.push(`PASSWORD ${password}`);
  words.push(
    `CONNECTION LIMIT ${Math.trunc(role.connectionLimit)}`,
    `VALID UNTIL ${literal(validUntil(role))}`,
  );
  return words.join(" ");
}

/** The official plugin's word for "for ever", which the server does not understand. */
function validUntil({ validUntil }: Role): string {
  return validUntil.toUpperCase() === "NULL" ? "infinity" : validUntil;
}

async function configure(query: Query, role: Role, olds: Props): Promise<void> {
  const name = ident(role.name);
  for (const [input, setting] of Object.entries(settings)) {
    const value = role[input as keyof typeof settings];
    if (value === olds[input]) continue;
    await query(
      value === undefined
        ? `ALTER ROLE ${name} RESET ${setting}`
        : `ALTER ROLE ${name} SET ${setting} TO ${literal(String(value))}`,
    );
  }
  const paths = role.searchPaths ?? [];
  const parted = paths.find((path) => path.includes(", "));
  // Read back, it would be two: the official plugin refuses it.
  if (parted !== undefined) throw new Error(`a path of searchPaths cannot contain ", ": ${parted}`);
  if (paths.length > 0) await query(`ALTER ROLE ${name} SET search_path TO ${idents(paths)}`);
  else if (olds.searchPaths !== undefined) await query(`ALTER ROLE ${name} RESET search_path`);
  const [now, before] = [role.roles ?? [], (olds.roles ?? []) as string[]];
  for (const of of before.filter((of) => !now.includes(of))) await query(`REVOKE ${ident(of)} FROM ${name}`);
  for (const of of now.filter((of) => !before.includes(of))) await query(`GRANT ${ident(of)} TO ${name}`);
}

/**
 * Whoever takes over what a role owns has to be a member of it. A superuser is one of each; who is none, as on RDS, may
 * grant the roles that it made to itself, which the official plugin does as well.
 */
async function beMemberOf(query: Query, role: string): Promise<void> {
  const [{ member, old } = {}] = await query(
    `SELECT pg_has_role(CURRENT_USER, $1, 'USAGE') AS member,
            current_setting('server_version_num')::int < 160000 AS old`,
    [role],
  );
  // Before 16 a grant has no such words, and whoever belongs to a role has what it has.
  if (!member) await query(`GRANT ${ident(role)} TO CURRENT_USER${old ? "" : " WITH INHERIT TRUE"}`);
}

/**
 * What the official plugin does with each role that it reads, also right after it was made, unless `superuser` is false: it reads the hash of its
 * password, which only a superuser may. Without it a login that is none would work here, and fail on RDS.
 */
async function lookAtPassword(postgres: Postgres, role: string): Promise<void> {
  if (!postgres.superuser) return;
  await postgres.read(undefined, "SELECT passwd FROM pg_catalog.pg_shadow WHERE usename = $1", [role]);
}

export const Role = row({
  inputs,
  outputs: [],
  async create(postgres, role) {
    await postgres.change(undefined, async (query) => {
      await query(`CREATE ROLE ${ident(role.name)} WITH ${options(role, {})}`);
      await configure(query, role, {});
    });
    return role.name;
  },
  /** The server keeps only a hash of the password, so it is not read back. */
  async read(postgres, id, { name = id }) {
    const [found] = await postgres.read(
      undefined,
      `SELECT r.*, COALESCE(rolvaliduntil::text, 'infinity') AS "validUntil", rolconfig,
              ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                     WHERE m.member = r.oid ORDER BY 1) AS roles
         FROM pg_roles r WHERE rolname = $1`,
      [name],
    );
    if (!found) return undefined;
    await lookAtPassword(postgres, name);
    const config = new Map(((found.rolconfig ?? []) as string[]).map(splitSetting));
    const privileges = Object.entries(flags).map(([input, [, column]]) => [input, found[column]]);
    const timeout = (setting: string) => (config.has(setting) ? Number(config.get(setting)) : null);
    return {
      ...Object.fromEntries(privileges),
      name,
      connectionLimit: found.rolconnlimit,
      validUntil: found.validUntil,
      roles: found.roles,
      searchPaths: config.get("search_path")?.split(", ").map(unquote) ?? null,
      statementTimeout: timeout(settings.statementTimeout),
      idleInTransactionSessionTimeout: timeout(settings.idleInTransactionSessionTimeout),
      assumeRole: config.get(settings.assumeRole) ?? null,
    };
  },
  async update(postgres, _id, role, olds) {
    await postgres.change(undefined, async (query) => {
      if (role.name !== olds.name) {
        await query(`ALTER ROLE ${ident(String(olds.name))} RENAME TO ${ident(role.name)}`);
      }
      await query(`ALTER ROLE ${ident(role.name)} WITH ${options(role, olds)}`);
      await configure(query, role, olds);
    });
  },
  async delete(postgres, id, { name = id, skipReassignOwned, skipDropRole }) {
    await postgres.change(undefined, async (query) => {
      const [found] = await query("SELECT 1 FROM pg_roles WHERE rolname = $1", [name]);
      if (!found) return;
      if (!skipReassignOwned) {
        await beMemberOf(query, name);
        await query(`REASSIGN OWNED BY ${ident(name)} TO CURRENT_USER`);
        await query(`DROP OWNED BY ${ident(name)}`);
      }
      if (!skipDropRole) await query(`DROP ROLE ${ident(name)}`);
    });
  },
});

function splitSetting(setting: string): [name: string, value: string] {
  const [name = "", ...value] = setting.split("=");
  return [name, value.join("=")];
}

/** As the official plugin reads a path: without quotes around it, so that a name that has one within differs for ever. */
function unquote(path: string): string {
  return path.replace(/^"+|"+$/g, "");
}
