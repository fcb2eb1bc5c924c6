import { failed } from "../aws/failure";
import type { Ledger } from "../flags/ledger";
import { isAct } from "../gates/acts";
import { type Gate, kindOf } from "../gates/gate";
import { gateHash } from "../gates/hash";
import { judge, judgeInScope, type Verdict } from "../gates/judge";
import type { Observation, Seen } from "../gates/observation";
import { reasonOf } from "../text/problem";
import type { MessagesConfig } from "./messagesConfig";

/** What the exit gates of a stage show. */
export interface Soak {
  /** Of those that were looked at. */
  readonly verdicts: readonly Verdict[];
  /** Those at which only a checkout can look: the rollout's own TypeScript. */
  readonly others: readonly string[];
}

/** How gates are looked at. */
export interface Measures {
  /** What writes is not among them: this only looks. */
  measure(gates: readonly Gate[], ledger: Ledger): Promise<readonly Observation[]>;
  now(): number;
}

/** Whether a function can look at a gate, which carries no code of the rollout. */
export function isSeen({ definition }: Pick<Gate, "definition">): boolean {
  return kindOf(definition).byCode === undefined;
}

/**
 * A stage's exit gates of every kind, measured and judged as the next promotion does: by the time since this flip, and
 * by the sign-offs of the stage that follows.
 *
 * @param live the deployment that put its flags there, and since when they are live; ISO 8601
 */
export async function summarise(
  { gates, attempt, timeScale }: Pick<MessagesConfig, "gates" | "attempt" | "timeScale">,
  ledger: Ledger,
  live: { readonly liveDeployment: number; readonly liveSince: string },
  world: Measures,
): Promise<Soak> {
  const seen = gates.filter(isSeen);
  const looks = seen.filter((gate) => !isAct(gate));
  // A stage that was followed is measured by its own time, not by that of the one that is live now.
  const own: Ledger = ledger.live
    ? {
        ...ledger,
        live: { ...ledger.live, deployment: live.liveDeployment, completedAt: live.liveSince },
      }
    : ledger;
  const observations = await look(looks, own, world);
  const context = { now: world.now(), timeScale, attempt };
  return {
    verdicts: seen.map((gate) => {
      const observation = observations.find((one) => one.gate === gate.id);
      return observation ? judgeInScope(gate, observation, live, context) : judge(gate, undefined, context);
    }),
    others: gates.filter((gate) => !isSeen(gate)).map(({ id }) => id),
  };
}

async function look(
  gates: readonly Gate[],
  ledger: Ledger,
  world: Measures,
): Promise<readonly Observation[]> {
  if (gates.length === 0) return [];
  return world.measure(gates, ledger).catch((error: unknown) => {
    const why = failed("bad-answer", reasonOf(error));
    return gates.map((gate) => unlooked(gate, why, world.now()));
  });
}

/** What is known of a gate that could not be looked at: why. */
export function unlooked(gate: Gate, seen: Seen, now: number): Observation {
  return { gate: gate.id, definition: gateHash(gate), at: new Date(now).toISOString(), tookMs: 0, seen };
}
