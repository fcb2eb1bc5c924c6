import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { alarmsNow } from "../aws/alarms";
import { withClient } from "../aws/clients";
import { type Known, known } from "../aws/known";
import { alarmName } from "../aws/names";
import type { LooseConfig } from "./looseConfig";

/** So long CloudWatch is waited for, in ms: the flags are down by then, and whoever reads the answer waits for it. */
const PATIENCE_MS = 5_000;

/**
 * Stages whose files declare rows that no alarm watches, in the order of the files: a finish takes alarms away, and only
 * the next `up` of a stage makes them anew. Never throws.
 *
 * @param present the names of those alarms that are there. Default: asks CloudWatch
 */
export function unwatched(
  region: string,
  rollout: string,
  { stages }: Pick<LooseConfig, "stages">,
  present: (region: string, names: readonly string[]) => Promise<ReadonlySet<string>> = presentAlarms,
): Promise<Known<string[]>> {
  const each = [...stages].map(([stage, { abort = {} }]) => ({
    stage,
    names: Object.keys(abort).map((row) => alarmName(rollout, stage, row)),
  }));
  return known(async () => {
    const there = await present(
      region,
      each.flatMap(({ names }) => names),
    );
    return each.flatMap(({ stage, names }) => (names.every((name) => there.has(name)) ? [] : [stage]));
  }, PATIENCE_MS);
}

async function presentAlarms(region: string, names: readonly string[]): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const found = await withClient(CloudWatchClient, { region }, (client) => alarmsNow(client, names));
  return new Set(found.keys());
}
