import type { Sandbox } from "../../../sandbox";
import type { Servers } from "../../../sandbox/demo/service/servers";
import { startOwnApp } from "../../../sandbox/standin/ownApp";
import type { StandInFaults } from "../../../sandbox/standin/service/faults";
import { startStandIn } from "../../../sandbox/standin/service/fleet";
import { ENVIRONMENT_NAME, PROFILE_NAME } from "../../../src/aws/names";
import type { EcsService } from "../../../src/flags/restart";
import type { Rollout } from "../../../src/rollout/rollout";
import type { ParsedOwnWorld } from "./own";

const SERVERS = 2;

interface Starting {
  readonly own: ParsedOwnWorld;
  readonly source: string;
  readonly rollout: Rollout;
  readonly tokens: Readonly<Record<string, string>>;
  readonly restartedWith: EcsService | undefined;
}

/** Starts the rollout's own app, or one that is made up. A rollout that asks no app has no servers. */
export async function startServers(
  sandbox: Sandbox,
  { own, source, rollout, tokens, restartedWith }: Starting,
): Promise<Servers<StandInFaults>> {
  const flags = { application: rollout.name, environment: ENVIRONMENT_NAME, profile: PROFILE_NAME };
  if (!own.app)
    return rollout.service || rollout.servers || rollout.sources
      ? startStandIn({ sandbox, rollout, count: SERVERS, flags, restartedWith, tokens, answers: own.answers })
      : NO_SERVERS;
  const { command, env, servers, ready = rollout.servers?.path ?? "/" } = own.app;
  const app = { command: command as [string, ...string[]], env, servers, ready };
  const running = await startOwnApp({ sandbox, app, folder: source, flags, tokens, restartedWith });
  return {
    urls: running.urls,
    restart: () => running.restart(),
    inCode: (given) => running.restart(given ? { FLAGS_IN_CODE: JSON.stringify(given) } : {}),
    // It has faults of its own alone: see `faults` of rehearsal.ts.
    faults: async () => {},
    ended: running.ended,
    stop: () => running.stop(),
  };
}

/** Nobody asks a rollout's servers where it names none. */
const NO_SERVERS: Servers<StandInFaults> = {
  urls: [],
  restart: async () => {},
  inCode: async () => {},
  faults: async () => {},
  stop: async () => {},
};
