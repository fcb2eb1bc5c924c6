import { failed } from "../aws/failure";
import type { Ledger } from "../flags/ledger";
import { isAct } from "../gates/acts";
import { type Gate, kindOf } from "../gates/gate";
import { gateHash } from "../gates/hash";
import { judge, judgeInScope, type Verdict } from "../gates/judge";
import type { Observation, Seen } from "../gates/observation";
import { reasonOf } from "../text/problem";
import type { HeraldConfig } from "./heraldConfig";

/** What the exit gates of a stage show. */
export interface Soak {
  /** Of those that were looked at. */
  readonly verdicts: readonly Verdict[];
  /** Those at which only a checkout can look: the rollout's own TypeScript. */
  readonly others: readonly string[];
}

/** How gates are looked at. */
export interface Measures {
  /** @param acting whether somebody acts on what is seen, so that what writes may write */
  measure(gates: readonly Gate[], ledger: Ledger, acting: boolean): Promise<readonly Observation[]>;
  now(): number;
}

/** Whether a function can look at a gate, which carries no code of the rollout. */
export function isSeen({ definition }: Pick<Gate, "definition">): boolean {
  return kindOf(definition).byCode !== true;
}

/**
 * A stage's exit gates of every kind, measured and judged as the next promotion does: by the time since this flip, and
 * by the sign-offs of the stage that follows.
 *
 * @param live the deployment that put its flags there, and since when they are live; ISO 8601
 * @param acting whether something is done by what they show: only then, and where all else holds, those that write are run
 */
export async function summarise(
  { gates, attempt, timeScale }: Pick<HeraldConfig, "gates" | "attempt" | "timeScale">,
  ledger: Ledger,
  live: { readonly liveDeployment: number; readonly liveSince: string },
  world: Measures,
  acting: boolean,
): Promise<Soak> {
  const seen = gates.filter(isSeen);
  const [acts, looks] = [seen.filter(isAct), seen.filter((gate) => !isAct(gate))];
  // A stage that was followed is measured by its own time, not by that of the one that is live now.
  const own: Ledger = ledger.live
    ? {
        ...ledger,
        live: { ...ledger.live, deployment: live.liveDeployment, completedAt: live.liveSince },
      }
    : ledger;
  const measured = async (some: readonly Gate[], act: boolean): Promise<readonly Observation[]> => {
    if (some.length === 0) return [];
    return world.measure(some, own, act).catch((error: unknown) => {
      const why = failed("bad-answer", reasonOf(error));
      return some.map((gate) => unlooked(gate, why, world.now()));
    });
  };
  const soak = (observations: readonly Observation[]): Soak => {
    const context = { now: world.now(), timeScale, attempt };
    return {
      verdicts: seen.map((gate) => {
        const observation = observations.find((one) => one.gate === gate.id);
        return observation ? judgeInScope(gate, observation, live, context) : judge(gate, undefined, context);
      }),
      others: gates.filter((gate) => !isSeen(gate)).map(({ id }) => id),
    };
  };
  const first = await measured(looks, false);
  const before = soak(first);
  // What writes comes last: where anything else is open, nothing is done by what it would show.
  const due = acting && openOf(before).every((id) => acts.some((gate) => gate.id === id));
  return due && acts.length > 0 ? soak([...first, ...(await measured(acts, true))]) : before;
}

/** What is known of a gate that could not be looked at: why. */
export function unlooked(gate: Gate, seen: Seen, now: number): Observation {
  return { gate: gate.id, definition: gateHash(gate), at: new Date(now).toISOString(), tookMs: 0, seen };
}

/** The gates that do not hold, or of which that is not known. */
export function openOf({ verdicts, others }: Soak): string[] {
  return [...verdicts.filter(({ outcome }) => outcome !== "pass").map(({ gate }) => gate), ...others];
}
