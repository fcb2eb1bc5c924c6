import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import pg from "pg";
import type { ImportsConfig } from "../rollout/config/imports";
import type { DatabaseConfig } from "../rollout/config/stackFile";
import type { Rollout } from "../rollout/rollout";
import { reasonOf, UserError } from "../text/problem";
import type { Catalog } from "./catalog";
import { checkMapping } from "./checkMapping";
import { gateRoleOf } from "./gateRole";
import { readCatalog } from "./readCatalog";
import { suggestIndex } from "./suggestIndex";

const CONNECT_TIMEOUT_MS = 5_000;
/** A sample of the table is read: on a live system it must not go on for long. */
const STATEMENT_TIMEOUT_MS = 10_000;

/**
 * Holds the mapping of imports against the real database, before anything is declared on it, as the administrator
 * that the provider logs in as. Throws a `UserError` with all that is wrong. Where the database cannot be asked from
 * here it says so and goes on: the server itself refuses functions over columns that are not there.
 */
export async function checkImports(
  { name, database }: Rollout,
  config: Readonly<Record<string, string>> = pulumi.runtime.allConfig(),
): Promise<void> {
  if (!database?.imports) return;
  const { imports, schema } = database;
  const catalog = await catalogOf(database, imports, config).catch((error: unknown) =>
    pulumi.log.warn(
      `The mapping of imports was not held against the database ${database.name}: ${reasonOf(error)}. A wrong one shows when the queries are created.`,
    ),
  );
  if (!catalog) return;
  const { problems, notes } = checkMapping(imports, schema, catalog, gateRoleOf(name));
  if (problems.length > 0)
    throw new UserError(`The mapping of imports does not fit the database ${database.name}:`, problems);
  for (const note of notes) await pulumi.log.warn(note);
  const index = catalog.table && suggestIndex(imports, schema, catalog.table);
  if (index)
    await pulumi.log.warn(
      `${index.why}. This index keeps them cheap; cutover does not create it:\n${index.ddl};`,
    );
}

async function catalogOf(
  database: DatabaseConfig,
  imports: ImportsConfig,
  config: Readonly<Record<string, string>>,
): Promise<Catalog> {
  const client = new pg.Client(administrator(database, config));
  client.on("error", () => {});
  try {
    await client.connect();
    return await readCatalog(client, imports, database.schema);
  } finally {
    await client.end().catch(() => {});
  }
}

/** How the provider reaches the server, by its own settings, in the database that the queries go into. */
export function administrator(
  { host, port, name, ssl }: Pick<DatabaseConfig, "host" | "port" | "name" | "ssl">,
  config: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv = process.env,
): pg.ClientConfig {
  const setting = (key: string) => config[`postgresql:${key}`];
  const mode = setting("sslmode") ?? env.PGSSLMODE ?? (ssl === "disable" ? "disable" : "require");
  return {
    host: setting("host") ?? env.PGHOST ?? host,
    port: Number(setting("port") ?? env.PGPORT ?? port),
    user: setting("username") ?? env.PGUSER ?? "postgres",
    password: setting("password") ?? env.PGPASSWORD,
    database: name,
    ssl: mode === "disable" ? false : tls(mode, setting("sslrootcert")),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: "cutover-check",
    options: "-c default_transaction_read_only=on",
  };
}

/** With libpq's meaning of the modes. */
function tls(mode: string, rootCert: string | undefined): pg.ClientConfig["ssl"] {
  const ca = rootCert === undefined ? {} : { ca: readFileSync(rootCert, "utf8") };
  if (mode === "verify-full") return { ...ca, rejectUnauthorized: true };
  if (mode === "verify-ca") return { ...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined };
  return { rejectUnauthorized: false };
}
