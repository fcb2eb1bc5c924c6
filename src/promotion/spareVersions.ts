import stringify from "safe-stable-stringify";
import { heldAgainstFacts } from "../flags/facts";
import { type Ledger, type LedgerEntry, newestFirst, originOf } from "../flags/ledger";
import type { HeldVersion } from "../flags/versions";
import { attemptedOf, toldOfFlip } from "../rollout/attempts";
import { flipsOf } from "../rollout/entries";
import { plan } from "../rollout/plan";
import type { Rollout } from "../rollout/rollout";
import { attemptsOf } from "../rollout/stops";

/** So many versions stay, of the 100 that AppConfig keeps: the others are room for aborts and drills until the next promotion. */
export const KEPT_VERSIONS = 70;
/** What one of the newest deployments brought may be put back by AppConfig itself. */
const NEWEST_DEPLOYMENTS = 10;
/** So many of the newest that were never deployed may stand in a stack's state, for a promotion that was refused. */
const NEVER_DEPLOYED = 20;

/**
 * The versions of the flag document that may be deleted, oldest first, so that no more than `kept` stay. One is spare where
 * nobody can want it back, and where the ledger says the same without its document: of every attempt, how it ended and
 * what stopped it; of every stage, what bringing it up would do.
 *
 * @param held every version that there is, in any order
 */
export function spareVersions(
  rollout: Rollout,
  ledger: Ledger,
  held: readonly HeldVersion[],
  kept = KEPT_VERSIONS,
): string[] {
  // What older deployments refer to is not known.
  if (ledger.cutAt !== undefined) return [];
  const wanted = wantedVersions(rollout, ledger, held);
  const candidates = inOrder(held)
    .filter(({ version, labelled }) => !labelled && !wanted.has(version))
    .map(({ version }) => version);
  const said = saidBy(rollout, without(rollout, ledger, new Set()));
  const gone = new Set<string>();
  for (const version of candidates) {
    if (held.length - gone.size <= kept) break;
    gone.add(version);
    if (saidBy(rollout, without(rollout, ledger, gone)) !== said) gone.delete(version);
  }
  return [...gone];
}

/** Versions that somebody, or something, may go back to. */
function wantedVersions(rollout: Rollout, ledger: Ledger, held: readonly HeldVersion[]): Set<string> {
  const history = newestFirst(ledger.history);
  const origin = originOf(ledger);
  const complete = history.filter(({ state }) => state === "complete");
  // What the live flags are held against: what put them there, and what it followed.
  const before = complete.find(({ deployment }) => deployment < (origin?.deployment ?? 0));
  const since = before?.deployment ?? 0;
  const flips = rollout.stages.flatMap((stage) => {
    const all = flipsOf(rollout, stage, ledger);
    // In its stack's state, and what an abort of a later stage may take for want of another.
    return [...all.slice(0, 1), ...all.filter(({ note }) => note?.attempt === stage.attempt)];
  });
  const strangers = history.flatMap((entry) => {
    if (entry.note) return [];
    const followed = complete.find(({ deployment }) => deployment < entry.deployment);
    return [entry, ...(followed ? [followed] : [])];
  });
  const deployed = new Set(history.map(({ configurationVersion }) => configurationVersion));
  const never = inOrder(held).filter(({ version }) => !deployed.has(version));
  return new Set([
    ...[...history.slice(0, NEWEST_DEPLOYMENTS), ...history.filter(({ deployment }) => deployment >= since)]
      .concat(flips, strangers)
      .map(({ configurationVersion }) => configurationVersion),
    // Every flag off: the lowest that there is.
    ...inOrder(held)
      .slice(0, 1)
      .map(({ version }) => version),
    ...never.slice(-NEVER_DEPLOYED).map(({ version }) => version),
  ]);
}

const inOrder = (held: readonly HeldVersion[]) =>
  [...held].sort((a, b) => Number(a.version) - Number(b.version));

/** The ledger as it would be read without the documents of some versions. */
function without(rollout: Rollout, ledger: Ledger, gone: ReadonlySet<string>): Ledger {
  const history = ledger.history.map(({ carries: _, ...entry }): LedgerEntry => {
    if (!gone.has(entry.configurationVersion)) return entry;
    const { flags: __, ...bare } = entry;
    return bare;
  });
  return { ...ledger, history: heldAgainstFacts(rollout.flags, history) };
}

/** All that a ledger says of the stages, beside the flags that were once live. */
function saidBy(rollout: Rollout, ledger: Ledger): string {
  return stringify(
    rollout.stages.map((stage) => {
      const { highest, stops } = attemptsOf(rollout, stage, ledger);
      return {
        highest,
        stops: [...stops],
        attempts: attemptedOf(rollout, stage, ledger).map(({ flip, ...one }) => ({
          ...one,
          flip: flip && toldOfFlip(flip),
        })),
        plan: plan(rollout, stage, ledger),
      };
    }),
  );
}
