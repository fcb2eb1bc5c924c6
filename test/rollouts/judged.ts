import { expect } from "vitest";
import type { SqlSource } from "../../src/gates/database";
import type { Gate } from "../../src/gates/gate";
import { judge, type Verdict } from "../../src/gates/judge";
import type { Sources } from "../../src/gates/look";
import { observe } from "../../src/promotion/measure";
import { exitGatesOf, gatesFor, smokeGatesOf } from "../../src/promotion/resolve";
import type { Rollout } from "../../src/rollout/rollout";

/** The rows of a shipped rollout that send requests, measured and judged as an `up` does it. */

/** All that ask the app, by their row ids. */
export function askingRows(rollout: Rollout): Record<string, Gate> {
  const gates = rollout.stages.flatMap((stage) => [
    ...gatesFor(rollout, stage),
    ...smokeGatesOf(rollout, stage),
    ...exitGatesOf(rollout, stage),
  ]);
  return Object.fromEntries(
    gates.filter(({ definition }) => definition.source === "requests").map((gate) => [gate.id, gate]),
  );
}

/** What a row says of an app. Nothing of the app's tokens is in it. */
export async function judged(gate: Gate | undefined, sources: Sources, sql?: SqlSource): Promise<Verdict> {
  if (!gate) throw new Error("no such row");
  const observation = await observe(gate, { ...sources, acting: true }, sql, {});
  for (const token of Object.values(sources.service?.tokens ?? {}))
    expect(JSON.stringify(observation)).not.toContain(token);
  return judge(gate, observation, { now: Date.now(), timeScale: sources.timeScale, attempt: 1 });
}
