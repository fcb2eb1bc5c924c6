import { showTime, type Verdict } from "../gates/judge";
import type { Evidence } from "../gates/observation";
import type { HeldTo } from "../rollout/strength/judge";
import { showDuration } from "../text/duration";
import type { Settlement } from "./settlement";

/** What was seen at the moment of the flip: the evidence, and what the judge made of it. */
export interface AtFlip {
  readonly evidence: Evidence;
  readonly verdicts: readonly Verdict[];
}

/** What is kept of one attempt: what it was promoted on, and what became of it. */
export interface AttemptRecord {
  readonly attempt: number;
  /** Null where no gate was asked, or the run that did was interrupted. */
  readonly atFlip: AtFlip | null;
  readonly settlement: Settlement | null;
  /** What the whole rollout was held to. Absent in records of older versions. */
  readonly heldTo?: HeldTo | undefined;
}

/** What a stage's stack keeps: the attempt that config names, and beside it every other that was ever recorded. */
export interface PromotionRecord extends Omit<AttemptRecord, "attempt"> {
  /** Absent in records of older versions. */
  readonly attempt?: number | undefined;
  /** In their order. Absent where there is none, and in records of older versions. */
  readonly others?: readonly AttemptRecord[] | undefined;
}

/** A record as the stack's output shows it: a line for each row. The whole of it stays in the state. */
export type ShownRecord = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** What a stage was promoted on, short enough to be read in the engine's own display. */
export function showRecord({ atFlip, settlement, heldTo }: PromotionRecord): ShownRecord {
  return {
    ...(atFlip
      ? {
          measured: showTime(atFlip.evidence.measuredAt),
          commit: atFlip.evidence.subject.commit,
          gates: lines(atFlip.verdicts),
        }
      : { measured: "nothing: no flag was raised, or the run that did was interrupted" }),
    ...(heldTo && heldTo.weakened.length > 0
      ? {
          weakened: Object.fromEntries(
            heldTo.weakened.map(({ key, says, reason, by }) => [
              key,
              `${says}: ${reason}${by ? ` (${by})` : ""}`,
            ]),
          ),
        }
      : {}),
    ...(settlement ? { smoke: lines(settlement.verdicts) } : {}),
    ...(settlement?.outcome === "settled" && settlement.convergedMs !== undefined
      ? { converged: `every server within ${showDuration(settlement.convergedMs)}` }
      : {}),
    ...(settlement?.outcome === "aborted" ? { aborted: settlement.sentence } : {}),
  };
}

function lines(verdicts: readonly Verdict[]): Record<string, string> {
  return Object.fromEntries(
    verdicts.map(({ gate, outcome, observed, required }) => [
      gate,
      `${outcome}: ${observed}; required ${required}`,
    ]),
  );
}
