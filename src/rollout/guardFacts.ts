import type { AlarmSetup } from "../aws/alarmSetups";
import type { FunctionNow } from "../aws/functions";
import type { Hearing } from "../aws/hearing";
import type { InvokePolicy } from "../aws/invokePolicy";
import type { Known } from "../aws/known";
import { METRIC_MEMORY_MS } from "../aws/memory";
import type { LineFilter } from "../aws/metricFilters";
import { metricKey } from "../aws/metricId";
import { metricsOf, type OneMetric, samplesOf } from "../aws/metricSource";
import type { Expected } from "../aws/metrics";
import { alarmName, switchDeadLetterQueueName, switchName } from "../aws/names";
import type { TopicNow } from "../aws/topicNow";
import type { Subscriber } from "../aws/topics";
import type { Acknowledged } from "../flags/acknowledged";
import { filledMetrics } from "../gates/arithmetic";
import { milliseconds } from "../text/duration";
import type { AbortThreshold } from "./config/abortRow";
import type { Rollout, Stage } from "./rollout";

/** What a stage's guards are made of. */
type Guarded = Pick<Stage, "name" | "abort">;

/** A stage whose guards are looked at, and how far it is. */
export interface Guarding {
  readonly stage: Guarded;
  /** False before its own `up` has made its alarms, its topic and its function: then only what they read is looked at. */
  readonly standing: boolean;
  /** Whether its flags are up: a metric that is silent until then has to be there from then on. */
  readonly raised: boolean;
}

/** All that guards are judged by, as it was found at one moment. Plain data: no client, no clock. */
export interface GuardFacts extends Hearing {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Of the alarms by their names; one that is not there is left out. */
  readonly alarms: Known<ReadonlyMap<string, AlarmSetup>>;
  /** The metric filters of rows that count the lines of a log, by the names of their alarms. */
  readonly lines: ReadonlyMap<string, LineFacts>;
  /** Who listens to the on-call topic; undefined where there is no such topic. */
  readonly onCall: Known<readonly Subscriber[] | undefined>;
  /** What it takes; undefined where there is no such topic. */
  readonly onCallTopic: Known<TopicNow | undefined>;
  /** Of pages to it that a person acknowledged. Counts only where no subscription is by itself a person's. */
  readonly acknowledged: Known<Acknowledged>;
  /** The on-call topic's ARN. */
  readonly onCallArn: string;
  /** By stage. */
  readonly switches: ReadonlyMap<string, SwitchFacts>;
}

/** The metric filter of a row, or which part of it is not there. */
export type LineFacts = Known<LineFilter | "no-group" | "no-filter">;

/** What brings the flags of one stage down. Each is undefined where it is not there. */
export interface SwitchFacts {
  readonly topicArn: string;
  readonly topic: Known<TopicNow | undefined>;
  readonly subscribers: Known<readonly Subscriber[] | undefined>;
  readonly fn: Known<FunctionNow | undefined>;
  /** Who may call the function: what SNS may not, it does not deliver. */
  readonly invoke: Known<InvokePolicy>;
  /** How many messages lie in its dead-letter queue. */
  readonly deadLetters: Known<number | undefined>;
}

/** Within which a metric must have had data, where its row does not say. What ListMetrics calls recently active. */
const DATA_WITHIN = "3h";
/** A probe measures each minute; five runs that did not come are no delay any more. Milliseconds. */
const PROBE_WITHIN_MS = 5 * 60_000;

/** A metric that a row reads, and for what. */
export interface Reading extends Expected {
  /** `value` is what the row judges; `samples` counts how much that says; `heartbeat` stands for both until the flip. */
  readonly as: "value" | "samples" | "heartbeat";
  /** What is taken of it: it says what kind of metric that is. */
  readonly statistic: string;
  /** Its silence counts as nothing (`FILL`): it has to have been published once, at any time, so that its name is right. */
  readonly once?: true;
}

/**
 * Every metric that a row reads, each once. Nothing where its alarm follows another one, which knows its metric, or
 * counts the lines of a log, which may have had none yet.
 */
export function readBy(row: AbortThreshold, raised: boolean): Reading[] {
  if (row.alarm !== undefined || row.logs !== undefined) return [];
  const { metric, probe, dataWithin, silentUntilFlip, minSamples, samplesFrom } = row;
  const within = probe ? PROBE_WITHIN_MS : milliseconds(dataWithin ?? DATA_WITHIN);
  const values = metricsOf(metric);
  const filled = filledMetrics(metric);
  const heartbeat = raised ? undefined : silentUntilFlip?.heartbeat;
  const samples = minSamples === undefined ? undefined : samplesOf(metric, samplesFrom);
  const readings: Reading[] =
    heartbeat === undefined
      ? [
          ...values.map((one) => ({
            ...readingOf(one),
            ...(filled.includes(one) ? { within: METRIC_MEMORY_MS, once: true as const } : { within }),
            as: "value" as const,
          })),
          ...(samples ? [{ ...readingOf(samples), within, as: "samples" as const }] : []),
        ]
      : values.map((one) => ({
          ...readingOf({ ...one, name: heartbeat, statistic: "Sum" }),
          within,
          as: "heartbeat" as const,
        }));
  const keys = readings.map((one) => metricKey(one.metric));
  // A metric that counts its own samples is there as what is judged.
  return readings.filter((_, index) => keys.indexOf(keys[index] ?? "") === index);
}

const readingOf = ({ namespace, name, dimensions, statistic }: OneMetric) => ({
  metric: { namespace, name, ...(dimensions ? { dimensions } : {}) },
  statistic,
});

/** What has to be asked to judge guards. */
export interface GuardsAsked {
  readonly alarms: readonly string[];
  readonly metrics: readonly Expected[];
  /** Metric filters by their names, which are those of their alarms. */
  readonly lines: readonly { readonly name: string; readonly group: string }[];
  /** Stages with a switch that stands. */
  readonly switches: readonly { readonly stage: string; readonly fn: string; readonly deadLetters: string }[];
}

/** Everything that guards are made of, each once. Nothing where no stage declares a row. */
export function askedFor(rollout: Pick<Rollout, "name">, guarding: readonly Guarding[]): GuardsAsked {
  const declared = guarding.filter(({ stage }) => Object.keys(stage.abort).length > 0);
  const standing = declared.filter((one) => one.standing);
  const rows = standing.flatMap(({ stage }) =>
    Object.entries(stage.abort).map(([row, { alarm, logs }]) => ({
      name: alarmName(rollout.name, stage.name, row),
      follows: alarm,
      logs,
    })),
  );
  return {
    alarms: rows.flatMap(({ name, follows }) => (follows === undefined ? [name] : [name, follows])),
    lines: rows.flatMap(({ name, logs }) => (logs === undefined ? [] : [{ name, group: logs.group }])),
    metrics: declared.flatMap((one) => rowsOf(one).flatMap(([, row]) => readBy(row, one.raised))),
    switches: standing.map(({ stage: { name } }) => ({
      stage: name,
      fn: switchName(rollout.name, name),
      deadLetters: switchDeadLetterQueueName(rollout.name, name),
    })),
  };
}

/** The rows that can be looked at: before the stage's own `up` there is no probe that could publish. */
export function rowsOf({
  stage,
  standing,
}: Pick<Guarding, "stage" | "standing">): [string, AbortThreshold][] {
  return Object.entries(stage.abort).filter(([, { probe }]) => standing || probe === undefined);
}

/** Whether a subscription alone shows that a person is reached, whatever the alarm. */
export const reachesSurely = (one: Subscriber): boolean =>
  reachesPerson(one) && one.confirmed && !one.filtered;

/** Protocols by which a person is reached. A queue or a function is read by a program, or by nobody. */
const PERSONAL = ["email", "email-json", "sms", "https"];

/**
 * Whether a subscriber reaches a person, once it is confirmed. An `http` endpoint does on loopback alone, where SNS
 * itself could never deliver: there a pager's stand-in listens.
 */
export function reachesPerson({ protocol, endpoint }: Pick<Subscriber, "protocol" | "endpoint">): boolean {
  if (PERSONAL.includes(protocol)) return true;
  return (
    protocol === "http" && /^http:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?(\/|$)/.test(endpoint)
  );
}
