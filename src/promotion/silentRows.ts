import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DATA_LIMITS, withClient } from "../aws/clients";
import { metricKey } from "../aws/metricId";
import { showSource } from "../aws/metricSource";
import { lastHeard } from "../aws/metrics";
import type { Verdict } from "../gates/judge";
import type { AbortThreshold } from "../rollout/config/abortRow";
import { readBy } from "../rollout/guardFacts";
import { milliseconds } from "../text/duration";
import type { Situation } from "./sources";

/** Between two looks at a metric that has not come yet. */
const PAUSE_MS = 2_000;
/** However fast time is scaled, a metric has this long to come: it is published each ten seconds at best. */
const SHORTEST_MS = 30_000;
/** How finely its data are told then, in seconds. */
const FINEST = 10;

/**
 * Waits, after a flip, for the metrics that were silent until it. One that does not come in its time speaks against the
 * promotion: nothing would ever set its alarm off.
 *
 * @param flippedAt when the flip was completed, ms since the epoch: older data is no sign of what came with it
 * @param glance looks in passing at what else came after the flip
 */
export async function awaitSilentRows(
  { stage, settings }: Pick<Situation, "stage" | "settings">,
  flippedAt: number,
  glance: () => Promise<Verdict | undefined>,
): Promise<Verdict | undefined> {
  const allowed = (within: string) => Math.max(SHORTEST_MS, milliseconds(within) / settings.timeScale);
  const rows = Object.entries(stage.abort).flatMap(([row, threshold]) =>
    threshold.silentUntilFlip
      ? [{ row, threshold, ends: flippedAt + allowed(threshold.silentUntilFlip.within) }]
      : [],
  );
  if (rows.length === 0) return undefined;
  const { region } = settings;
  return withClient(CloudWatchClient, { region, limits: DATA_LIMITS }, async (client) => {
    for (let open = rows; ; await sleep(PAUSE_MS)) {
      const came = await Promise.all(
        open.map(({ threshold }) => hasCome(client, threshold, flippedAt, settings).catch(() => false)),
      );
      open = open.filter((_, index) => !came[index]);
      if (open.length === 0) return undefined;
      const late = open.find(({ ends }) => Date.now() + PAUSE_MS > ends);
      if (late) return verdictOf(late.row, late.threshold);
      const spoken = await glance();
      if (spoken) return spoken;
    }
  });
}

async function hasCome(
  client: CloudWatchClient,
  threshold: AbortThreshold,
  flippedAt: number,
  { timeScale }: Pick<Situation["settings"], "timeScale">,
): Promise<boolean> {
  // Of what counts as nothing while it is silent, silence since the flip says nothing.
  const metrics = readBy(threshold, true).flatMap(({ metric, once }) => (once ? [] : [metric]));
  // Where the metric is published more often than each minute, or time is scaled, its data are told as often.
  const seconds = milliseconds(threshold.metric?.period ?? "1m") / 1_000;
  const period = timeScale > 1 ? FINEST : Math.min(60, seconds);
  const heard = await lastHeard(client, metrics, { since: flippedAt, now: Date.now(), period });
  // A period that began before the flip may hold what came before it.
  return metrics.every((metric) => (heard.get(metricKey(metric)) ?? Number.NEGATIVE_INFINITY) >= flippedAt);
}

function verdictOf(row: string, { title, metric, silentUntilFlip }: AbortThreshold): Verdict {
  const what = metric && showSource(metric);
  return {
    gate: row,
    title,
    outcome: "inconclusive",
    observed: `${what} has had no data since the flip`,
    required: `data within ${silentUntilFlip?.within} of the flip: without any, nothing would set its alarm off`,
    remedy: "See to it that the app publishes it, then raise the attempt and run pulumi up again",
  };
}
