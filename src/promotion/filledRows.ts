import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DATA_LIMITS, withClient } from "../aws/clients";
import { metricKey } from "../aws/metricId";
import { periodsHeard } from "../aws/metrics";
import { type Filling, fillingOf } from "../rollout/filling";
import type { Stage } from "../rollout/rollout";
import { counted } from "../text/counted";
import { showDuration } from "../text/duration";
import { reasonOf, UserError } from "../text/problem";

/** Between two looks at a metric that has too little data, in ms. */
const PAUSE_MS = 2_000;
/** How much longer than it takes is waited, in ms: for a first line of a log, and for CloudWatch to tell what it has. */
const PATIENCE_MS = 120_000;
/** How many periods beyond those that it judges an alarm looks at. CloudWatch does not say; its examples have two. */
const EXTRA_PERIODS = 2;

/** An abort row whose alarm is about to be made, or changed. */
export interface FilledRow {
  readonly stage: Pick<Stage, "name" | "abort">;
  readonly row: string;
  readonly region: string;
}

/**
 * Waits until the alarm of a row can tell silence from a beginning: see `fillingOf`. At once where it can, or where
 * there is nothing to tell. Throws a `UserError` where too little comes in time: the alarm would go off by itself.
 *
 * @param say tells the person what is being waited for
 */
export async function awaitFilled(
  { stage, row, region }: FilledRow,
  say: (line: string) => void,
): Promise<void> {
  const threshold = stage.abort[row];
  const filling = threshold && fillingOf(threshold);
  if (!filling) return;
  const periods = `${counted(filling.needed, "period")} of ${threshold.metric?.period}`;
  await withClient(CloudWatchClient, { region, limits: DATA_LIMITS }, async (client) => {
    let said = false;
    for (const ends = Date.now() + filling.takes + PATIENCE_MS; ; await sleep(PAUSE_MS)) {
      const seen = await filledPeriods(client, filling).catch((error: unknown) => reasonOf(error));
      if (typeof seen === "number" && seen >= filling.needed) return;
      if (Date.now() + PAUSE_MS > ends) throw unfilled(stage, row, { periods, of: filling.of }, seen);
      if (!said && filling.takes > 0)
        say(
          `${stage.name}: ${row} waits for data in ${periods} before its alarm is made, up to ${showDuration(filling.takes)}`,
        );
      said = true;
    }
  });
}

/** In how many of the periods that its alarm would look at now a metric had data. */
async function filledPeriods(
  client: CloudWatchClient,
  { metric, period, of }: Pick<Filling, "metric" | "period" | "of">,
): Promise<number> {
  const now = Date.now();
  const length = period * 1_000;
  const since = Math.floor(now / length) * length - (of + EXTRA_PERIODS - 1) * length;
  const heard = await periodsHeard(client, [metric], { since, now, period });
  return [...(heard.get(metricKey(metric)) ?? [])].filter((at) => at >= since).length;
}

function unfilled(
  { name, abort }: FilledRow["stage"],
  row: string,
  { periods, of }: { readonly periods: string; readonly of: number },
  seen: number | string,
): UserError {
  const unread = typeof seen === "string";
  return new UserError(`The alarm of ${row} is not made, since it would go off by itself:`, {
    where: `${name} ${row}`,
    what: unread
      ? `it cannot be read whether its signal has data in ${periods}: ${seen}`
      : `its signal has data in ${seen} of the last ${of + EXTRA_PERIODS}, and silence counts as a breach: it takes data in ${periods}`,
    remedy: unread
      ? "Check that this run may call cloudwatch:GetMetricData, then run pulumi up again"
      : abort[row]?.probe
        ? `Look at the log of the probe of ${name}, then run pulumi up again`
        : "See to it that lines come into its log; where they come seldom, take missingData: breaching out. Then run pulumi up again",
  });
}
