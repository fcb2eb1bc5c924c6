import { type FlagChange, type Flags, sameFlags, showFlags } from "../flags/flags";
import { type Ledger, type LedgerEntry, type LiveFlags, originOf, showEntry } from "../flags/ledger";
import { short } from "../text/command";
import { type Problem, tellAt, tellWhere } from "../text/problem";
import { causeOf, downSince } from "./cause";
import { backThroughDoor, floorsBehind } from "./doors";
import { promotionsOf } from "./entries";
import { answeredFor, doubtAbout } from "./origin";
import { leavesOf, liveStage, stands } from "./position";
import { predecessorOf, type Rollout, type Stage, stagesUpTo } from "./rollout";
import { attemptsOf, showStop } from "./stops";

/** What the record of the predecessor's stack says: the ledger tells what was deployed, not what came of it. */
export type Predecessor =
  /** Whoever only looks reads no stack. */
  | { readonly kind: "unasked" }
  /** Its newest finished `up`: the attempt, and what became of it. */
  | { readonly kind: "recorded"; readonly attempt: number; readonly outcome: "settled" | "aborted" }
  | { readonly kind: "unreadable"; readonly why: string };

/** All that a raise is held against. */
export interface Raising {
  readonly rollout: Rollout;
  readonly stage: Stage;
  readonly ledger: Ledger;
  readonly live: LiveFlags;
  /** The deployment that put the live flags there. */
  readonly origin: LedgerEntry;
  readonly list: readonly FlagChange[];
  readonly before: Predecessor;
}

/** What speaks against raising a stage's flags now. Empty where nothing does. */
export function problemsOfRaise(raising: Raising): Problem[] {
  const { rollout, stage, ledger, live, origin } = raising;
  const floors = floorsBehind(rollout, live);
  const back = backThroughDoor(rollout, stage, floors);
  const disorder = back.length > 0 ? back : orderProblems(raising);
  // Before what a door keeps nothing is promoted any more: its floor stands by itself.
  const isFloor = floors.some(({ floor }) => floor.name === stage.name);
  // Where another stage is live, what is wrong with the predecessor shows once it is.
  const problems = disorder.length > 0 || isFloor ? disorder : predecessorProblems(raising);
  return [...problems, ...strangeProblems(rollout, stage, ledger, { live, origin })];
}

/** What is live, and that nobody judged: somebody else's flags, or what the rollout does not declare. */
export function strangeProblems(
  rollout: Rollout,
  stage: Stage,
  ledger: Ledger,
  { live, origin }: Pick<Raising, "live" | "origin">,
): Problem[] {
  const where = `stage ${stage.name}`;
  const doubt = doubtAbout(rollout, origin, ledger);
  return [
    ...tellWhere(doubt !== undefined, {
      where,
      what: `the live flags were put there by deployment ${origin.deployment}, ${doubt}`,
      remedy: "Find out who made it. `cutover abort` puts the ledger right without raising anything",
    }),
    ...tellWhere(live.undeclared.length > 0, {
      where,
      what: `the live document holds what the rollout does not declare: ${live.undeclared.join(", ")}`,
      remedy: "Declare it under flags: in cutover:rollout, or remove it from the document",
    }),
  ];
}

/**
 * Flags go on from the predecessor's, or from what an abort left of them; or they are this stage's, or what an abort left of
 * this very stage, since it came down to them.
 */
function orderProblems({ rollout, stage, ledger, live, origin, list }: Raising): Problem[] {
  const where = `stage ${stage.name}`;
  const wrong = tellAt(where);
  const before = predecessorOf(rollout, stage);
  const { kind } = origin.note ?? {};
  const lowered = kind === "abort" || kind === "lower" || answeredFor(rollout, origin, ledger);
  if (list.length === 0) {
    // Its own promotion may have come down since, and somebody else have put its flags back: they are judged anew.
    if (before && lowered) return [];
    return wrong(
      `attempt ${stage.attempt} asks for the flags that are live already, by ${showEntry(origin)}`,
      "There is nothing to promote: set attempt back to what it was",
    );
  }
  const at = liveStage(rollout, ledger);
  // Of what came down meanwhile, each step goes through the gates of its own stage.
  const ownStep = list.every(
    ({ flag, from, direction }) => direction === "lower" || from === before?.flags[flag],
  );
  if (before && ownStep && at === before) return [];
  if (before && lowered && stands(rollout, before, ledger)) {
    if (ownStep && leavesOf(rollout, before, live.flags)) return [];
    if (stands(rollout, stage, ledger) && leavesOf(rollout, stage, live.flags)) return [];
  }
  return wrong(
    `follows ${before?.name ?? "nothing"}, but live is ${liveWords(rollout, at, live.flags)} (${showFlags(live.flags)})`,
    outOfBetween(rollout, ledger) ??
      (before
        ? `Promote ${before.name} first: ${short.ofStack("up", before.name)}`
        : "The first stage is not promoted"),
  );
}

/** What is live, at the end of a sentence. */
function liveWords(rollout: Rollout, at: Stage | undefined, flags: Flags): string {
  const has = (one: Stage) => sameFlags(rollout.flags, one.flags, flags);
  if (at) return has(at) ? at.name : `what is left of ${at.name}`;
  return rollout.stages.some(has) ? "no stage" : "no stage's flags";
}

/**
 * What is typed where an abort or a lowering left flags of no stage: no stage goes on from there before the rest is down.
 * Undefined where the live flags are a stage's that stands, or none of the two put them there.
 */
export function outOfBetween(rollout: Rollout, ledger: Ledger): string | undefined {
  const { kind } = originOf(ledger)?.note ?? {};
  if (kind !== "abort" && kind !== "lower") return undefined;
  const at = liveStage(rollout, ledger);
  // Whoever lowers may leave the flags of a stage that was never promoted.
  if (at && (kind === "abort" || stands(rollout, at, ledger))) return undefined;
  const first = rollout.stages.find((one) => causeOf(rollout, one, ledger));
  if (first)
    return `Bring down what is left of ${first.name} and the stages after it: ${short.abort(first.name)}. Then promote ${first.name} anew`;
  // What has just the flags of the stage after one that stands can be promoted there.
  const goesOn = rollout.stages.some((one) => {
    const before = predecessorOf(rollout, one);
    const isIt = sameFlags(rollout.flags, one.flags, ledger.live?.flags ?? {});
    return before !== undefined && isIt && stands(rollout, before, ledger);
  });
  return goesOn ? undefined : `No stage put it there. Bring everything down: ${short.abortAll()}`;
}

/**
 * The predecessor was promoted, is not stopped, did not come down since, and its record says that it settled: to look
 * equal is not enough.
 */
function predecessorProblems(raising: Raising): Problem[] {
  const predecessor = predecessorOf(raising.rollout, raising.stage);
  // The first stage raises nothing: its stack is the foundation, which this one could not be read without.
  if (!predecessor || predecessor === raising.rollout.stages[0]) return [];
  return unsettledProblems(raising, predecessor, raising.stage.name);
}

/** The stop of a stage before one, after that one's flip, which brought nothing down: its own flags were down already, or kept. */
function stopUnder(rollout: Rollout, stage: Stage, flip: number, ledger: Ledger) {
  return stagesUpTo(rollout, stage)
    .filter((one) => one !== stage)
    .flatMap((one) =>
      [...attemptsOf(rollout, one, ledger).stops.values()].map((stop) => ({ stage: one, stop })),
    )
    .find(({ stop }) => stop.deployment > flip);
}

/**
 * What keeps a stage from being one that something is built on.
 *
 * @param next what is to come after it, as the end of "before …"
 */
export function unsettledProblems(
  { rollout, ledger, before }: Pick<Raising, "rollout" | "ledger" | "before">,
  predecessor: Stage,
  next: string,
): Problem[] {
  const where = `stage ${predecessor.name}`;
  const wrong = tellAt(where);
  const newest = promotionsOf(rollout, predecessor, ledger).find(({ state }) => state === "complete");
  if (!newest?.note)
    return wrong(
      "was never promoted, whatever the live flags look like",
      `Promote it first: ${short.ofStack("up", predecessor.name)}`,
    );
  const { attempt } = newest.note;
  const anew = `Promote it anew, with the next attempt, before ${next}`;
  const stop = attemptsOf(rollout, predecessor, ledger).stops.get(attempt);
  if (stop) return wrong(`attempt ${attempt} was stopped ${showStop(stop)}`, anew);
  const down = downSince(rollout, predecessor, newest, ledger);
  if (down)
    return wrong(
      `attempt ${attempt} was brought down since, by ${showEntry(down)}: that its flags are live again is not its doing`,
      anew,
    );
  const under = stopUnder(rollout, predecessor, newest.deployment, ledger);
  if (under)
    return wrong(
      `${under.stage.name}, on which it stands, was stopped since, ${showStop(under.stop)}`,
      `Find the cause. ${anew}`,
    );
  const settle = `Run ${short.ofStack("up", predecessor.name)}: it settles what is open and changes no flag`;
  switch (before.kind) {
    case "unasked":
      return [];
    case "unreadable":
      return wrong(`its record cannot be read (${before.why})`, settle);
    case "recorded":
      if (before.attempt !== attempt)
        return wrong(
          `attempt ${attempt} is live, but its stack's record is of attempt ${before.attempt}: nobody knows how its smoke checks came out`,
          // A later attempt that was only lowered to settles nothing of an earlier one.
          before.attempt > attempt ? anew : settle,
        );
      if (before.outcome === "settled") return [];
      return wrong(`attempt ${attempt} was taken down by its own smoke checks`, anew);
  }
}
