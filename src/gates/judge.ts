import type { FailureKind } from "../aws/failure";
import { plainLine } from "../text/text";
import { isAct, NOT_ACTED } from "./acts";
import { type Gate, kindOf } from "./gate";
import type { Observation, Seen, Subject } from "./observation";
import { type Found, inconclusive, type JudgeContext, type Missed, type Verdict } from "./verdict";

export { CLOCK_SKEW_MS, type JudgeContext, type Outcome, showTime, type Verdict } from "./verdict";

/**
 * Judges one gate. Pure and total: whatever the observation holds, the answer is a verdict, and it is `pass` only
 * where the observation shows what the definition demands.
 */
export function judge(gate: Gate, observation: Observation | undefined, context: JudgeContext): Verdict {
  const { definition } = gate;
  const found = observation ? judgeSeen(gate, observation.seen, context) : notRun(gate);
  return {
    gate: gate.id,
    title: definition.title,
    outcome: found.outcome,
    // A value may hold what would move a cursor, or turn the direction of writing.
    observed: plainLine(found.observed),
    required: requiredOf(gate),
    remedy: remedyOf(gate, observation, found),
    ...(found.earliest === undefined ? {} : { earliest: found.earliest }),
  };
}

/**
 * The config's own remedy is for what the gate looks at. Where nothing could be looked at, it would send people the
 * wrong way.
 */
function remedyOf({ definition }: Gate, observation: Observation | undefined, found: Found): string {
  if (found.outcome === "pass") return "";
  const seen = observation?.seen;
  const blind = seen === undefined || (seen.kind === "failure" && !ANSWERED.includes(seen.failure));
  return blind ? found.remedy : (definition.remedy ?? found.remedy);
}

/** What failed although the source was looked at. */
const ANSWERED: readonly FailureKind[] = ["no-data", "bad-answer"];

function notRun(gate: Gate): Found {
  if (isAct(gate)) return { outcome: "not-run", ...NOT_ACTED };
  return {
    outcome: "not-run",
    observed: "not measured",
    remedy: "Run pulumi up again; if it stays so, the gate's source cannot run here",
  };
}

function judgeSeen(gate: Gate, seen: Seen, context: JudgeContext): Found {
  if (seen.kind === "failure") {
    const undone = seen.failure === "no-data" ? kindOf(gate.definition).undone : undefined;
    return inconclusive(`${seen.failure}: ${seen.message}`, undone ?? REMEDY[seen.failure]);
  }
  // A gate that stands for others has none of its own: it would be somebody's invention.
  return judgingOf(gate, seen)?.judge(gate, seen, context) ?? FOREIGN;
}

/** The gate's kind, where it can have seen this. */
function judgingOf(gate: Gate, seen: Seen) {
  const kind = kindOf(gate.definition);
  return kind.sees && kind.sees.shape.kind.value === seen.kind ? kind : undefined;
}

/** Why what was seen shows that a gate's source does not let it in, or is broken; undefined where it passes, or does. */
export function turnedAway(gate: Gate, seen: Seen, context: JudgeContext): string | undefined {
  const kind = judgingOf(gate, seen);
  return kind?.judge(gate, seen, context).outcome === "pass" ? undefined : kind?.turnedAway?.(gate, seen);
}

/** What a gate demands, in words. */
export function requiredOf(gate: Gate): string {
  return kindOf(gate.definition).required(gate);
}

/**
 * What an observation leaves out of the time that its gate speaks of; undefined where it covers all of it. A window
 * that is too short, or a soak that began with another deployment, would hide what happened.
 */
export function outOfScope(
  gate: Gate,
  { seen, at }: Observation,
  { liveSince, liveDeployment }: Pick<Subject, "liveSince" | "liveDeployment">,
  timeScale: number,
): Missed | undefined {
  const missed = judgingOf(gate, seen)?.misses?.(gate, seen, { liveSince, liveDeployment, at, timeScale });
  return typeof missed === "string" ? { what: missed } : missed;
}

/** Judges one gate by an observation that speaks of the time since `live` went live, and of no other. */
export function judgeInScope(
  gate: Gate,
  observation: Observation,
  live: Pick<Subject, "liveSince" | "liveDeployment">,
  context: JudgeContext,
): Verdict {
  const missed = outOfScope(gate, observation, live, context.timeScale);
  if (!missed) return judge(gate, observation, context);
  const { what: observed, earliest } = missed;
  // A window that is only not covered yet holds nothing of before: an error that is seen in it stays one.
  if (earliest !== undefined && judgingOf(gate, observation.seen)?.worsens?.(gate)) {
    const already = judge(gate, observation, context);
    if (already.outcome === "fail") return already;
  }
  const verdict = { ...judge(gate, undefined, context), outcome: "inconclusive" as const, observed };
  return earliest === undefined
    ? { ...verdict, remedy: "Run pulumi up again, so that it is measured over the right time" }
    : { ...verdict, remedy: "Wait until the window is covered", earliest };
}

const FOREIGN: Found = {
  outcome: "inconclusive",
  observed: "the observation is not one of this gate's source",
  remedy: "Measure again with this version of cutover",
};

const REMEDY = {
  unreachable: "Make the source reachable from where pulumi runs",
  timeout: "Make the measurement faster, or raise the gate's timeout",
  refused: "Give the gate's credentials the right to read what it measures",
  filtered:
    "Give the gate role BYPASSRLS, or ask through a SECURITY DEFINER function of the table's owner; where the gate is to count only what the role may see, say so: rowSecurity: { intended: WHY }",
  throttled: "Wait a minute, then run pulumi up again",
  "no-data": "Find out why nothing was measured: no data is not good news",
  "bad-answer": "Correct the gate, or what it measures",
  unanswered: "See to the measuring function, as it says there, then run pulumi up again",
} as const;
