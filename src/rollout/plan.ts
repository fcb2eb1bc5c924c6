import {
  changes,
  direction,
  type FlagChange,
  type Flags,
  sameFlags,
  showChange,
  showFlags,
} from "../flags/flags";
import { type Ledger, type LedgerEntry, originOf, showEntry } from "../flags/ledger";
import { short } from "../text/command";
import type { Problem } from "../text/problem";
import { predecessorOf, type Rollout, type Stage } from "./rollout";

/** What `up` of a stage would do to the flags. */
export type Plan =
  | {
      readonly kind: "raise";
      readonly from: Flags;
      readonly to: Flags;
      readonly changes: readonly FlagChange[];
      readonly liveDeployment: number;
    }
  | {
      readonly kind: "lower";
      readonly from: Flags;
      readonly to: Flags;
      readonly changes: readonly FlagChange[];
      readonly liveDeployment: number;
      readonly reason?: string | undefined;
    }
  /** The same flags are deployed anew, for a new attempt of the stage that is live: its soak starts over. */
  | {
      readonly kind: "restart";
      readonly from: Flags;
      readonly to: Flags;
      readonly liveDeployment: number;
    }
  /** The flags stay as they are: this attempt was promoted before, whatever has become of it since. */
  | { readonly kind: "none"; readonly why: "live" | "superseded" | "aborted"; readonly sentence: string }
  /** The flags stay as they are, and no evidence could change that: something has to be mended first. */
  | {
      readonly kind: "refused";
      readonly from: Flags;
      readonly to: Flags;
      readonly liveDeployment: number;
      readonly problems: readonly Problem[];
    };

/**
 * Decides what bringing `stage` up would do, from the ledger alone. A stage is promoted once per attempt: once
 * the ledger holds the attempt, `up` changes no flag any more, also after an abort.
 */
export function plan(rollout: Rollout, stage: Stage, ledger: Ledger): Plan {
  const { live, history } = ledger;
  const to = stage.flags;
  const refuse = (...problems: Problem[]): Plan => ({
    kind: "refused",
    from: live?.flags ?? {},
    to,
    liveDeployment: live?.deployment ?? 0,
    problems,
  });
  const where = `stage ${stage.name}`;

  const earlier = history.filter(
    (entry) =>
      (entry.note?.kind === "promote" || entry.note?.kind === "lower") &&
      entry.note.stage === stage.name &&
      entry.note.rollout === rollout.name,
  );
  const promoted = earlier.find((entry) => entry.note?.attempt === stage.attempt);
  if (promoted) return settled(rollout, stage, promoted, ledger, refuse);

  const latest = Math.max(0, ...earlier.map((entry) => entry.note?.attempt ?? 0));
  if (latest > stage.attempt) {
    return refuse({
      where,
      what: `attempt ${stage.attempt} is older than attempt ${latest}, which was promoted already`,
      remedy: `Set attempt to ${latest} to leave the flags as they are, or to ${latest + 1} to promote again`,
    });
  }
  const underWay = history.find((entry) => entry.state === "under-way");
  if (underWay) {
    return refuse({
      where,
      what: `deployment ${underWay.deployment} (${showEntry(underWay)}) is under way`,
      remedy: "Wait until AppConfig has completed it, or stop it, then run pulumi up again",
    });
  }
  if (!live) {
    return refuse({
      where,
      what: "no flags are live yet",
      remedy: `Bring the first stage up: ${short.ofStack("up", rollout.stages[0].name)}`,
    });
  }

  const origin = originOf(ledger);
  const list = changes(rollout.flags, live.flags, to);
  switch (direction(list)) {
    case "mixed":
      return refuse({
        where,
        what: `would raise some flags and lower others (${list.map(showChange).join("; ")})`,
        remedy: "Bring the rollout to a stage of its own first; flags go one way at a time",
      });
    case "lower":
      return {
        kind: "lower",
        from: live.flags,
        to,
        changes: list,
        liveDeployment: live.deployment,
        reason: stage.lower?.reason,
      };
    case "none":
      // Only what this tool promoted once may be adopted anew: flags that somebody else raised were never judged.
      if (earlier.length > 0 && origin?.note?.rollout === rollout.name) {
        return { kind: "restart", from: live.flags, to, liveDeployment: live.deployment };
      }
      return raise(rollout, stage, { live, origin }, list, refuse);
    case "raise":
      return raise(rollout, stage, { live, origin }, list, refuse);
  }
}

function raise(
  rollout: Rollout,
  stage: Stage,
  { live, origin }: { live: NonNullable<Ledger["live"]>; origin: LedgerEntry | undefined },
  list: FlagChange[],
  refuse: (...problems: Problem[]) => Plan,
): Plan {
  const where = `stage ${stage.name}`;
  const before = predecessorOf(rollout, stage);
  const problems: Problem[] = [];
  if (list.length === 0) {
    problems.push({
      where,
      what: `attempt ${stage.attempt} asks for the flags that are live already, by ${showEntry(origin ?? live)}`,
      remedy: "There is nothing to promote: set attempt back to what it was",
    });
  } else if (!before || !sameFlags(rollout.flags, before.flags, live.flags)) {
    const stages = rollout.stages
      .filter((other) => sameFlags(rollout.flags, other.flags, live.flags))
      .map((other) => other.name);
    const now = stages.length > 0 ? stages.join(" or ") : "no stage's flags";
    problems.push({
      where,
      what: `follows ${before?.name ?? "nothing"}, but live is ${now} (${showFlags(live.flags)})`,
      remedy: before
        ? `Promote ${before.name} first: ${short.ofStack("up", before.name)}`
        : "The first stage is not promoted",
    });
  }
  if (origin?.note?.rollout !== rollout.name) {
    const by = origin?.note ? `for the rollout ${origin.note.rollout}` : "which cutover did not make";
    problems.push({
      where,
      what: `the live flags were put there by deployment ${(origin ?? live).deployment}, ${by}`,
      remedy: "Find out who made it. `cutover abort` puts the ledger right without raising anything",
    });
  }
  if (live.undeclared.length > 0) {
    problems.push({
      where,
      what: `the live document holds what the rollout does not declare: ${live.undeclared.join(", ")}`,
      remedy: "Declare it under flags: in cutover:rollout, or remove it from the document",
    });
  }
  if (problems.length > 0) return refuse(...problems);
  return { kind: "raise", from: live.flags, to: stage.flags, changes: list, liveDeployment: live.deployment };
}

/** What has become of an attempt that the ledger holds. */
function settled(
  rollout: Rollout,
  stage: Stage,
  promoted: LedgerEntry,
  ledger: Ledger,
  refuse: (...problems: Problem[]) => Plan,
): Plan {
  const { live, history } = ledger;
  const origin = originOf(ledger);
  const attempt = `${stage.name}, attempt ${stage.attempt},`;
  if (promoted.state === "under-way") {
    return {
      kind: "none",
      why: "live",
      sentence: `${attempt} is being deployed (deployment ${promoted.deployment})`,
    };
  }
  const latch = `it stays down until attempt rises above ${stage.attempt} in its config, with new sign-offs`;
  if (promoted.state === "rolled-back") {
    return {
      kind: "none",
      why: "aborted",
      sentence: `${attempt} was rolled back by AppConfig (deployment ${promoted.deployment}); ${latch}`,
    };
  }
  if (live && origin?.deployment === promoted.deployment) {
    if (!sameFlags(rollout.flags, live.flags, stage.flags)) {
      return refuse({
        where: `stage ${stage.name}`,
        what: `its flags were edited after attempt ${stage.attempt} was promoted (live: ${showFlags(live.flags)}; config: ${showFlags(stage.flags)})`,
        remedy: `Set attempt to ${stage.attempt + 1} to promote the new flags, or take the edit back`,
      });
    }
    const since =
      origin.deployment === live.deployment
        ? live.completedAt
        : `${origin.completedAt}; its soak began anew with a drill at ${live.completedAt}`;
    return { kind: "none", why: "live", sentence: `${attempt} is live since ${since}` };
  }
  const lowered =
    live === undefined ||
    changes(rollout.flags, live.flags, stage.flags).some((change) => change.direction === "raise");
  const abort = history
    .filter((entry) => entry.note?.kind === "abort" && entry.deployment > promoted.deployment)
    .at(-1);
  if (lowered && abort) {
    const row = abort.note?.row ? ` by ${abort.note.row}` : "";
    return {
      kind: "none",
      why: "aborted",
      sentence: `${attempt} was aborted${row}${abort.completedAt ? ` at ${abort.completedAt}` : ""}; ${latch}`,
    };
  }
  return {
    kind: "none",
    why: "superseded",
    sentence: `${attempt} was promoted before; live now is ${live ? showEntry(origin ?? live) : "nothing"}`,
  };
}
