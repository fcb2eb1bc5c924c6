import * as pulumi from "@pulumi/pulumi";
import { administrator, askAdministrator } from "../imports/administrator";
import { missingTables } from "../rollout/checks/tables";
import type { Rollout } from "../rollout/rollout";
import { UserError } from "../text/problem";

const TABLES = `select relname::text as name from pg_class join pg_namespace n on n.oid = relnamespace
 where nspname = $1 and relkind in ('r', 'p', 'v', 'm', 'f')`;

/**
 * Looks, before anything is declared, whether the database has the tables that gates and abort rows read, as the
 * administrator that the provider logs in as. Throws a `UserError` that names each row and its table: the provider
 * itself would only say that a grant failed. Where the database cannot be asked from here it says so and goes on.
 */
export async function checkTables(
  rollout: Pick<Rollout, "database" | "stages">,
  config: Readonly<Record<string, string>> = pulumi.runtime.allConfig(),
): Promise<void> {
  const { database } = rollout;
  if (!database || database.reads.length === 0) return;
  // Nobody can log in without one: the provider will say so.
  if (administrator(database, config).password === undefined) return;
  const there = await askAdministrator(
    database,
    config,
    async (client) => (await client.query<{ name: string }>(TABLES, [database.schema])).rows,
    (reason) =>
      `It was not looked whether the database ${database.name} has the tables of database.reads: ${reason}. One that is missing shows when the gates' role is granted what it reads.`,
  );
  if (!there) return;
  const problems = missingTables(
    rollout,
    there.map(({ name }) => name),
  );
  if (problems.length > 0)
    throw new UserError(`The database ${database.name} lacks tables that this rollout reads:`, problems);
}
