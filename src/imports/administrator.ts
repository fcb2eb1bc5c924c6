import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type pg from "pg";
import { onOwnConnection } from "../gates/databaseClient";
import { beginReading, connecting } from "../gates/databaseSession";
import { believing } from "../gates/loginFailure";
import { tlsOf } from "../gates/tls";
import type { DatabaseConfig } from "../rollout/config/database";
import { reasonOf } from "../text/problem";

/** A sample of a table may be read: on a live system it must not go on for long. */
const STATEMENT_TIMEOUT_MS = 10_000;

/**
 * Asks the database as the administrator that the provider logs in as, before anything is declared on it. Where it
 * cannot be asked from here, says so and goes on: undefined.
 *
 * @param config the program's own, with the provider's settings
 * @param unasked what is said then, of the reason
 */
export async function askAdministrator<T>(
  database: DatabaseConfig,
  config: Readonly<Record<string, string>>,
  ask: (client: pg.Client) => Promise<T>,
  unasked: (reason: string) => string,
): Promise<T | undefined> {
  try {
    return await onOwnConnection(administrator(database, config), async (client) => {
      await believing(client.connect());
      // Only the rows that a policy shows: they are a sample, and nothing is counted.
      await beginReading(client, { timeoutMs: STATEMENT_TIMEOUT_MS, rowSecurity: true });
      const answer = await ask(client);
      await client.query("rollback");
      return answer;
    });
  } catch (error) {
    await pulumi.log.warn(unasked(reasonOf(error)));
    return undefined;
  }
}

/** How the provider reaches the server, by its own settings, in the database that the queries go into. */
export function administrator(
  { host, port, name, ca }: Pick<DatabaseConfig, "host" | "port" | "name" | "ca">,
  config: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv = process.env,
): pg.ClientConfig {
  const setting = (key: string) => config[`postgresql:${key}`];
  return {
    host: setting("host") ?? env.PGHOST ?? host,
    port: Number(setting("port") ?? env.PGPORT ?? port),
    user: setting("username") ?? env.PGUSER ?? "postgres",
    password: setting("password") ?? env.PGPASSWORD,
    database: name,
    ssl: tls(setting("sslmode") ?? env.PGSSLMODE ?? "require", setting("sslrootcert"), ca),
    ...connecting("cutover-check"),
  };
}

/**
 * With the meaning of the provider's driver, which takes `require` where nothing is said, and for `verify-ca` where it is told
 * an authority. What the provider is told to believe goes before what the rollout names. Source: lib/pq, ssl.go.
 */
function tls(mode: string, rootCert: string | undefined, named: string | undefined): pg.ClientConfig["ssl"] {
  if (mode === "disable") return false;
  if (!/^verify-(full|ca)$/.test(mode) && rootCert === undefined) return tlsOf({ ssl: "require" });
  const verified = tlsOf({
    ssl: "verify-full",
    ca: rootCert === undefined ? named : readFileSync(rootCert, "utf8"),
  });
  return mode === "verify-full" ? verified : { ...verified, checkServerIdentity: () => undefined };
}
