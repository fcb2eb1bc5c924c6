import pg from "pg";
import type { Problem } from "../text/problem";

/**
 * What a login may do in its database beside reading: by its own grants, by roles that it is a member of, whether it
 * inherits them or not, and by what is granted to PUBLIC, which is everybody. Sessions of gates and probes only read
 * whatever it may; whoever else holds the login need not.
 */
export interface LoginReach {
  readonly user: string;
  /** Attributes that make it more than a login, in PostgreSQL's words. */
  readonly attributes: readonly string[];
  /** Roles that it is a member of and that may more than any grant on a table gives. */
  readonly roles: readonly string[];
  /** Schemas that it may make objects in. */
  readonly creates: readonly string[];
  /** Tables, each with its schema, that it may change rows of. */
  readonly writes: readonly string[];
  /** Functions, each with its schema, that run with the rights of somebody else. */
  readonly borrows: readonly string[];
  readonly temporary: boolean;
  /** Other databases of the server that it may connect to. */
  readonly databases: readonly string[];
}

/** So many names of a kind are read: what is told is the first of them, and that there are more. */
const MOST = 20;

/**
 * Roles that act beyond the rows of a database: on the server's files and programs, on other sessions, as a replica, or as
 * whoever keeps the server. Sources: PostgreSQL's documentation, "Predefined Roles"; RDS's user guide, "Understanding
 * PostgreSQL roles and permissions"; those of other clouds have attributes, by which they are found.
 */
const POWERFUL = [
  ...["pg_execute_server_program", "pg_read_server_files", "pg_write_server_files", "pg_write_all_data"],
  ...["pg_maintain", "pg_signal_backend", "pg_signal_autovacuum_worker", "pg_checkpoint"],
  ...["pg_create_subscription", "pg_use_reserved_connections"],
  ...["rds_superuser", "rds_password", "rds_replication"],
];

/**
 * The login, and whatever it may become: a membership that it does not inherit is one `set role` away, and one that it
 * may grant is a `grant` further. Before PostgreSQL 16 every membership is the former. Of a superuser it is not asked.
 */
const BECOMES = `with become as materialized (
  select r.oid, r.rolname, r.oid <> s.oid as other,
    r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication as powerful
  from pg_roles s join pg_roles r on r.oid = s.oid or not s.rolsuper and pg_has_role(s.oid, r.oid,
    case when current_setting('server_version_num')::int >= 160000
      then 'usage, set, member with admin option' else 'member' end)
  where s.rolname = current_user)`;

const NOT_THE_SERVERS = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;
const REACH = `${BECOMES}
select current_user::text as "user",
  array(select w.word from pg_roles r, lateral (values
      (r.rolsuper, 'SUPERUSER'), (r.rolcreaterole, 'CREATEROLE'), (r.rolcreatedb, 'CREATEDB'),
      (r.rolreplication, 'REPLICATION')) w (has, word)
    where r.rolname = current_user and w.has) as attributes,
  array(select rolname::text from become
    where other and (powerful or rolname = any ('{${POWERFUL.join()}}')) order by 1 limit ${MOST}) as roles,
  array(select n.nspname::text from pg_namespace n
    where ${NOT_THE_SERVERS} and exists (select from become b where has_schema_privilege(b.oid, n.oid, 'create'))
    order by 1 limit ${MOST}) as creates,
  array(select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'f') and ${NOT_THE_SERVERS}
      and exists (select from become b where has_schema_privilege(b.oid, n.oid, 'usage')
        and (has_table_privilege(b.oid, c.oid, 'delete, truncate')
          or has_any_column_privilege(b.oid, c.oid, 'insert, update')))
    order by 1 limit ${MOST}) as writes,
  array(select distinct n.nspname || '.' || p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.prosecdef and ${NOT_THE_SERVERS} and has_schema_privilege(n.oid, 'usage')
      and has_function_privilege(p.oid, 'execute') order by 1 limit ${MOST}) as borrows,
  has_database_privilege(current_database(), 'temporary') as temporary,
  array(select d.datname::text from pg_database d
    where d.datallowconn and d.datname <> current_database() and has_database_privilege(d.oid, 'connect')
    order by 1 limit ${MOST}) as databases`;

/** Reads what the login of a session may do. Looks into the catalog alone. */
export async function readReach(client: pg.ClientBase): Promise<LoginReach | undefined> {
  return (await client.query<LoginReach & pg.QueryResultRow>(REACH)).rows[0];
}

/** Something that a gate login should not be able to do, and what takes it away. */
export type Excess = Omit<Problem, "where">;

/** What a login may do that it was not made for: none of it is so in a database that grants nothing to PUBLIC by itself. */
export function excessOf({ user, attributes, roles, creates, writes }: LoginReach): Excess[] {
  const role = pg.escapeIdentifier(user);
  const found: Excess[] = [];
  if (attributes.length > 0)
    found.push({
      what: `${user} is ${attributes.join(", ")}, and was made as none of it`,
      remedy: `As the administrator: alter role ${role} ${attributes.map((word) => `no${word.toLowerCase()}`).join(" ")}`,
    });
  if (roles.length > 0)
    found.push({
      what: `${user} is in ${listed(roles)}, which may more than read, also where it does not inherit that`,
      remedy: `As the administrator: revoke ${roles.map(pg.escapeIdentifier).join(", ")} from ${role}; where it is in one by way of another role, revoke that one`,
    });
  if (writes.length > 0)
    found.push({
      what: `${user} may change rows of ${listed(writes)}, and was granted reading alone`,
      remedy: `As their owner: revoke insert, update, delete, truncate on ${first(writes)} from ${role}, public; where a role that it is a member of may, also one that it does not inherit, take it out of that`,
    });
  if (creates.length > 0)
    found.push({
      what: `${user} may make tables and functions in ${listed(creates)}, as everybody may whom PUBLIC's grant lets: PostgreSQL 13 and 14 grant it in public by themselves, and a server that came from there still has it`,
      remedy: `As its owner: revoke create on schema ${pg.escapeIdentifier(creates[0] ?? "")} from public, once the app's own role is granted it by name`,
    });
  return found;
}

/** What any login of the server may do, and nobody can take from this one alone; a sentence without a full stop. */
export function anyoneMay({ temporary, databases }: LoginReach): string {
  const more = [
    "change its own password (gates and probes are then refused, and say so)",
    ...(temporary ? ["make temporary tables, which gates do not see"] : []),
    ...(databases.length > 0 ? [`connect to ${listed(databases)}`] : []),
  ];
  return `reads, and may, as any login of this server: ${more.join("; ")}`;
}

/** What it may call that acts as somebody else; undefined where there is nothing. */
export function borrowedRights({ borrows }: LoginReach): string | undefined {
  return borrows.length === 0
    ? undefined
    : `may call ${listed(borrows)}, which run with their owner's rights: whether they change anything, a person has to read`;
}

function first(names: readonly string[]): string {
  return (names[0] ?? "").split(".").map(pg.escapeIdentifier).join(".");
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(", ");
  const left = names.length - 3;
  return left > 0 ? `${shown} and ${names.length >= MOST ? "many" : left} more` : shown;
}
