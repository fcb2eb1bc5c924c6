import type { LiveFlags } from "../../../src/flags/ledger";
import type { Gate } from "../../../src/gates/gate";
import { gateHash } from "../../../src/gates/hash";
import { judgeInScope, type Outcome } from "../../../src/gates/judge";
import type { Sources } from "../../../src/gates/look";
import type { Seen } from "../../../src/gates/observation";
import { observe } from "../../../src/promotion/measure";
import { exitGatesOf, gatesFor, smokeGatesOf } from "../../../src/promotion/resolve";
import { predecessorOf, type Rollout, type Stage, stageNamed } from "../../../src/rollout/rollout";
import { there } from "../behaviour";
import { ago, at, DAY, NOW } from "./clock";
import { against, type Published } from "./metrics";

/** The stage of that name. */
export const stageOf = (rollout: Rollout, name: string): Stage =>
  there(stageNamed(rollout, name), `the stage ${name}`);

/** A gate that the promotion of a stage waits for: its own entry, or its predecessor's exit. */
export const gateBefore = (rollout: Rollout, stage: string, id: string): Gate =>
  there(
    gatesFor(rollout, stageOf(rollout, stage)).find((one) => one.id === id),
    `${id} before ${stage}`,
  );

/** A gate that a stage is left by, or finished by where none follows. */
export const exitOf = (rollout: Rollout, stage: string, id: string): Gate =>
  there(
    exitGatesOf(rollout, stageOf(rollout, stage)).find((one) => one.id === id),
    `the exit gate ${id} of ${stage}`,
  );

/** A check right after the flip of a stage. */
export const smokeOf = (rollout: Rollout, stage: string, id: string): Gate =>
  there(
    smokeGatesOf(rollout, stageOf(rollout, stage)).find((one) => one.id === id),
    `the smoke check ${id} of ${stage}`,
  );

/** Where a rollout stands while a gate is measured. */
export interface Standing {
  readonly rollout: Rollout;
  /** The stage to be promoted, or just promoted. */
  readonly promoted: string;
  /** How long the live flags have been live, in ms. */
  readonly liveMs: number;
  readonly sources?: Partial<Sources>;
}

/** What measuring reads, where a rollout stands so. */
export function sourcesOf({ rollout, promoted, liveMs, sources }: Standing): Sources {
  const stage = stageOf(rollout, promoted);
  const live: LiveFlags = {
    deployment: 2,
    completedAt: ago(liveMs),
    flags: {},
    undeclared: [],
    doors: {},
  } as never;
  return {
    ledger: { history: [], live, newest: 2 },
    live: predecessorOf(rollout, stage)?.name ?? promoted,
    promoted: stage,
    parameters: rollout.parameters,
    checks: {},
    region: "eu-central-1",
    timeScale: 1,
    ...sources,
  };
}

/** How a gate comes out, measured and judged by the code that a promotion runs. */
export async function outcomeOf(gate: Gate, standing: Standing, now = NOW): Promise<Outcome> {
  const sources = sourcesOf(standing);
  const observation = await at(now, () => observe(gate, { ...sources, acting: true }, sources.sql, {}));
  const live = { liveSince: sources.ledger.live?.completedAt ?? "", liveDeployment: 2 };
  return judgeInScope(gate, observation, live, { now, timeScale: 1, attempt: 1 }).outcome;
}

/** The same of a gate on a metric. */
export function outcomeOver(published: Published, gate: Gate, standing: Standing): Promise<Outcome> {
  return against(published, () => outcomeOf(gate, standing));
}

/** How a gate comes out on what was seen, while its stage has been live for two days. */
export function onSeen(gate: Gate, seen: Seen, now = NOW): Outcome {
  const observation = {
    gate: gate.id,
    definition: gateHash(gate),
    at: new Date(now).toISOString(),
    tookMs: 1,
    seen,
  };
  const live = { liveSince: ago(2 * DAY), liveDeployment: 2 };
  return judgeInScope(gate, observation, live, { now, timeScale: 1, attempt: 1 }).outcome;
}
