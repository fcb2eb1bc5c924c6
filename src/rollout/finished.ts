import { misplaced } from "../flags/facts";
import type { Ledger, LedgerEntry, Note } from "../flags/ledger";
import { showTime } from "../gates/verdict";
import { short } from "../text/command";
import type { Problem } from "../text/problem";
import { plainLine } from "../text/text";

/** What speaks of the whole rollout's end: its finish, or what changes flags, or stops a stage, after it. */
const SPEAKING: readonly Note["kind"][] = ["finish", "promote", "lower", "abort", "stop"];

/** One deployment, as it is asked about a rollout's end. */
interface Said {
  readonly deployment: number;
  /** The version of the document that it deploys, where that is known. */
  readonly version?: string | undefined;
  readonly note?: Note | undefined;
  readonly rolledBack?: boolean | undefined;
}

/**
 * What one entry says of a rollout's end: that it is finished, or that it is not; undefined where it says nothing of it.
 * A finish that AppConfig took back finishes nothing; an abort ends it in any state of its deployment. A note that was
 * copied to another place is somebody else's, and says nothing.
 */
export function saysFinished(
  { name }: { readonly name: string },
  { deployment, version, note, rolledBack }: Said,
): boolean | undefined {
  if (note?.rollout !== name || !SPEAKING.includes(note.kind)) return undefined;
  if (misplaced({ deployment, configurationVersion: version }, note) !== undefined) return undefined;
  if (rolledBack && note.kind !== "abort" && note.kind !== "stop") return undefined;
  return note.kind === "finish";
}

/**
 * The entry that finished a rollout, where it is finished still: the newest finish with no promotion, lowering, abort
 * or stop of the rollout after it, since only `cutover abort --reopen` makes one of these then. Absent where it is not.
 */
export function finishOf(
  rollout: { readonly name: string },
  { history }: Pick<Ledger, "history">,
): LedgerEntry | undefined {
  const newest = [...history]
    .sort((a, b) => b.deployment - a.deployment)
    .find(
      ({ deployment, configurationVersion: version, note, state }) =>
        saysFinished(rollout, { deployment, version, note, rolledBack: state === "rolled-back" }) !==
        undefined,
    );
  return newest?.note?.kind === "finish" ? newest : undefined;
}

/** What a person is told of a finish. */
export interface Finish {
  /** ISO 8601, UTC. */
  readonly at?: string | undefined;
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
  readonly deployment: number;
}

export function finishIn({ deployment, completedAt, note }: LedgerEntry): Finish {
  return { deployment, at: completedAt, by: note?.by, reason: note?.reason };
}

/** `finished since 2026-11-21 10:00:00Z, by arn:… (deployment 7): the reason`. */
export function showFinish({ at, by, reason, deployment }: Finish): string {
  const who = by === undefined ? "" : `, by ${plainLine(by)}`;
  return `finished since ${at === undefined ? "a moment ago" : showTime(at)}${who} (deployment ${deployment})${reason ? `: ${plainLine(reason)}` : ""}`;
}

/** Said where flags of a finished rollout would be changed by anything but an abort that reopens it. */
export function finishedProblem(rollout: string, stage: string, finish: Finish, instead: string): Problem {
  return {
    where: `stage ${stage}`,
    what: `belongs to ${rollout}, which is ${showFinish(finish)}`,
    remedy: `${instead}. To bring its flags down, which ends the finish: ${short.reopen(stage)}`,
  };
}

/** The same of a stage that the finished rollout never came to: it has no attempt to go back to, and no flags. */
export function neverPromoted(rollout: string, stage: string, finish: Finish): Problem {
  return {
    where: `stage ${stage}`,
    what: `belongs to ${rollout}, which is ${showFinish(finish)}, and was never promoted`,
    remedy: `Take Pulumi.${stage}.yaml out of its folder. What it was to bring is for a rollout of its own`,
  };
}
