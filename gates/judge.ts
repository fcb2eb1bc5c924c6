import { milliseconds, showDuration } from "../model/duration";
import { showFlags } from "../model/flags";
import { soakEndOnClock } from "../model/soak";
import type { DateGate, DrillGate, Gate, HttpGate, MetricGate, SnapshotGate, SqlGate } from "./definition";
import { compare, type Expectation, showExpectation } from "./expectation";
import type { FailureKind, Observation, Seen } from "./observation";

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
  /** The attempt that is to be promoted: a sign-off made for another one does not count. */
  readonly attempt: number;
}

type Found = Pick<Verdict, "outcome" | "observed" | "remedy" | "earliest">;

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

const pass = (observed: string): Found => ({ outcome: "pass", observed, remedy: "" });
const fail = (observed: string, remedy: string): Found => ({ outcome: "fail", observed, remedy });
const inconclusive = (observed: string, remedy: string): Found => ({
  outcome: "inconclusive",
  observed,
  remedy,
});

type SeenOf<Kind extends Seen["kind"]> = Extract<Seen, { kind: Kind }>;

function judgeSoak(gate: Gate, seen: SeenOf<"occupancy">, { now, timeScale }: JudgeContext): Found {
  const since = Date.parse(seen.since);
  const elapsed = (now - since) * timeScale;
  const soaks = gate.soaks ?? [];
  if (soaks.length === 0)
    return inconclusive("the gate demands no time at all", "Write atLeast, or soak in the predecessor");
  if (!Number.isFinite(elapsed))
    return inconclusive(
      "it is not known since when the flags are live",
      "Look at the ledger: cutover status",
    );
  if (elapsed < 0)
    return inconclusive(
      `${seen.stage} went live in the future (${seen.since})`,
      "Set this machine's clock right",
    );
  const observed = `${seen.stage} live for ${showDuration(elapsed)}, since ${showTime(seen.since)}`;
  const ends = soaks.map((length) => soakEndOnClock(length, since, gate.calendar, timeScale));
  if (ends.some((end) => end === undefined || !Number.isFinite(end))) {
    return inconclusive(
      `${observed}; the calendar never completes ${soaks.join(" and ")}`,
      "Correct calendar: in cutover:rollout",
    );
  }
  const end = Math.max(...(ends as number[]));
  if (!(end > since))
    return inconclusive("the gate demands no time at all", "Write atLeast, or soak in the predecessor");
  if (now >= end) return pass(observed);
  const earliest = timeAt(end);
  return { ...fail(observed, "Wait until the soak is over"), ...(earliest ? { earliest } : {}) };
}

function judgeValue(expected: Expectation, value: unknown): Found {
  const result = compare(expected, value);
  switch (result.kind) {
    case "met":
      return pass(showValue(value));
    case "unmet":
      return fail(showValue(value), "Mend what is measured, then run pulumi up again");
    case "unusable":
      return inconclusive(
        result.why,
        "Correct what is measured, so that it yields one value of the expected type",
      );
  }
}

function judgeQuery(definition: SqlGate, seen: SeenOf<"value">): Found {
  const found = judgeValue(definition.expect, seen.value);
  if (!seen.window) return found;
  const over = showDuration(Date.parse(seen.window.to) - Date.parse(seen.window.from));
  return { ...found, observed: `${found.observed} over ${over}` };
}

function judgeMetric(definition: MetricGate, seen: SeenOf<"metric">): Found {
  const over = `over ${showDuration(Date.parse(seen.window.to) - Date.parse(seen.window.from))}, ${seen.samples} samples`;
  if (!(seen.samples >= definition.minSamples)) {
    return inconclusive(
      `${over}; too few to say anything`,
      `Wait for ${definition.minSamples} samples, or find out why there are none`,
    );
  }
  const found = judgeValue(definition.expect, seen.value);
  return { ...found, observed: `${found.observed} ${over}` };
}

function judgeAlarms(gate: Gate, seen: SeenOf<"alarms">): Found {
  const rows = Object.keys(gate.alarms ?? {});
  // All that was seen of a row counts: of two answers, the worse one.
  const states = rows.flatMap((row): { row: string; alarm: (typeof seen.alarms)[number] | undefined }[] => {
    const own = seen.alarms.filter((alarm) => alarm.row === row);
    return own.length > 0 ? own.map((alarm) => ({ row, alarm })) : [{ row, alarm: undefined }];
  });
  const list = (some: typeof states) => some.map(({ row }) => row).join(", ");
  const firing = states.filter(({ alarm }) => alarm?.state === "ALARM");
  if (firing.length > 0) return fail(`in ALARM now: ${list(firing)}`, "Mend what the alarm is about");
  const fired = states.filter(({ alarm }) => alarm?.firedAt !== undefined);
  if (fired.length > 0) {
    const when = fired.map(({ row, alarm }) => `${row} at ${showTime(alarm?.firedAt ?? "")}`).join(", ");
    return fail(
      `fired during the soak: ${when}`,
      "Find the cause, then raise the attempt of the live stage: its soak starts anew",
    );
  }
  const silent = states.filter(({ alarm }) => alarm === undefined || alarm.state === "missing");
  if (silent.length > 0)
    return inconclusive(
      `not there: ${list(silent)}`,
      "Bring the live stage up again, so that its alarms exist",
    );
  const blind = states.filter(({ alarm }) => alarm?.state !== "OK");
  if (blind.length > 0)
    return inconclusive(`without data: ${list(blind)}`, "Find out why the app does not publish the metric");
  if (rows.length === 0)
    return inconclusive(
      "the live stage declares no abort alarm",
      "Declare abort thresholds, or take the gate out",
    );
  return pass(`all ${rows.length} quiet since ${showTime(seen.since)}`);
}

function judgeAnswer(definition: HttpGate, seen: SeenOf<"answer">): Found {
  const took = `${seen.status} in ${showDuration(seen.ms)}`;
  if (seen.status !== definition.status) return fail(took, "Look at the service's log for this request");
  if (definition.within !== undefined && !(seen.ms < milliseconds(definition.within)))
    return fail(took, "Find out why the answer is slow");
  if (!definition.expect) return pass(took);
  const found = judgeValue(definition.expect, seen.value);
  return { ...found, observed: `${found.observed} (${took})` };
}

function judgeCheck(seen: SeenOf<"check">): Found {
  return seen.holds === true ? pass(seen.said) : fail(seen.said, "Mend what the check found");
}

function judgeServers(gate: Gate, seen: SeenOf<"servers">): Found {
  if (seen.servers.length === 0)
    return inconclusive("no server is listed", "List the servers under servers: in cutover:rollout");
  const expected = Object.entries(gate.flags ?? {});
  if (expected.length === 0)
    return inconclusive(
      "it is not known which flags they should report",
      "Measure again with this version of cutover",
    );
  const odd = seen.servers.filter(
    ({ flags }) => !flags || expected.some(([flag, value]) => flags[flag] !== value),
  );
  if (odd.length === 0) return pass(`all ${seen.servers.length} servers`);
  const words = odd.map(
    ({ server, flags, error }) => `${server}: ${error ?? (flags ? showFlags(flags) : "no answer")}`,
  );
  return fail(
    `${odd.length} of ${seen.servers.length} do not: ${words.join("; ")}`,
    "Restart the servers that read flags from the environment, and look at the others' logs",
  );
}

function judgeSignOff(seen: SeenOf<"signOff">, { now, attempt }: JudgeContext): Found {
  const at = Date.parse(seen.at);
  const said = `${seen.by}, ${showTime(seen.at)}: ${seen.statement}`;
  const again = "Ask for a new statement, made now, and put it under signOffs";
  if (seen.attempt !== attempt) return fail(`made for attempt ${seen.attempt} (${said})`, again);
  if (!(at <= now)) return fail(`dated in the future (${said})`, again);
  if (!(at >= Date.parse(seen.liveSince)))
    return fail(`made before the stage went live at ${showTime(seen.liveSince)} (${said})`, again);
  if (seen.expires !== undefined && !(Date.parse(seen.expires) > now))
    return fail(`expired at ${showTime(seen.expires)} (${said})`, again);
  if (seen.by.trim() === "" || seen.statement.trim() === "")
    return inconclusive("it does not say who states what", again);
  return pass(said);
}

function judgeSnapshot(
  gate: Gate,
  definition: SnapshotGate,
  seen: SeenOf<"snapshot">,
  { now }: JudgeContext,
): Found {
  const wanted = gate.snapshot;
  const again = "Raise the attempt, so that a new snapshot is taken";
  if (!wanted) return inconclusive("the stage declares no snapshot", "Add snapshot: to cutover:stage");
  if (seen.id !== wanted.id || seen.of !== wanted.of)
    return fail(`${seen.id} of ${seen.of} is another snapshot`, again);
  if (seen.status !== "available")
    return fail(`${seen.id} is ${seen.status}`, "Wait until it is available, then run pulumi up again");
  const age = now - Date.parse(seen.createdAt ?? "");
  if (!(age >= -CLOCK_SKEW_MS)) return inconclusive(`${seen.id}: it is not known when it was taken`, again);
  if (age > milliseconds(definition.maxAge))
    return fail(`${seen.id} was taken ${showDuration(age)} ago`, again);
  return pass(`${seen.id}, taken ${showDuration(Math.max(0, age))} ago`);
}

function judgeDrill(gate: Gate, definition: DrillGate, seen: SeenOf<"drill">, { now }: JudgeContext): Found {
  const wanted = gate.drill;
  if (!wanted)
    return inconclusive("there is no live stage to drill", "Measure again with this version of cutover");
  const again = `Drill again: cutover drill -s ${wanted.stage}; the soak starts anew with it`;
  const which = `deployment ${seen.deployment}`;
  if (seen.rollout !== wanted.rollout || seen.stage !== wanted.stage)
    return fail(`${which} was a drill of ${seen.rollout} ${seen.stage}`, again);
  const ended = Date.parse(seen.completedAt ?? "");
  const age = now - ended;
  if (!(age >= -CLOCK_SKEW_MS)) return inconclusive(`${which}: it is not known when it was completed`, again);
  const took = ended - Date.parse(seen.breachAt ?? "");
  if (!(took >= -CLOCK_SKEW_MS)) return inconclusive(`${which}: it is not known when it began`, again);
  const observed = `${showDuration(Math.max(0, took))}, ${showDuration(Math.max(0, age))} ago`;
  if (age > milliseconds(definition.maxAge)) return fail(observed, again);
  if (!(took < milliseconds(definition.within)))
    return fail(
      observed,
      `Find out which part of the path is slow: cutover drill -s ${wanted.stage} tells each`,
    );
  return pass(observed);
}

function judgeDate(definition: DateGate, seen: SeenOf<"clock">, { now }: JudgeContext): Found {
  const date = Date.parse(definition.after);
  // Whichever clock is behind: the date must have passed for both.
  const measured = Math.min(Date.parse(seen.now), now);
  if (!Number.isFinite(date))
    return inconclusive(
      `${definition.after} is no time`,
      "Write a time such as 2027-03-01T00:00:00Z, or a parameter that holds one",
    );
  if (!Number.isFinite(measured)) return inconclusive("it is not known what time it is", "Measure again");
  if (measured >= date) return pass(`passed ${showDuration(measured - date)} ago`);
  return {
    ...fail(`still ${showDuration(date - measured)} ahead`, "Wait until the date has passed"),
    earliest: new Date(date).toISOString(),
  };
}

/** How far the clocks of this machine and of a service may differ. */
export const CLOCK_SKEW_MS = 5_000;

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
      return `≥ ${(gate.soaks ?? []).join(" and ") || "?"} without a break`;
    case "sql":
      return definition.window === undefined
        ? showExpectation(definition.expect)
        : `${showExpectation(definition.expect)} over ${showWindow(definition.window)}`;
    case "metric":
      return `${definition.statistic} ${showExpectation(definition.expect)} over ${showWindow(definition.window)}, ≥ ${definition.minSamples} samples`;
    case "alarms":
      return "quiet now and all through the soak";
    case "http": {
      const value = definition.expect ? `, ${definition.value} ${showExpectation(definition.expect)}` : "";
      return `status ${definition.status}${value}${definition.within ? `, in < ${definition.within}` : ""}`;
    }
    case "check":
      return `the check ${definition.check} holds`;
    case "convergence":
      return gate.flags ? `every server: ${showFlags(gate.flags)}` : "every server agrees";
    case "signOff":
      return "a statement for this attempt, made since the stage is live, not expired";
    case "snapshot":
      return `available, of this attempt, ≤ ${definition.maxAge} old`;
    case "drill":
      return `a drill of the abort path in < ${definition.within}, ≤ ${definition.maxAge} ago`;
    case "date":
      return `after ${showTime(definition.after)}`;
    case "exit":
      return "every exit gate of the predecessor passes";
  }
}

const showWindow = (window: string) => (window === "soak" ? "the whole soak" : window);

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
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
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
