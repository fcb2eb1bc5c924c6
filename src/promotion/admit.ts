import stringify from "safe-stable-stringify";
import { saidUntilFlip } from "../gates/acts";
import { earliestOf } from "../gates/earliest";
import { type Gate, kindOf } from "../gates/gate";
import { gateHash } from "../gates/hash";
import { CLOCK_SKEW_MS, type JudgeContext, judge, judgeInScope, type Verdict } from "../gates/judge";
import type { Evidence, Observation, Subject } from "../gates/observation";
import { showDuration } from "../text/duration";
import { type Problem, showProblem } from "../text/problem";

/** What a promotion asks for: what it would change, the gates it is held to, and what was measured for them. */
export interface Request {
  readonly subject: Subject;
  readonly gates: readonly Gate[];
  readonly evidence: Evidence;
  /** Why guards could not act: nothing is raised that could not be brought down again. */
  readonly unarmed?: readonly Problem[] | undefined;
}

/** When the decision is made: before anything is touched, or right before the flags change. */
export type Moment = "admission" | "flip";

/** The rules that evidence itself is held to. */
export interface AdmitContext extends Omit<JudgeContext, "attempt"> {
  /** A gate that can only hold once the promotion is under way (its snapshot) is due at the flip. */
  readonly moment: Moment;
  /** Older observations than this do not count. Milliseconds. Default: 10 min. */
  readonly maxAgeMs?: number | undefined;
}

/** Whether a promotion may go ahead, and everything that speaks against it. */
export interface Judgement {
  readonly go: boolean;
  /** One verdict for each gate, in the order of the gates. */
  readonly verdicts: readonly Verdict[];
  /** What is wrong with the evidence as a whole, a sentence each. */
  readonly problems: readonly string[];
  /** When all that merely waits could have passed. ISO 8601, UTC; absent where something does not only wait. */
  readonly earliest?: string | undefined;
}

/** Evidence older than this does not count, unless the pack's config says otherwise. */
export const MAX_EVIDENCE_AGE_MS = 10 * 60_000;

/**
 * Decides from observations whether a promotion may go ahead. Judges anew each time: a verdict that somebody
 * stored is never looked at. Everything that is not a clear pass blocks.
 */
export function admit(request: Request, context: AdmitContext): Judgement {
  const { subject, evidence } = request;
  const gates = request.gates.filter((gate) => isDue(gate, context.moment));
  const problems: string[] = [];
  if (stringify(evidence.subject) !== stringify(subject)) {
    problems.push(
      `The evidence was measured for something else (${showSubject(evidence.subject)}) than this promotion (${showSubject(subject)})`,
    );
  }
  if (request.gates.length === 0)
    problems.push("The promotion has no gates at all: nothing would speak against it");
  problems.push(...strays(gates, evidence.observations));
  problems.push(...(request.unarmed ?? []).map(showProblem));

  const measured = gates.map((gate): Judged => {
    const found = evidence.observations.filter((one) => one.gate === gate.id);
    return [gate, judgeBound(gate, found, subject, context)];
  });
  const verdicts = measured.map(([gate, verdict]) => rolledUp(gate, verdict, measured));
  const open = verdicts.filter((verdict) => verdict.outcome !== "pass");
  const waits = open.flatMap(({ earliest }) => earliest ?? []);
  const onlyWaits = problems.length === 0 && open.length > 0 && waits.length === open.length;
  const earliest = onlyWaits ? earliestOf(gates, waits) : undefined;
  return {
    go: problems.length === 0 && open.length === 0,
    verdicts,
    problems,
    ...(earliest ? { earliest } : {}),
  };
}

/** Whether a gate counts at this moment. What is not due is not measured either. */
export function isDue(gate: Gate, moment: Moment): boolean {
  return moment === "flip" || saidUntilFlip(gate) === undefined;
}

/** Whether a gate is looked at at this moment. One that stands for others has nothing of its own to look at. */
export function isMeasured(gate: Gate, moment: Moment): boolean {
  return isDue(gate, moment) && kindOf(gate.definition).rollUp === undefined;
}

type Judged = readonly [Gate, Verdict];

/** A gate that stands for others is judged from their verdicts. */
function rolledUp({ definition }: Gate, own: Verdict, others: readonly Judged[]): Verdict {
  const { rollUp } = kindOf(definition);
  // With an observation of its own it has been judged already, as somebody's invention.
  if (!rollUp || own.outcome !== "not-run") return own;
  const verdicts = others.flatMap(([{ phase }, verdict]) => (phase === rollUp.phase ? [verdict] : []));
  return { ...own, ...rollUp.judge(verdicts) };
}

/**
 * Judges a gate after making sure that its observation is the only one, of this very definition and of what is
 * live, and fresh.
 */
function judgeBound(
  gate: Gate,
  found: readonly Observation[],
  subject: Subject,
  context: AdmitContext,
): Verdict {
  const [observation, second] = found;
  const judging = { ...context, attempt: subject.attempt };
  const unusable = (observed: string, remedy: string): Verdict => ({
    ...judge(gate, undefined, judging),
    outcome: "inconclusive",
    observed,
    remedy,
  });
  if (second)
    return unusable(
      `measured ${found.length} times, with nothing to say which one counts`,
      "Measure each gate once",
    );
  if (!observation) return judge(gate, undefined, judging);
  if (observation.definition !== gateHash(gate))
    return unusable(
      "measured for another definition of this gate",
      "Run pulumi up again, so that it is measured as it is defined now",
    );
  const age = context.now - Date.parse(observation.at);
  const limit = context.maxAgeMs ?? MAX_EVIDENCE_AGE_MS;
  if (Number.isNaN(age))
    return unusable("it is not known when it was measured", "Set the clocks right, then measure again");
  if (age < -CLOCK_SKEW_MS)
    return unusable(`measured in the future (${observation.at})`, "Set the clocks right, then measure again");
  // A limit that is no number admits nothing.
  if (!(age <= limit))
    return unusable(
      `measured ${showDuration(age)} ago; evidence counts for ${showDuration(limit)}`,
      "Run pulumi up again",
    );
  return judgeInScope(gate, observation, subject, judging);
}

function strays(gates: readonly Gate[], observations: readonly Observation[]): string[] {
  const known = new Set(gates.map((gate) => gate.id));
  const problems = [...new Set(observations.map((one) => one.gate))]
    .filter((id) => !known.has(id))
    .map((id) => `The evidence holds an observation for ${id}, which is no gate of this promotion`);
  const seen = new Set<string>();
  for (const { id } of gates) {
    if (seen.has(id)) problems.push(`The gate ${id} is declared twice`);
    seen.add(id);
  }
  return problems;
}

function showSubject(subject: Subject): string {
  return `${subject.rollout}/${subject.stage} attempt ${subject.attempt}, from deployment ${subject.liveDeployment}, ${stringify(subject.from)} → ${stringify(subject.to)}, commit ${subject.commit}`;
}
