import * as pulumi from "@pulumi/pulumi";
import type { Client } from "pg";
import { administrator, askAdministrator } from "../imports/administrator";
import { missingTables } from "../rollout/checks/tables";
import type { Rollout } from "../rollout/rollout";
import { short } from "../text/command";
import { type Problem, UserError } from "../text/problem";
import { loginProblems } from "./checkLogin";

const TABLES = `select relname::text as name from pg_class join pg_namespace n on n.oid = relnamespace
 where nspname = $1 and relkind in ('r', 'p', 'v', 'm', 'f')`;

const SUPERUSER =
  "select current_user::text as name, rolsuper as superuser from pg_roles where rolname = current_user";
/** What tells the provider that its login is no superuser. */
const TOLD = "postgresql:superuser";

/**
 * Looks, before anything is declared, whether the database has the tables that gates and abort rows read, and whether
 * the administrator that the provider logs in as is what the provider takes it for. Throws a `UserError` that names each
 * row and its table: the provider itself would only say that a grant failed, or, on RDS, that it may not read a catalog,
 * with the gates' role already made. Where the database cannot be asked from here it says so and goes on.
 *
 * @param made the roles that this stack has made; absent where that is not known
 */
export async function checkDatabase(
  rollout: Pick<Rollout, "name" | "database" | "stages">,
  made?: readonly string[],
  config: Readonly<Record<string, string>> = pulumi.runtime.allConfig(),
): Promise<void> {
  const { database } = rollout;
  if (!database) return;
  // Nobody can log in without one: the provider will say so.
  if (administrator(database, config).password === undefined) return;
  const problems = await askAdministrator(
    database,
    config,
    (client) => databaseProblems(rollout, client, config, made),
    (reason) =>
      `It was not looked whether the database ${database.name} has the tables of database.reads, and whose the provider's login is: ${reason}. What is wrong there shows when the gates' role is made and granted what it reads.`,
  );
  if (problems && problems.length > 0)
    throw new UserError(`The database ${database.name} is not as this rollout needs it:`, problems);
}

/** What a database lacks that a rollout needs, as its administrator sees it. Reads the catalog alone. */
export async function databaseProblems(
  rollout: Pick<Rollout, "name" | "database" | "stages">,
  client: Pick<Client, "query">,
  config: Readonly<Record<string, string>>,
  made?: readonly string[],
): Promise<Problem[]> {
  const { database, stages } = rollout;
  if (!database) return [];
  const tables = (await client.query<{ name: string }>(TABLES, [database.schema])).rows;
  const [login] = (await client.query<Login>(SUPERUSER)).rows;
  return [
    ...administratorProblems(login, config, stages[0].name),
    ...(await loginProblems(rollout, client, made)),
    ...(database.reads.length > 0
      ? missingTables(
          rollout,
          tables.map(({ name }) => name),
        )
      : []),
  ];
}

interface Login {
  readonly name: string;
  readonly superuser: boolean;
}

function administratorProblems(
  login: Login | undefined,
  config: Readonly<Record<string, string>>,
  stack: string,
): Problem[] {
  if (!login || login.superuser || config[TOLD] === "false") return [];
  return [
    {
      where: TOLD,
      what: `is not false, and ${login.name} is no superuser, as no administrator of RDS is: the provider would make the gates' role, and then fail`,
      remedy: short.ofStack(`config set ${TOLD} false`, stack),
    },
  ];
}
