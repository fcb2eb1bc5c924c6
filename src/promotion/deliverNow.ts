import { setTimeout as sleep } from "node:timers/promises";
import { KeptLog } from "../aws/keptLog";
import { deliveriesGroup } from "../aws/names";
import { callDeliveries } from "../delivery/call";
import { deliveredIn } from "../delivery/kept";
import { type DeliveryConfig, deliveryKindOf, keptAs, withinOf } from "../delivery/registry";
import type { Verdict } from "../gates/judge";
import { milliseconds, showDuration } from "../text/duration";
import { reasonOf } from "../text/problem";
import type { Situation } from "./sources";

/** Under which row people read that a platform did not take the flags. */
const ROW = "delivery";
/** Between two looks at how far deliveries have come. */
const PAUSE_MS = 1_000;
/** However fast time is scaled, a platform has this long: it builds and starts in its own time. */
const SHORTEST_MS = 90_000;

/**
 * Carries the flags of a flip on to every platform, and waits until servers there run with them. What speaks against the
 * promotion where one cannot be called, or takes longer than it may; undefined where all have them, or there is none.
 *
 * @param deployment of the flip
 * @param glance looks in passing at what else came after the flip
 */
export async function deliverNow(
  { rollout, stage, settings }: Pick<Situation, "rollout" | "stage" | "settings">,
  deployment: number,
  glance: () => Promise<Verdict | undefined>,
  say: (line: string) => void,
): Promise<Verdict | undefined> {
  const deliveries = Object.entries(rollout.delivery ?? {});
  if (deliveries.length === 0) return undefined;
  const titled = deliveries.map(([name, config]) => `${name} (${deliveryKindOf(config).title})`);
  say(`${stage.name}: carrying the flags on to ${titled.join(", ")}`);
  const began = Date.now();
  const names = deliveries.map(([name]) => name);
  const called = await callDeliveries(settings.region, rollout.name, names);
  const uncalled = called.flatMap(({ delivery, problem }) =>
    problem === undefined ? [] : [`${delivery} could not be called: ${problem}`],
  );
  if (uncalled.length > 0) return verdict(uncalled.join("; "));
  const kept = new KeptLog(settings.region, deliveriesGroup(rollout.name));
  const mayTake = (within: string) =>
    Math.max(Math.min(milliseconds(within), SHORTEST_MS), milliseconds(within) / settings.timeScale);
  // Deliveries that wait for each other take as long together.
  const ends = began + deliveries.reduce((ms, [, config]) => ms + mayTake(withinOf(config)), 0);
  try {
    for (let open = names; ; await sleep(PAUSE_MS)) {
      const spoken = await glance();
      if (spoken) return spoken;
      // What cannot be read now is read again.
      const reached = await Promise.all(
        open.map((name) =>
          deliveredIn(kept, keptAs(name, rollout.delivery?.[name] as DeliveryConfig)).catch(
            (error: unknown) => void say(`${name}: ${reasonOf(error)}`),
          ),
        ),
      );
      open = open.filter((_, at) => (reached[at] ?? -1) < deployment);
      if (open.length === 0) return undefined;
      if (Date.now() + PAUSE_MS > ends)
        return verdict(`${open.join(", ")} did not follow within ${showDuration(ends - began)}`);
    }
  } finally {
    kept.close();
  }
}

function verdict(observed: string): Verdict {
  return {
    gate: ROW,
    title: "Platforms that servers read their flags from have them",
    outcome: "fail",
    observed,
    required: "servers of every delivery run with the flags",
    remedy:
      "Read the log of the rollout's delivery function; mend the platform, or what it is told; then raise the attempt and run pulumi up again",
  };
}
