import type { Ledger } from "../flags/ledger";
import type { Gate } from "../gates/gate";
import type { Evidence } from "../gates/observation";
import { showDuration } from "../text/duration";
import { UserError } from "../text/problem";
import { isMeasured } from "./admit";
import { type GuardPatience, requireArmed, unarmedAfter, unarmedNow } from "./guards";
import { readAlarms, requireQuietAlarms } from "./readiness";
import type { AtFlip } from "./record";
import type { Promotion } from "./request";
import { measureNow, requireGo } from "./requireGo";
import type { Situation } from "./sources";

/** A new alarm is evaluated within a few of its periods. However fast time is scaled, so much is left for it. */
const ALARM_PATIENCE_MS = 90_000;
const SHORTEST_PATIENCE_MS = 5_000;
const ONCE: GuardPatience = { patience: 0, pause: 1_000 };

/**
 * No observation is older when the deployment is started. Our own choice: longer than all that lies between, and shorter than
 * what a person would call just now.
 */
export const FRESH_MS = 60_000;
/** A slow gate leaves the others old: these are measured once more. So often, and no more. */
const MOST_ROUNDS = 4;

/**
 * The look at everything but the ledger, right before the flags go up. What takes its time comes first: new alarms have to
 * be evaluated, guards to hear of their metrics. Only then are the gates measured, and guards and alarms looked at once more.
 * Throws a `UserError` where anything speaks against it.
 */
export async function lookAround(
  situation: Situation,
  promotion: Promotion,
  ledger: Ledger,
): Promise<AtFlip> {
  await lookAtGuards(situation, ledger, patienceOf(situation));
  return measured(situation, promotion, ledger, promotion.gates, undefined);
}

/**
 * The same for those gates alone whose observation is no longer fresh: the flip is never bound to what was seen a while
 * ago. Returns what was given where all of it is fresh. Throws a `UserError` where it does not become so.
 */
export async function stillFresh(
  situation: Situation,
  promotion: Promotion,
  ledger: Ledger,
  atFlip: AtFlip,
  round: number,
): Promise<AtFlip> {
  const stale = staleGates(promotion.gates, atFlip.evidence, Date.now());
  if (stale.length === 0) return atFlip;
  if (round >= MOST_ROUNDS) throw tooSlow(promotion, atFlip.evidence, stale);
  return measured(situation, promotion, ledger, stale, atFlip.evidence);
}

async function measured(
  situation: Situation,
  promotion: Promotion,
  ledger: Ledger,
  gates: readonly Gate[],
  before: Evidence | undefined,
): Promise<AtFlip> {
  const seen = await measureNow(situation, promotion.subject, [...gates], ledger, "flip");
  const evidence = before ? renewed(before, seen) : seen;
  const verdicts = requireGo({ ...promotion, evidence }, "flip");
  await lookAtGuards(situation, ledger, ONCE);
  return { evidence, verdicts };
}

/** What brings the flags down again could act, and does not act already. */
async function lookAtGuards(situation: Situation, ledger: Ledger, waiting: GuardPatience): Promise<void> {
  const { rollout, stage, settings } = situation;
  requireArmed(stage, await unarmedAfter(() => unarmedNow(situation, "flip", ledger), waiting));
  await requireQuietAlarms(rollout, stage, {
    read: (names) => readAlarms(names, settings.region),
    ...waiting,
  });
}

export function patienceOf({ settings }: Pick<Situation, "settings">): GuardPatience {
  return { patience: Math.max(ALARM_PATIENCE_MS / settings.timeScale, SHORTEST_PATIENCE_MS), pause: 1_000 };
}

/** The gates whose observation is not fresh, at `now` (ms since the epoch). */
export function staleGates(gates: readonly Gate[], { observations }: Evidence, now: number): Gate[] {
  const at = new Map(observations.map((one) => [one.gate, Date.parse(one.at)]));
  // One that was not measured, or nobody knows when, is judged for that.
  return gates.filter((gate) => isMeasured(gate, "flip") && !(now - (at.get(gate.id) ?? now) <= FRESH_MS));
}

function renewed(before: Evidence, { measuredAt, observations }: Evidence): Evidence {
  const anew = new Map(observations.map((one) => [one.gate, one]));
  return {
    ...before,
    measuredAt,
    observations: before.observations.map((one) => anew.get(one.gate) ?? one),
  };
}

function tooSlow({ subject }: Promotion, { observations }: Evidence, stale: readonly Gate[]): UserError {
  const slowest = [...observations].sort((a, b) => b.tookMs - a.tookMs)[0];
  return new UserError(`The last look refuses to deploy ${subject.stage}:`, {
    where: stale.map(({ id }) => id).join(", "),
    what: `measured more than ${showDuration(FRESH_MS)} before the flags would go up, ${MOST_ROUNDS} times over${
      slowest
        ? `; the slowest of all gates is ${slowest.gate}, which takes ${showDuration(slowest.tookMs)}`
        : ""
    }`,
    remedy: "Nothing was raised. Make that gate faster, or find out what is slow, then run pulumi up again",
  });
}
