import { tokenVariable } from "../src/text/shell";
import type { PostgresConnection, Sandbox } from ".";

/** The AppConfig profile that holds a rollout's flags; ids or names. */
export interface FlagSource {
  readonly application: string;
  readonly environment: string;
  readonly profile: string;
}

/**
 * All that an app in any language needs to reach what a sandbox has: its AWS, its database, by address and as `PG*`, and
 * the rollout's flags. Holds secrets.
 *
 * @param flags the AppConfig profile that holds the flags; ids or names
 * @param tokens the bearer tokens that gates send, by their roles
 */
export function appEnv(
  { env, postgres }: Pick<Sandbox, "env" | "postgres">,
  flags: FlagSource,
  tokens: Readonly<Record<string, string>> = {},
) {
  const { host, port, database, user, password } = postgres;
  const aws: Record<`AWS_${string}`, string> = Object.fromEntries(
    Object.entries(env).filter(([name]) => name.startsWith("AWS_")),
  );
  return {
    ...aws,
    PGHOST: host,
    PGPORT: String(port),
    PGDATABASE: database,
    PGUSER: user,
    PGPASSWORD: password,
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: postgres.caFile,
    // Node's own driver takes no notice of the file that libpq reads.
    NODE_EXTRA_CA_CERTS: postgres.caFile,
    DATABASE_URL: databaseUrl(postgres),
    APPCONFIG_APPLICATION: flags.application,
    APPCONFIG_ENVIRONMENT: flags.environment,
    APPCONFIG_PROFILE: flags.profile,
    ...Object.fromEntries(Object.entries(tokens).map(([role, token]) => [tokenVariable(role), token])),
  };
}

/** The sandbox's database, as its owner. Whoever connects by it looks whom it talks to. */
export function databaseUrl({ host, port, database, user, password, caFile }: PostgresConnection): string {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const server = `sslmode=verify-full&sslrootcert=${encodeURIComponent(caFile)}`;
  return `postgresql://${login}@${host}:${port}/${database}?${server}`;
}
