import { milliseconds, showDuration } from "../model/duration";
import type { Gate, SoakGate } from "./definition";
import { compare, type Expectation, showExpectation } from "./expectation";
import type { Observation, Seen } from "./observation";

/** How a gate came out. Only `pass` promotes. */
export type Outcome = "pass" | "fail" | "inconclusive" | "not-run";

/** A gate's verdict, with all that a person needs to understand it. */
export interface Verdict {
  readonly gate: string;
  readonly title: string;
  readonly outcome: Outcome;
  /** What was measured, in words. */
  readonly observed: string;
  /** What it had to be, in words. */
  readonly required: string;
  /** What to do. Empty for a pass. */
  readonly remedy: string;
  /** When the gate could pass at the earliest, where that is known. ISO 8601, UTC. */
  readonly earliest?: string | undefined;
}

/** What judging depends on beside the gate and its observation. */
export interface JudgeContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How much faster declared durations pass than the clock. 1 on any real account. */
  readonly timeScale: number;
}

/**
 * Judges one gate. Pure and total: whatever the observation holds, the answer is a verdict, and it is `pass` only
 * where the observation shows what the definition demands.
 */
export function judge(gate: Gate, observation: Observation | undefined, context: JudgeContext): Verdict {
  const { definition } = gate;
  const verdict = (outcome: Outcome, observed: string, remedy: string, earliest?: string): Verdict => ({
    gate: gate.id,
    title: definition.title,
    outcome,
    observed,
    required: requiredOf(gate),
    remedy: outcome === "pass" ? "" : (definition.remedy ?? remedy),
    ...(earliest === undefined ? {} : { earliest }),
  });
  if (!observation)
    return verdict(
      "not-run",
      "not measured",
      "Run pulumi up again; if it stays so, the gate's source cannot run here",
    );
  const { seen } = observation;
  if (seen.kind === "failure")
    return verdict("inconclusive", `${seen.failure}: ${seen.message}`, REMEDY[seen.failure]);
  switch (definition.source) {
    case "soak":
      return judgeSoak(definition, seen, context, verdict);
    case "sql":
      return judgeValue(definition.expect, seen, verdict);
  }
}

type Verdicts = (outcome: Outcome, observed: string, remedy: string, earliest?: string) => Verdict;

function judgeSoak(
  definition: SoakGate,
  seen: Seen,
  { now, timeScale }: JudgeContext,
  verdict: Verdicts,
): Verdict {
  if (seen.kind !== "occupancy")
    return verdict(
      "inconclusive",
      "the observation is not one of a soak",
      "Measure again with this version of cutover",
    );
  const since = Date.parse(seen.since);
  const needed = milliseconds(definition.atLeast ?? "0s");
  if (needed <= 0)
    return verdict(
      "inconclusive",
      "the gate demands no time at all",
      "Write atLeast, or soak in the predecessor",
    );
  const elapsed = (now - since) * timeScale;
  if (!Number.isFinite(elapsed))
    return verdict(
      "inconclusive",
      "it is not known since when the flags are live",
      "Check the ledger with cutover status",
    );
  if (elapsed < 0)
    return verdict(
      "inconclusive",
      `${seen.stage} went live in the future (${seen.since})`,
      "Set this machine's clock right",
    );
  const observed = `${seen.stage} live for ${showDuration(elapsed)}, since ${showTime(seen.since)}`;
  if (elapsed >= needed) return verdict("pass", observed, "");
  return verdict("fail", observed, "Wait until the soak is over", timeAt(since + needed / timeScale));
}

function judgeValue(expected: Expectation, seen: Seen, verdict: Verdicts): Verdict {
  if (seen.kind !== "value")
    return verdict(
      "inconclusive",
      "the observation is not one of a value",
      "Measure again with this version of cutover",
    );
  const result = compare(expected, seen.value);
  switch (result.kind) {
    case "met":
      return verdict("pass", showValue(seen.value), "");
    case "unmet":
      return verdict("fail", showValue(seen.value), "Mend what is measured, then run pulumi up again");
    case "unusable":
      return verdict(
        "inconclusive",
        result.why,
        "Correct the query, so that it yields one value of the expected type",
      );
  }
}

/** A moment as ISO 8601, or nothing where no calendar has it. */
function timeAt(ms: number): string | undefined {
  const time = new Date(Math.ceil(ms));
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** What a gate demands, in words. */
export function requiredOf(gate: Gate): string {
  const { definition } = gate;
  switch (definition.source) {
    case "soak":
      return `≥ ${definition.atLeast ?? "0s"} without a break`;
    case "sql":
      return showExpectation(definition.expect);
  }
}

const REMEDY = {
  unreachable: "Make the source reachable from where pulumi runs",
  timeout: "Make the measurement faster, or raise the gate's timeout",
  refused: "Give the gate's credentials the right to read what it measures",
  throttled: "Wait a minute, then run pulumi up again",
  "no-data": "Find out why nothing was measured: no data is not good news",
  "bad-answer": "Correct the gate, or what it measures",
} as const;

/** A value as a report shows it: on one line, and short. */
function showValue(value: unknown): string {
  const text =
    typeof value === "string"
      ? JSON.stringify(value)
      : typeof value === "object"
        ? JSON.stringify(value)
        : String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** `2026-11-21 21:40:05Z`: as exact as a person needs it, and unmistakably UTC. */
export function showTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime())
    ? "an unknown time"
    : `${time.toISOString().slice(0, 19).replace("T", " ")}Z`;
}
