import { delimiter, dirname } from "node:path";
import type { Sandbox } from "../../sandbox";
import { ENVIRONMENT_NAME, PROFILE_NAME } from "../../src/aws/names";
import { DATABASE_OWNER_URL, DATABASE_URL, tokenVariable } from "../../src/text/shell";
import { POLICY_PACK } from "../policyPack";

/** What a person works with in a sandbox, beside the sandbox itself. */
export interface Workplace {
  readonly rollout: string;
  /** The copy of its stack files, where `pulumi` is typed. */
  readonly project: string;
  /** Where gates send their requests, and servers report their flags. */
  readonly servers: readonly string[];
  /** Where topics' messages are written; see `Delivered`. */
  readonly deliveries?: string | undefined;
  /** Bearer tokens that gates send, by role. */
  readonly tokens?: Readonly<Record<string, string>>;
}

/** Variables of the engine and of AWS. What else the sandbox's own environment holds is the reader's already. */
const OF_SANDBOX = /^(PULUMI_|AWS_)/;

/**
 * What is exported to work in a sandbox by hand, and what an app in any language is started with. `PATH` and `NO_PROXY`
 * hold only what is put before, or added to, the reader's own. Holds secrets.
 */
export function exportedIn(
  { env, dir, engine, postgres }: Pick<Sandbox, "env" | "dir" | "engine" | "postgres">,
  { rollout, project, servers, deliveries, tokens = {} }: Workplace,
): Record<string, string> {
  const { host, port, database, user, password } = postgres;
  const url = `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}?sslmode=disable`;
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => OF_SANDBOX.test(name))),
    PULUMI_OPTION_POLICY_PACK: POLICY_PACK,
    PGHOST: host,
    PGPORT: String(port),
    PGDATABASE: database,
    PGUSER: user,
    PGPASSWORD: password,
    PGSSLMODE: "disable",
    [DATABASE_URL]: url,
    [DATABASE_OWNER_URL]: url,
    APPCONFIG_APPLICATION: rollout,
    APPCONFIG_ENVIRONMENT: ENVIRONMENT_NAME,
    APPCONFIG_PROFILE: PROFILE_NAME,
    ...Object.fromEntries(Object.entries(tokens).map(([role, token]) => [tokenVariable(role), token])),
    CUTOVER_SANDBOX: dir,
    CUTOVER_PROJECT: project,
    ...(servers.length > 0 && { CUTOVER_SERVERS: servers.join(",") }),
    ...(deliveries !== undefined && { CUTOVER_DELIVERIES: deliveries }),
    PATH: [...new Set([dirname(engine.pulumi), dirname(process.execPath)])].join(delimiter),
    NO_PROXY: "127.0.0.1,localhost",
  };
}
