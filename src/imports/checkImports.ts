import * as pulumi from "@pulumi/pulumi";
import { gateRoleOf } from "../rollout/gateLogin";
import type { Rollout } from "../rollout/rollout";
import { UserError } from "../text/problem";
import { askAdministrator } from "./administrator";
import { checkMapping } from "./checkMapping";
import { readCatalog } from "./readCatalog";
import { suggestIndex } from "./suggestIndex";

/**
 * Holds the mapping of imports against the real database, before anything is declared on it, as the administrator
 * that the provider logs in as. Throws a `UserError` with all that is wrong. Where the database cannot be asked from
 * here it says so and goes on: the server itself refuses functions over columns that are not there.
 *
 * @param made the roles that this stack has made
 */
export async function checkImports(
  rollout: Rollout,
  made: readonly string[] = [],
  config: Readonly<Record<string, string>> = pulumi.runtime.allConfig(),
): Promise<void> {
  const { database } = rollout;
  if (!database?.imports) return;
  const { imports, schema } = database;
  const catalog = await askAdministrator(
    database,
    config,
    (client) => readCatalog(client, imports, schema),
    (reason) =>
      `The mapping of imports was not held against the database ${database.name}: ${reason}. A wrong one shows when the queries are created.`,
  );
  if (!catalog) return;
  const { problems, notes } = checkMapping(imports, schema, catalog, [gateRoleOf(rollout), ...made]);
  if (problems.length > 0)
    throw new UserError(`The mapping of imports does not fit the database ${database.name}:`, problems);
  for (const note of notes) await pulumi.log.warn(note);
  const index = catalog.table && suggestIndex(imports, schema, catalog.table);
  if (index)
    await pulumi.log.warn(
      `${index.why}. This index keeps them cheap; cutover does not create it:\n${index.ddl};`,
    );
}
