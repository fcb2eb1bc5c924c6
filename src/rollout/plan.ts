import {
  changes,
  direction,
  type FlagChange,
  type Flags,
  lowersBeyond,
  lowerTo,
  sameFlags,
  showChange,
  showFlags,
} from "../flags/flags";
import { type Ledger, type LedgerEntry, originOf, showEntry } from "../flags/ledger";
import { type Problem, tellAt, tellWhere } from "../text/problem";
import { causeOf, downSince } from "./cause";
import { belowDoor } from "./doors";
import { promotionsOf } from "./entries";
import { finishedProblem, finishIn, finishOf, neverPromoted, showFinish } from "./finished";
import { doubtAbout } from "./origin";
import { outOfBetween, type Predecessor, problemsOfRaise } from "./planRaise";
import { contractedIn } from "./position";
import { type Rollout, type Stage, stagesUpTo } from "./rollout";
import { standstill } from "./standstill";
import { attemptsOf, flipOf, nextAttempt, showStop } from "./stops";

/** From which flags to which, and the deployment that is live until then. */
interface Move {
  readonly from: Flags;
  readonly to: Flags;
  readonly liveDeployment: number;
}

/** What `up` of a stage would do to the flags. */
export type Plan =
  /** A step forward, through every gate. It lowers what the stage contracts, and raises the rest: of either maybe nothing. */
  | (Move & { readonly kind: "raise"; readonly changes: readonly FlagChange[] })
  | (Move & {
      readonly kind: "lower";
      readonly changes: readonly FlagChange[];
      readonly reason?: string | undefined;
    })
  /** The same flags are deployed anew, for a new attempt of the stage that is live: its soak starts over. */
  | (Move & { readonly kind: "restart" })
  /** The flags stay as they are: this attempt was promoted before, whatever has become of it since. */
  | {
      readonly kind: "none";
      readonly why: "live" | "superseded" | "aborted" | "finished";
      readonly sentence: string;
    }
  /** The flags stay as they are, and no evidence could change that: something has to be mended first. */
  | (Move & { readonly kind: "refused"; readonly problems: readonly Problem[] });

/**
 * Decides what bringing `stage` up would do, from the ledger and the predecessor's record. A stage is promoted once per
 * attempt: once the ledger holds the attempt, `up` raises no flag any more, whatever has become of it. A stop latches
 * its attempt whatever else the ledger says. A written reason to lower lowers, whatever the attempt is. Of a finished
 * rollout nothing is raised or lowered: whoever reopens it aborts.
 */
export function plan(rollout: Rollout, stage: Stage, ledger: Ledger, before: Predecessor = UNASKED): Plan {
  const { live } = ledger;
  const finish = finishOf(rollout, ledger);
  if (finish) return finished(rollout, stage, ledger, finish);
  const lower = stage.lower && lowering(rollout, stage, ledger);
  if (lower) return lower;

  const promoted = flipOf(rollout, stage, stage.attempt, ledger);
  if (promoted) return settled(rollout, stage, promoted, ledger);

  const list = live ? changes(rollout.flags, live.flags, stage.flags) : [];
  // What an earlier one contracts is down already where its turn has come; where it has not, the order says so.
  const down = lowersBeyond(contractedIn(stagesUpTo(rollout, stage)), list);
  // Without a written reason it goes no further; that it is missing is all that there is to say.
  if (down.length > 0 && direction(list) === "lower") return lowering(rollout, stage, ledger) as Plan;
  const problems = [...attemptProblems(rollout, stage, ledger), ...standstill(rollout, stage, ledger)];
  if (problems.length > 0 || !live) return refused(stage, ledger, problems);
  if (down.length === 0) return upward(rollout, stage, ledger, list, before);
  return refused(stage, ledger, [
    {
      where: `stage ${stage.name}`,
      what: `would raise some flags and lower others (${list.map(showChange).join("; ")})`,
      remedy:
        outOfBetween(rollout, ledger) ??
        `Bring the rollout to a stage of its own first; only what a stage contracts is lowered by a step forward, and ${stage.name} does not contract ${down.join(", ")}`,
    },
  ]);
}

/** Nothing was asked about the predecessor's record: what the ledger says has to do, as for whoever only looks. */
const UNASKED: Predecessor = { kind: "unasked" };

function finished(rollout: Rollout, stage: Stage, ledger: Ledger, entry: LedgerEntry): Plan {
  const finish = finishIn(entry);
  const over = (instead: string) => finishedProblem(rollout.name, stage.name, finish, instead);
  if (stage.lower && lowering(rollout, stage, ledger))
    return refused(stage, ledger, [over("Take lower out")]);
  if (flipOf(rollout, stage, stage.attempt, ledger))
    return { kind: "none", why: "finished", sentence: `${rollout.name} is ${showFinish(finish)}` };
  const back = attemptsOf(rollout, stage, ledger).highest;
  return refused(stage, ledger, [
    back === 0
      ? neverPromoted(rollout.name, stage.name, finish)
      : over(`Nothing is promoted any more: set attempt back to ${back}`),
  ]);
}

function refused(stage: Stage, { live }: Ledger, problems: readonly Problem[]): Plan {
  return {
    kind: "refused",
    from: live?.flags ?? {},
    to: stage.flags,
    liveDeployment: live?.deployment ?? 0,
    problems,
  };
}

/**
 * Down to this stage's flags, and no flag up: absent where none is above them, and none on its way there. Servers have
 * what is under way before AppConfig calls it complete.
 */
function lowering(rollout: Rollout, stage: Stage, ledger: Ledger): Plan | undefined {
  const { live, history } = ledger;
  if (!live) return undefined;
  const to = lowerTo(rollout.flags, live.flags, stage.flags);
  const bound = belowDoor(rollout, stage, live);
  if (bound) return refused(stage, ledger, [bound]);
  const { reason } = stage.lower ?? {};
  const common = { kind: "lower", to, liveDeployment: live.deployment, reason } as const;
  const list = changes(rollout.flags, live.flags, to);
  if (list.length > 0) return { ...common, from: live.flags, changes: list };
  const coming = history.find((entry) => entry.state === "under-way" && mayRaise(entry));
  if (!coming) return undefined;
  // Of a document that nobody can read, no more is known than that it has to go.
  const from = coming.flags ?? live.flags;
  const above = changes(rollout.flags, from, to).filter((change) => change.direction === "lower");
  return coming.flags && above.length === 0 ? undefined : { ...common, from, changes: above };
}

/** Whether an entry may bring flags above those that are live. */
function mayRaise({ carries, note }: LedgerEntry): boolean {
  return !carries && note?.kind !== "abort" && note?.kind !== "lower";
}

/** What speaks against this attempt, whatever the flags are. */
function attemptProblems(rollout: Rollout, stage: Stage, ledger: Ledger): Problem[] {
  const { highest, stops } = attemptsOf(rollout, stage, ledger);
  const { attempt } = stage;
  const where = `stage ${stage.name}`;
  const wrong = tellAt(where);
  const next = highest + 1;
  const stop = stops.get(attempt);
  if (stop)
    return wrong(
      `attempt ${attempt} was stopped ${showStop(stop)}`,
      `Find the cause, then set attempt to ${next}, with new sign-offs`,
    );
  if (attempt < next)
    return wrong(
      `attempt ${attempt} is older than attempt ${highest}, which was promoted or stopped already`,
      `Set attempt to ${highest} to leave the flags as they are, or to ${next} to promote again`,
    );
  return tellWhere(attempt !== next, {
    where,
    what: `attempt ${attempt} skips ${attempt - next === 1 ? `attempt ${next}` : `attempts ${next} to ${attempt - 1}`}`,
    remedy: `Set attempt to ${next}: a stop of the next attempt must meet it`,
  });
}

/** A step forward, or the same flags are deployed anew for a new attempt of the stage that is live. */
function upward(
  rollout: Rollout,
  stage: Stage,
  ledger: Ledger,
  list: FlagChange[],
  before: Predecessor,
): Plan {
  const live = ledger.live as NonNullable<Ledger["live"]>;
  const origin = originOf(ledger) ?? live;
  const common = { from: live.flags, to: stage.flags, liveDeployment: live.deployment };
  // Flags that somebody else raised were never judged.
  if (list.length === 0 && !doubtAbout(rollout, origin, ledger) && stillJudged(rollout, stage, ledger))
    return { kind: "restart", ...common };
  const problems = problemsOfRaise({ rollout, stage, ledger, live, origin, list, before });
  return problems.length > 0 ? refused(stage, ledger, problems) : { kind: "raise", ...common, changes: list };
}

/** Whether the newest promotion of a stage put just its flags there, and nothing brought them down since. */
function stillJudged(rollout: Rollout, stage: Stage, ledger: Ledger): boolean {
  const newest = promotionsOf(rollout, stage, ledger).find(({ state }) => state === "complete");
  if (!newest || downSince(rollout, stage, newest, ledger)) return false;
  if (newest.flags) return sameFlags(rollout.flags, newest.flags, stage.flags);
  // Its document is gone: then only where nobody else could have raised what is live.
  return !ledger.history.some(
    ({ deployment, note }) => deployment > newest.deployment && note?.rollout !== rollout.name,
  );
}

/** What has become of an attempt that the ledger holds. */
function settled(rollout: Rollout, stage: Stage, promoted: LedgerEntry, ledger: Ledger): Plan {
  const { live } = ledger;
  const origin = originOf(ledger);
  const attempt = `${stage.name}, attempt ${stage.attempt},`;
  const none = (why: "live" | "superseded" | "aborted", sentence: string): Plan => ({
    kind: "none",
    why,
    sentence,
  });
  if (promoted.state === "under-way")
    return none("live", `${attempt} is being deployed (deployment ${promoted.deployment})`);
  const latch = `it stays down until attempt rises above ${attemptsOf(rollout, stage, ledger).highest} in its config, with new sign-offs`;
  if (promoted.state === "rolled-back")
    return none(
      "aborted",
      `${attempt} was rolled back by AppConfig (deployment ${promoted.deployment}); ${latch}`,
    );
  if (live && origin?.deployment === promoted.deployment) {
    const same = sameFlags(rollout.flags, live.flags, stage.flags);
    if (!same && promoted.note?.kind === "lower")
      return none("superseded", `${attempt} was lowered to (live: ${showFlags(live.flags)})`);
    if (!same)
      return refused(stage, ledger, [
        {
          where: `stage ${stage.name}`,
          what: `its flags were edited after attempt ${stage.attempt} was promoted (live: ${showFlags(live.flags)}; config: ${showFlags(stage.flags)})`,
          remedy: `Set attempt to ${nextAttempt(rollout, stage, ledger)} to promote the new flags, or take the edit back`,
        },
      ]);
    const { stops } = attemptsOf(rollout, stage, ledger);
    const stop = stops.get(stage.attempt);
    const stopped = stop ? `, and was stopped ${showStop(stop)}` : "";
    return none("live", `${attempt} is live since ${live.completedAt}${stopped}`);
  }
  const lowered =
    live === undefined ||
    changes(rollout.flags, live.flags, stage.flags).some((change) => change.direction === "raise");
  const cause = causeOf(rollout, stage, ledger);
  if (lowered && cause?.kind === "abort") {
    const row = cause.by === "hand" ? "" : ` by ${cause.by}`;
    return none("aborted", `${attempt} was aborted${row}${cause.at ? ` at ${cause.at}` : ""}; ${latch}`);
  }
  return none(
    "superseded",
    `${attempt} was promoted before; live now is ${live ? showEntry(origin ?? live) : "nothing"}`,
  );
}
