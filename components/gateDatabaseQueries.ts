import * as postgresql from "@pulumi/postgresql";
import type * as pulumi from "@pulumi/pulumi";
import { importsFunctions } from "../src/imports/queries";
import { returnsOf } from "../src/imports/queries/query";
import type { DatabaseConfig } from "../src/rollout/config/database";
import type { ImportsConfig } from "../src/rollout/config/imports";

/** What the queries are declared with. */
export interface Queries {
  readonly database: DatabaseConfig & { readonly imports: ImportsConfig };
  /** The role that owns them: the provider's own. */
  readonly owner: string;
  /** The role that may call them. */
  readonly role: postgresql.Role;
  readonly schema: postgresql.Schema;
  readonly opts: { readonly parent: pulumi.Resource; readonly dependsOn: pulumi.Resource };
}

/**
 * Q1 to Q6, and what alarms ask beside them, as functions of the schema `cutover`, which the gate role may call. They
 * run with the caller's own privileges: whoever may not read the table gets no answer either.
 */
export function declareQueries(
  name: string,
  { database, owner, role, schema, opts }: Queries,
): postgresql.Function[] {
  const { parent } = opts;
  const within = { database: database.name, schema: schema.name };
  const usage = new postgresql.Grant(
    `${name}-cutover-usage`,
    { ...within, role: role.name, objectType: "schema", privileges: ["USAGE"] },
    { ...opts, deleteBeforeReplace: true },
  );
  // A function that is replaced is a new one: it comes with its grant, and gates can call it at once.
  const defaults = new postgresql.DefaultPrivileges(
    `${name}-functions`,
    { ...within, role: role.name, owner, objectType: "function", privileges: ["EXECUTE"] },
    { parent, dependsOn: usage, deleteBeforeReplace: true },
  );
  return importsFunctions(database.imports, database.schema).map(
    (query) =>
      new postgresql.Function(
        `${name}-${query.id}`,
        {
          ...within,
          name: query.name,
          args: query.args.map((argument) => ({ mode: "IN", ...argument })),
          returns: returnsOf(query),
          language: "sql",
          volatility: "STABLE",
          parallel: "SAFE",
          body: query.body,
        },
        // Its name and types are the same when it is replaced: the old one has to go first.
        { parent, dependsOn: defaults, deleteBeforeReplace: true },
      ),
  );
}
