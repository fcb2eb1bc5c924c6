import { type Flags, sameFlags } from "../flags/flags";
import { type Ledger, type LedgerEntry, originOf } from "../flags/ledger";
import { isAbout } from "./entries";
import { type Finish, finishOf } from "./finished";
import type { Rollout, Stage } from "./rollout";

/** For so long after its entry, in ms, what happens counts as if it had happened while the rollout was finished. */
const WINDOW_MS = 2 * 60_000;

/** What has become of a finish since its entry, by the ledger alone. */
export type SinceFinish =
  /** What is live is what was finished. */
  | { readonly kind: "stands"; readonly entry: LedgerEntry; readonly flags: Flags }
  /** This rollout's own entry ended it, or AppConfig took it back. */
  | { readonly kind: "ended" }
  /** It was ended by nobody, and is not what is live: somebody else deployed since. */
  | { readonly kind: "overtaken"; readonly by: LedgerEntry };

/** What was deployed after a finish and does not carry its flags on, newest first. */
export function deployedSince({ history }: Pick<Ledger, "history">, deployment: number): LedgerEntry[] {
  return history.filter((one) => one.deployment > deployment && !one.carries && one.state !== "rolled-back");
}

/**
 * Whether what was finished is what is live still. Whatever was deployed since and does not carry the flags on has taken
 * its place, also where it put the same flags there: nobody judged those.
 */
export function sinceFinish(rollout: Rollout, ledger: Ledger, deployment: number): SinceFinish {
  const entry = finishOf(rollout, ledger);
  if (entry?.deployment !== deployment) return { kind: "ended" };
  const { live } = ledger;
  const [by] = deployedSince(ledger, deployment);
  if (by) return { kind: "overtaken", by };
  const same =
    live !== undefined && (entry.flags === undefined || sameFlags(rollout.flags, live.flags, entry.flags));
  return same
    ? { kind: "stands", entry, flags: live.flags }
    : { kind: "overtaken", by: originOf(ledger) ?? entry };
}

/**
 * Whether something happened before a finish or right after it, so that it speaks against it. Of a finish whose entry
 * was made just now, all that is seen does.
 *
 * @param at when it happened, ISO 8601; absent where that is not known
 */
export function isAtFinish(finish: Pick<Finish, "at">, at: string | undefined): boolean {
  if (finish.at === undefined) return true;
  return at !== undefined && Date.parse(at) < Date.parse(finish.at) + WINDOW_MS;
}

/**
 * The stage that was live when a rollout was finished, as the stack files have it now: one that was added since was not
 * finished. Undefined where they have it no more.
 */
export function stageFinished(
  rollout: Rollout,
  { history }: Pick<Ledger, "history">,
  deployment: number,
): Stage | undefined {
  const note = originOf({ history: history.filter((one) => one.deployment <= deployment) })?.note;
  if (note?.kind !== "promote" || note.rollout !== rollout.name) return undefined;
  return rollout.stages.find((stage) => isAbout(note, stage));
}
