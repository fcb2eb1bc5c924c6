import type { Hearing } from "../../../src/aws/hearing";
import { METRIC_MEMORY_MS } from "../../../src/aws/memory";
import { metricsOf, type OneMetric, samplesOf } from "../../../src/aws/metricSource";
import type { Expected } from "../../../src/aws/metrics";
import { isAct } from "../../../src/gates/acts";
import { filledMetrics } from "../../../src/gates/arithmetic";
import { type Gate, kindOf, rolesOf } from "../../../src/gates/gate";
import { turnedAway } from "../../../src/gates/judge";
import type { Observation } from "../../../src/gates/observation";
import { missingTokens } from "../../../src/promotion/missingTokens";
import { exitGatesOf, gatesFor, smokeGatesOf } from "../../../src/promotion/resolve";
import { publishing } from "../../../src/rollout/publishing";
import type { Rollout, Stage } from "../../../src/rollout/rollout";
import { silence } from "../../../src/rollout/silence";
import { milliseconds } from "../../../src/text/duration";
import type { Locate } from "../../../src/text/problem";
import { type Finding, finder } from "../finding";
import type { AwayFacts } from "./away";

const { ok, fault, hand, later, unknown } = finder("Gates");

/** A gate, and the stage with whose config it is measured. */
export interface GateHere {
  readonly gate: Gate;
  readonly promoted: Stage;
}

/** What is said of what a function in the VPC looks at. */
export const AWAY = "is looked at from within the VPC, by the measuring function, and not from here";

/** Whether a gate is looked at by the function, where there is one. */
export function isAway({ definition }: Gate): boolean {
  return kindOf(definition).inNetwork === true;
}

/** Every gate and smoke check of a rollout, each once. Pure. */
export function gatesOf(rollout: Rollout): GateHere[] {
  const last = rollout.stages.at(-1);
  return [
    ...rollout.stages.flatMap((promoted) =>
      [...gatesFor(rollout, promoted), ...smokeGatesOf(rollout, promoted)].map((gate) => ({
        gate,
        promoted,
      })),
    ),
    // The last stage is left by `cutover finish`.
    ...(last ? exitGatesOf(rollout, last).map((gate) => ({ gate, promoted: last })) : []),
  ];
}

/** Data that is older says nothing of whether anybody publishes the metric now, however short the window. */
const DATA_WITHIN_MS = 3 * 3_600_000;

/**
 * Which metrics a gate reads; empty for one that reads none. A heartbeat stands for a metric that only errors publish; one
 * that an expression fills has to have had data at any time.
 */
export function heardBy({ definition }: Gate): (Expected & { readonly metric: OneMetric })[] {
  const reading = kindOf(definition).metric?.(definition);
  if (!reading) return [];
  const { source, samplesFrom, heartbeat, window } = reading;
  const within = Math.max(DATA_WITHIN_MS, window === "soak" ? 0 : milliseconds(window));
  const once = filledMetrics(source);
  const lately = [
    ...(heartbeat === undefined ? metricsOf(source).filter((one) => !once.includes(one)) : []),
    ...named(source, heartbeat),
    ...named(source, samplesFrom),
  ];
  return [
    ...once.map((metric) => ({ metric, within: METRIC_MEMORY_MS })),
    ...lately.map((metric) => ({ metric, within })),
  ];
}

function named(source: Parameters<typeof samplesOf>[0], name: string | undefined): OneMetric[] {
  const one = name === undefined ? undefined : samplesOf(source, name);
  return one ? [one] : [];
}

/** Whether what a gate asks is seen by asking it: not by its metric or its query alone, by a person, or by an act. */
export function isAsked(gate: Gate): boolean {
  const { definition } = gate;
  const kind = kindOf(definition);
  return !(kind.free || kind.rollUp || kind.metric?.(definition) || kind.query?.(definition) || isAct(gate));
}

/** What was found of every gate. */
export interface GateFacts {
  readonly gates: readonly GateHere[];
  /** What was seen by asking, by the gate. */
  readonly seen: ReadonlyMap<Gate, Observation["seen"]>;
  readonly hearing: Hearing;
  /** Bearer tokens by role, of each stage's stack; absent where they could not be read. */
  readonly tokens: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly sources?: Rollout["sources"];
  /** Whether anybody can ask the database now. */
  readonly asks: boolean;
  /** What the function in the VPC looked at, which looks at what lies there; absent where there is none. */
  readonly away?: AwayFacts | undefined;
  /** The stages that matter now. */
  readonly due: readonly string[];
  readonly now: number;
  readonly timeScale: number;
  readonly locate: Locate;
}

export function judgeGates(facts: GateFacts): Finding[] {
  return facts.gates.flatMap((here) => {
    const found = judgeGate(here, facts);
    // Of a stage whose turn has not come, what is missing need not be there yet.
    return facts.due.includes(here.promoted.name)
      ? found
      : found.map((one) =>
          one.state === "fault" || one.state === "unknown"
            ? later(one.name, `${one.what}; it has to be so before ${here.promoted.name} goes up`, {
                where: one.where,
              })
            : one,
        );
  });
}

function judgeGate({ gate, promoted }: GateHere, facts: GateFacts): Finding[] {
  const { definition } = gate;
  const kind = kindOf(definition);
  const name = `${gate.stage} ${gate.id}`;
  const where = facts.locate(gate.stage, ["cutover:stage", gate.phase, gate.id]);
  if (kind.byPerson) return [hand(name, `a person states it, under signOffs of ${promoted.name}`)];
  if (kind.rollUp || kind.free) return [ok(name, "reads the ledger, the clock or alarms of its own")];
  const missing = tokensOf(gate, promoted, facts);
  if (missing.length > 0) return missing.map(({ what, remedy }) => fault(name, what, remedy, { where }));
  if (isAct(gate))
    return [hand(name, "changes something in the app: it is tried only after a flip, or at cutover finish")];
  const reading = kind.metric?.(definition);
  if (reading) {
    const silent = heardBy(gate).flatMap((expected) =>
      silence(
        expected,
        { ...facts.hearing, now: facts.now },
        {
          stage: gate.stage,
          never: "the gate could never pass",
          whose: "the gate reads",
          publish: publishing(expected.metric),
        },
      ),
    );
    return silent.length === 0
      ? [ok(name, "its metrics are published")]
      : silent.map(({ what, remedy, passing }) =>
          passing ? unknown(name, what, remedy) : fault(name, what, remedy, { where }),
        );
  }
  if (facts.away && kind.inNetwork)
    return facts.away.kind === "answers" ? [seenOf(name, where, gate, promoted, facts)] : [hand(name, AWAY)];
  // What it asks of the database is told there.
  if (kind.query?.(definition)) return [];
  if (!facts.tokens.has(promoted.name) && rolesOf(definition, facts.sources).length > 0)
    return [later(name, `is asked once the config of the stack ${promoted.name} can be read`)];
  if (!facts.asks && (kind.queries?.(definition) ?? []).length > 0)
    return [later(name, "is asked once the database can be, which it asks first")];
  return [seenOf(name, where, gate, promoted, facts)];
}

function tokensOf(
  gate: Gate,
  promoted: Stage,
  { tokens, sources }: GateFacts,
): { readonly what: string; readonly remedy: string }[] {
  const own = tokens.get(promoted.name);
  // That its config cannot be read is told of the stack.
  if (!own) return [];
  return missingTokens([gate], own, sources).map(({ what, remedy }) => ({
    what,
    remedy: remedy.replace("config set ", `config set -s ${promoted.name} `),
  }));
}

function seenOf(name: string, where: string, gate: Gate, promoted: Stage, facts: GateFacts): Finding {
  const seen = facts.seen.get(gate);
  if (!seen) return unknown(name, "was not asked", "Run doctor again");
  if (seen.kind === "failure") {
    const { failure, message } = seen;
    if (failure === "no-data") return later(name, message);
    const why = `${failure}: ${message}`;
    return failure === "throttled"
      ? unknown(name, why, "Wait a minute, then run doctor again")
      : fault(name, why, remedyFor(failure, facts.away !== undefined && isAway(gate)), { where });
  }
  const context = { now: facts.now, timeScale: facts.timeScale, attempt: promoted.attempt };
  const away = turnedAway(gate, seen, context);
  return away === undefined
    ? ok(name, "was asked, and answered")
    : fault(name, away, "See to it that the service lets its role in, and answers", { where });
}

function remedyFor(failure: string, away: boolean): string {
  return away && failure === "unreachable"
    ? "Let the measuring function reach it: its subnets' routes, its security groups, and those of what it asks"
    : (REMEDY[failure] ?? "Correct the gate, or what it asks");
}

const REMEDY: Readonly<Record<string, string>> = {
  unreachable: "Let this machine reach it, and see to it that it runs",
  timeout: "Find out why it does not answer in time",
  refused: "Give these credentials the right to read it",
  filtered: "Give the gate role BYPASSRLS, or say that its own rows are enough: rowSecurity",
};
