import { type MetricId, metricKey } from "../../../src/aws/metricId";
import { isMath, type MetricSource, metricsOf, samplesOf } from "../../../src/aws/metricSource";
import { boundsOf, compare, type Expectation } from "../../../src/gates/expectation";
import { kindOf } from "../../../src/gates/gate";
import { fillGate } from "../../../src/rollout/config/parameters";
import type { Rollout, Stage } from "../../../src/rollout/rollout";
import { milliseconds } from "../../../src/text/duration";

/** The sections of a stage whose rows watch metrics. */
type Section = "entry" | "smoke" | "exit" | "abort";

/** One row that watches metrics which the app publishes. */
export interface Watched {
  /** `STAGE.ROW`. */
  readonly id: string;
  readonly stage: string;
  readonly section: Section;
  readonly row: string;
  readonly source: MetricSource;
  /** Fewer samples than these say nothing. */
  readonly minSamples: number;
  /** What counts its samples, where that is not the metric itself. */
  readonly samples?: MetricId | undefined;
  /** Metrics that have to be there beside it. */
  readonly heartbeats: readonly MetricId[];
  /** Whether an alarm rings where nothing is published. */
  readonly silenceIsBad?: boolean;
  /** How far back its alarm looks, in ms, where it judges more than one period: what was never there counts, too. */
  readonly judges?: number;
  /** How long it has to be bad before its alarm rings, in ms, where one period alone does not do it. */
  readonly lasts?: number;
  /** What its value is compared with: good where it meets it, as a gate's; an alarm's threshold is bad where it does. */
  readonly limit: { readonly good: Expectation } | { readonly bad: Expectation };
}

/** Every row of a rollout that watches metrics of the app's own. What a probe or a metric filter publishes is none. */
export function watchedBy(rollout: Rollout): Watched[] {
  return rollout.stages.flatMap((stage) => [...gatesOf(rollout, stage), ...abortRowsOf(stage)]);
}

function gatesOf({ parameters }: Rollout, stage: Stage): Watched[] {
  return (["entry", "smoke", "exit"] as const).flatMap((section) =>
    Object.entries(stage[section]).flatMap(([row, definition]): Watched[] => {
      const read = kindOf(definition).metric?.(fillGate(definition, parameters ?? {}));
      if (!read) return [];
      const { source, minSamples, samplesFrom, expect } = read;
      return [
        {
          ...at(stage, section, row),
          source,
          minSamples,
          samples: samplesFrom === undefined ? undefined : samplesOf(source, samplesFrom),
          heartbeats: besides(source, read.heartbeat),
          limit: { good: expect },
        },
      ];
    }),
  );
}

function abortRowsOf(stage: Stage): Watched[] {
  return Object.entries(stage.abort).flatMap(([row, threshold]): Watched[] => {
    if (threshold.metric === undefined || threshold.probe || threshold.logs) return [];
    const { period, ...source } = threshold.metric;
    const { minSamples = 1, samplesFrom, silentUntilFlip, datapoints } = threshold;
    return [
      {
        ...at(stage, "abort", row),
        source,
        minSamples,
        samples: samplesFrom === undefined ? undefined : samplesOf(source, samplesFrom),
        // Beside each metric that it reads, of an expression's too: it stands for all of them.
        heartbeats: silentUntilFlip
          ? metricsOf(source).map((one) => ({ ...one, name: silentUntilFlip.heartbeat }))
          : [],
        silenceIsBad: threshold.missingData === "breaching",
        ...(datapoints.of > 1 && { judges: datapoints.of * milliseconds(period) }),
        ...(datapoints.breaching > 1 && { lasts: datapoints.breaching * milliseconds(period) }),
        limit: { bad: { quantity: "signed", ...threshold.threshold } },
      },
    ];
  });
}

function at(stage: Stage, section: Section, row: string) {
  return { id: `${stage.name}.${row}`, stage: stage.name, section, row };
}

/** A metric beside another: of the same namespace and dimensions, or of an expression's own, by id. */
function besides(source: MetricSource, name: string | undefined): MetricId[] {
  if (name === undefined) return [];
  const found = isMath(source) ? source.metrics[name] : { ...source, name };
  return found ? [found] : [];
}

/** Every metric that a row reads, each once. */
export function metricsRead({ source, samples, heartbeats }: Watched): MetricId[] {
  const all: MetricId[] = [...metricsOf(source), ...(samples ? [samples] : []), ...heartbeats];
  const bare = all.map(
    ({ namespace, name, dimensions }): MetricId => ({
      namespace,
      name,
      ...(dimensions ? { dimensions } : {}),
    }),
  );
  return [...new Map(bare.map((one) => [metricKey(one), one])).values()];
}

/** Whether a value is as the row wants it. */
export function isGood({ limit }: Watched, value: number): boolean {
  return "good" in limit
    ? compare(limit.good, value).kind === "met"
    : compare(limit.bad, value).kind === "unmet";
}

/** Whether a value is what the row has to find. What cannot be compared blocks a gate, and no alarm fires at it. */
export function isBad({ limit }: Watched, value: number): boolean {
  return "good" in limit
    ? compare(limit.good, value).kind === "unmet"
    : compare(limit.bad, value).kind === "met";
}

/** The numbers that a row compares its value with. */
export function numbersOf({ limit }: Watched): number[] {
  return boundsOf("good" in limit ? limit.good : limit.bad).map(({ value }) => value);
}
