import { askServer, type ServerReport } from "../../src/abort/drillServers";
import { pollingOf, type ServersConfig } from "../../src/flags/servers";
import { serverUrls } from "../../src/gates/askServers";
import { awayHere } from "../../src/promotion/awayHere";
import type { Rollout, Stage } from "../../src/rollout/rollout";
import { reasonOf } from "../../src/text/problem";
import { refusal } from "./refusal";

/** The servers of a drill: those that follow the flags while they run. */
export interface DrillServers {
  /** How many there are. */
  readonly count: number;
  /** Asks each of them, all at once. Throws where they cannot be asked. */
  ask(): Promise<readonly ServerReport[]>;
}

/**
 * Finds the servers that take part in a drill. Where the rollout declares a measuring function, that asks them. Servers
 * that read flags from their environment are not asked: an abort restarts them, a drill does not.
 *
 * Throws a `UserError` where they cannot be asked: nothing is published then, since it would prove nothing.
 */
export async function drillServers(
  rollout: Rollout,
  stage: Stage,
  servers: ServersConfig,
  region: string,
): Promise<DrillServers> {
  return found(rollout, servers, region).catch((error: unknown) => {
    throw refusal(stage.name, {
      where: "cutover:rollout.servers",
      what: `cannot be asked: ${reasonOf(error)}`,
      remedy: "See to it, then drill again",
    });
  });
}

async function found(rollout: Rollout, servers: ServersConfig, region: string): Promise<DrillServers> {
  const away = awayHere(rollout, region);
  if (away) {
    const first = await away.told("drill");
    return { count: first.length, ask: () => away.told("drill") };
  }
  const urls = await serverUrls(pollingOf(servers), region);
  return { count: urls.length, ask: () => Promise.all(urls.map((url) => askServer(url, servers))) };
}
