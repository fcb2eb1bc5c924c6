import type { FailureKind } from "../aws/failure";
import type { Gate } from "./gate";
import { judgeAlarms, judgeServers, judgeSignOff, judgeSnapshot } from "./judges/states";
import { judgeDate, judgeDrill, judgeSoak } from "./judges/time";
import { judgeAnswer, judgeCheck, judgeMetric, judgeQuery } from "./judges/values";
import type { Observation, Seen } from "./observation";
import { requiredOf } from "./required";
import { type Found, inconclusive, type JudgeContext, type Verdict } from "./verdict";

export { requiredOf } from "./required";
export { CLOCK_SKEW_MS, type JudgeContext, type Outcome, showTime, type Verdict } from "./verdict";

/**
 * Judges one gate. Pure and total: whatever the observation holds, the answer is a verdict, and it is `pass` only
 * where the observation shows what the definition demands.
 */
export function judge(gate: Gate, observation: Observation | undefined, context: JudgeContext): Verdict {
  const { definition } = gate;
  const found = observation ? judgeSeen(gate, observation.seen, context) : NOT_RUN;
  return {
    gate: gate.id,
    title: definition.title,
    outcome: found.outcome,
    observed: found.observed,
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
  const blind = seen === undefined || (seen.kind === "failure" && BLIND.includes(seen.failure));
  return blind ? found.remedy : (definition.remedy ?? found.remedy);
}

const BLIND: readonly FailureKind[] = ["unreachable", "timeout", "refused", "throttled"];

const NOT_RUN: Found = {
  outcome: "not-run",
  observed: "not measured",
  remedy: "Run pulumi up again; if it stays so, the gate's source cannot run here",
};

function judgeSeen(gate: Gate, seen: Seen, context: JudgeContext): Found {
  const { definition } = gate;
  if (seen.kind === "failure") return inconclusive(`${seen.failure}: ${seen.message}`, REMEDY[seen.failure]);
  switch (definition.source) {
    case "soak":
      return seen.kind === "occupancy" ? judgeSoak(gate, seen, context) : FOREIGN;
    case "sql":
      return seen.kind === "value" ? judgeQuery(definition, seen) : FOREIGN;
    case "metric":
      return seen.kind === "metric" ? judgeMetric(definition, seen) : FOREIGN;
    case "alarms":
      return seen.kind === "alarms" ? judgeAlarms(gate, seen) : FOREIGN;
    case "http":
      return seen.kind === "answer" ? judgeAnswer(definition, seen) : FOREIGN;
    case "check":
      return seen.kind === "check" ? judgeCheck(seen) : FOREIGN;
    case "convergence":
      return seen.kind === "servers" ? judgeServers(gate, seen) : FOREIGN;
    case "signOff":
      return seen.kind === "signOff" ? judgeSignOff(seen, context) : FOREIGN;
    case "snapshot":
      return seen.kind === "snapshot" ? judgeSnapshot(gate, definition, seen, context) : FOREIGN;
    case "drill":
      return seen.kind === "drill" ? judgeDrill(gate, definition, seen, context) : FOREIGN;
    case "date":
      return seen.kind === "clock" ? judgeDate(definition, seen, context) : FOREIGN;
    case "exit":
      // Judged from the other gates' verdicts, in admit; an observation of its own would be somebody's invention.
      return FOREIGN;
  }
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
  throttled: "Wait a minute, then run pulumi up again",
  "no-data": "Find out why nothing was measured: no data is not good news",
  "bad-answer": "Correct the gate, or what it measures",
} as const;
