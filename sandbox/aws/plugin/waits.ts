import { setTimeout as sleep } from "node:timers/promises";
import type { AnyRow } from "../../plugin/table";
import type { Aws } from "./session";

/** With it set to `official`, as a test of the pace does, this plugin waits where the official one does. */
const VARIABLE = "SANDBOX_PLUGIN_WAITS";

/**
 * How long the official plugin waits after a change until it takes AWS to have it, in seconds, as measured on the provider
 * 5.100.0: SQS tells what was set within a minute, a role is known everywhere within seconds, a snapshot is looked at every
 * 30 s.
 */
const OFFICIAL: Readonly<Record<string, number>> = {
  "aws:kms/alias:Alias": 8,
  "aws:kms/key:Key": 28,
  "aws:lambda/function:Function": 5,
  "aws:rds/clusterSnapshot:ClusterSnapshot": 30,
  "aws:rds/snapshot:Snapshot": 30,
  "aws:sqs/queue:Queue": 25,
  "aws:sqs/queuePolicy:QueuePolicy": 25,
};

/** The rows as they are, or with the official plugin's waits. */
export function waiting(
  rows: Readonly<Record<string, AnyRow<Aws>>>,
  env: NodeJS.ProcessEnv = process.env,
  rest: (ms: number) => Promise<unknown> = sleep,
): Record<string, AnyRow<Aws>> {
  if (env[VARIABLE] !== "official") return { ...rows };
  return Object.fromEntries(
    Object.entries(rows).map(([type, row]) => {
      const seconds = OFFICIAL[type];
      if (seconds === undefined) return [type, row];
      const later =
        <Given extends unknown[], Told>(change: (...given: Given) => Promise<Told>) =>
        async (...given: Given) => {
          const told = await change(...given);
          await rest(seconds * 1_000);
          return told;
        };
      const { create, update } = row;
      return [type, { ...row, create: later(create), ...(update && { update: later(update) }) }];
    }),
  );
}
