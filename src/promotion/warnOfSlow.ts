import * as pulumi from "@pulumi/pulumi";
import type { ReadingSource } from "../gates/databaseReading";
import { slowSources } from "../probe/reconcile/plan";
import { reconciliations } from "../probe/reconcile/settings";
import type { Stage } from "../rollout/rollout";

/** Plans alone are asked for: they take milliseconds. */
const TIMEOUT_MS = 3_000;

/**
 * Warns, before a promotion, where comparing two sources reads a whole table again and again: no index leads where it looks.
 * It keeps nothing from going up. What cannot be asked now, the probe's first run says before any flag is raised.
 */
export async function warnOfSlow(source: ReadingSource, stage: Pick<Stage, "reconcile">): Promise<void> {
  for (const [name, settings] of Object.entries(reconciliations(stage))) {
    const asked = [settings.first.query, settings.second.query].join("\n");
    const limits = { timeoutMs: TIMEOUT_MS, deadline: performance.now() + TIMEOUT_MS };
    const slow = await source.reading(limits, asked, (reading) => slowSources(reading, settings));
    if ("failure" in slow) continue;
    for (const one of slow.done) await pulumi.log.warn(`reconcile.${name}, ${one}.`);
  }
}
