import { delimiter, dirname } from "node:path";
import type { Sandbox } from "../../sandbox";
import { appEnv } from "../../sandbox/appEnv";
import { ENVIRONMENT_NAME, PROFILE_NAME } from "../../src/aws/names";
import { DATABASE_OWNER_URL } from "../../src/text/shell";
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

/**
 * What is exported to work in a sandbox by hand, and what an app in any language is started with. `PATH` and `NO_PROXY`
 * hold only what is put before, or added to, the reader's own. Holds secrets.
 */
export function exportedIn(
  sandbox: Pick<Sandbox, "env" | "dir" | "engine" | "postgres">,
  { rollout, project, servers, deliveries, tokens = {} }: Workplace,
): Record<string, string> {
  const flags = { application: rollout, environment: ENVIRONMENT_NAME, profile: PROFILE_NAME };
  const app = appEnv(sandbox, flags, tokens);
  return {
    // What else the sandbox's own environment holds is the reader's already.
    ...Object.fromEntries(Object.entries(sandbox.env).filter(([name]) => name.startsWith("PULUMI_"))),
    PULUMI_OPTION_POLICY_PACK: POLICY_PACK,
    ...app,
    [DATABASE_OWNER_URL]: app.DATABASE_URL,
    CUTOVER_SANDBOX: sandbox.dir,
    CUTOVER_PROJECT: project,
    ...(servers.length > 0 && { CUTOVER_SERVERS: servers.join(",") }),
    ...(deliveries !== undefined && { CUTOVER_DELIVERIES: deliveries }),
    PATH: [...new Set([dirname(sandbox.engine.pulumi), dirname(process.execPath)])].join(delimiter),
    NO_PROXY: "127.0.0.1,localhost",
  };
}
