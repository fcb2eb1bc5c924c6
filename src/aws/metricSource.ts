import { z } from "zod";
import type { Problem } from "../text/problem";
import { dimensionList } from "./metricId";
import { dimensions, metricName, namespace } from "./metricNames";

/** A statistic that CloudWatch keeps of a metric. Percentiles have at most two decimals. */
export const statistic = z
  .string()
  .regex(
    /^(Sum|Average|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d{1,2})?)$/,
    "Sum, Average, Minimum, Maximum, SampleCount or a percentile such as p95",
  )
  .meta({ examples: ["Sum", "p95"] });

/** CloudWatch's own rule for ids of a query, and the names that the translation takes for itself. */
const ID = /^[a-z][A-Za-z0-9_]{0,254}$/;

/** One metric, as CloudWatch tells it from all others, and the statistic that is taken of it. */
const oneMetric = z.strictObject({
  namespace,
  name: metricName,
  dimensions: dimensions.optional(),
  statistic,
});

const metricId = z.string().regex(ID, "a lower-case letter, then letters, digits and underscores");

/** The metrics of an expression, by the ids that it calls them by. */
export const mathMetrics = z.record(metricId, oneMetric).meta({
  description: "The metrics of `expression`, by the ids that it calls them by.",
  examples: [
    {
      errors: { namespace: "OpsView", name: "Queue5xx", statistic: "Sum" },
      requests: { namespace: "OpsView", name: "QueueRequests", statistic: "Sum" },
    },
  ],
});

/** Of a percentile no part can be told: what CloudWatch tells of periods is not put together to one. */
const inParts: readonly string[] = ["Sum", "SampleCount", "Average", "Minimum", "Maximum"];

/** The same for a gate, which may take a metric over a part of its window alone: to see whether it grows. */
export const partedMetrics = z
  .record(
    metricId,
    oneMetric
      .extend({
        part: z.enum(["first quarter", "last quarter"]).optional().meta({
          description:
            "Takes the statistic over this part of the window alone: the last quarter against the first tells whether something grows. Not for percentiles.",
        }),
      })
      .refine(({ part, statistic: taken }) => part === undefined || inParts.includes(taken), {
        path: ["part"],
        message: "beside Sum, SampleCount, Average, Minimum or Maximum: a percentile has no parts",
      }),
  )
  .meta({ description: "The metrics of `expression`, by the ids that it calls them by." });

/** Metric math. */
export const expression = z
  .string()
  .min(1)
  .max(1_024)
  .meta({
    description: "Metric math over the ids of `metrics`, period by period.",
    examples: ["100 * errors / requests"],
  });

/** One metric and its statistic. */
export type OneMetric = z.infer<typeof oneMetric> & {
  /** Of a gate: over this part of its window alone. */
  readonly part?: "first quarter" | "last quarter" | undefined;
};

/** Metric math over several metrics. */
interface MetricMath {
  readonly metrics: Readonly<Record<string, OneMetric>>;
  readonly expression: string;
}

/** What a gate reads or an alarm watches. */
export type MetricSource = OneMetric | MetricMath;

/** A source as config writes it, among other keys: one metric, or math. */
export interface GivenSource {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly dimensions?: Readonly<Record<string, string>> | undefined;
  readonly statistic?: string | undefined;
  readonly metrics?: Readonly<Record<string, OneMetric>> | undefined;
  readonly expression?: string | undefined;
}

/** Something wrong with a source; `path` says where below it. */
export type SourceError = Omit<Problem, "where"> & { readonly path: string[] };

export function isMath(source: MetricSource): source is MetricMath {
  return "expression" in source;
}

/** The source that config gives; undefined where it is neither one metric nor math, which `sourceSlips` tells. */
export function sourceOf(given: GivenSource): MetricSource | undefined {
  const { namespace, name, statistic: taken, metrics, expression: math } = given;
  if (metrics !== undefined && math !== undefined) return { metrics, expression: math };
  if (namespace === undefined || name === undefined || taken === undefined) return undefined;
  return { namespace, name, statistic: taken, ...(given.dimensions ? { dimensions: given.dimensions } : {}) };
}

/** Every metric that a source reads. */
export function metricsOf(source: MetricSource): OneMetric[] {
  return isMath(source) ? Object.values(source.metrics) : [source];
}

/** How many metrics the math of an alarm may read. Source: CloudWatch's guide, "Alarms based on metric math". */
const MOST_METRICS = 10;

/** Functions of metric math that make one series of numbers, which an alarm and a gate can read. */
const FUNCTIONS = [
  ...["ABS", "AVG", "CEIL", "DATAPOINT_COUNT", "DAY", "DIFF", "DIFF_TIME", "EPOCH", "FILL", "FIRST", "FLOOR"],
  ...["HOUR", "IF", "LAST", "LOG", "LOG10", "MAX", "METRICS", "METRIC_COUNT", "MIN", "MINUTE", "MONTH"],
  ...["PERIOD", "RATE", "RUNNING_SUM", "STDDEV", "SUM", "TIME_SERIES", "YEAR"],
];
/** Words that stand for no function. */
const KEYWORDS = ["AND", "OR", "REPEAT", "LINEAR"];
/** Ids that the translation gives to what it adds. */
const OWN_IDS = ["value", "samples", "judged"];

/** Words of an expression, in order. Numbers such as `1e3` hold none. */
function wordsIn(math: string): string[] {
  return math.match(/(?<![\w.])[A-Za-z_]\w*/g) ?? [];
}

/** What is wrong with a source as config gives it: neither or both of the two, or math that CloudWatch refuses. */
export function sourceErrors(given: GivenSource): SourceError[] {
  const { metrics, expression: math } = given;
  const plain = (["namespace", "name", "dimensions", "statistic"] as const).filter(
    (key) => given[key] !== undefined,
  );
  if (metrics === undefined && math === undefined)
    return (["namespace", "name", "statistic"] as const)
      .filter((key) => given[key] === undefined)
      .map((key) => ({
        path: [key],
        what: "is missing",
        remedy: "Write namespace, name and statistic of one metric, or metrics and expression",
      }));
  const beside = plain.map((key) => ({
    path: [key],
    what: "means nothing beside metrics and expression",
    remedy: "Say it of each metric under metrics, or take metrics and expression out",
  }));
  if (metrics === undefined || math === undefined) {
    const missing = metrics === undefined ? "metrics" : "expression";
    const remedy = "Metric math takes both: metrics, by their ids, and the expression over them";
    return [...beside, { path: [missing], what: "is missing", remedy }];
  }
  return [...beside, ...mathErrors({ metrics, expression: math })];
}

function mathErrors({ metrics, expression: math }: MetricMath): SourceError[] {
  const ids = Object.keys(metrics);
  const words = [...new Set(wordsIn(math))];
  const ofMetric = (those: string[], what: string, remedy: string): SourceError[] =>
    those.map((id) => ({ path: ["metrics", id], what, remedy }));
  const ofMath = (what: string, remedy: string): SourceError => ({ path: ["expression"], what, remedy });
  const unnamed = ids.filter((id) => !words.includes(id) && !words.includes("METRICS"));
  return [
    ...ofMetric(
      ids.filter((id) => OWN_IDS.includes(id)),
      "is an id that cutover gives to what it adds",
      "Choose another",
    ),
    ...ofMetric(unnamed, "is not named in the expression", "Name it there, or take it out"),
    ...words
      .filter((word) => ID.test(word) && !ids.includes(word))
      .map((word) =>
        ofMath(`names ${word}, which is no metric of it`, `Its metrics: ${ids.join(", ") || "none"}`),
      ),
    ...words
      .filter((word) => !ID.test(word) && !FUNCTIONS.includes(word) && !KEYWORDS.includes(word))
      .map((word) => ofMath(`uses ${word}, of which no alarm and no gate can be made`, NUMBERS)),
    ...(/['"]/.test(math) ? [ofMath("holds text", "Write numbers and ids of metrics alone")] : []),
    ...(balanced(math) ? [] : [ofMath("has parentheses that do not match", "Close each that is opened")]),
    ...(ids.length > MOST_METRICS ? [TOO_MANY] : []),
  ];
}

const NUMBERS = `Functions that make one series of numbers: ${FUNCTIONS.join(", ")}`;
const TOO_MANY: SourceError = {
  path: ["metrics"],
  what: `are more than ${MOST_METRICS}, which is what CloudWatch takes`,
  remedy: "Publish one metric that says as much",
};

function balanced(math: string): boolean {
  let open = 0;
  for (const sign of math) {
    if (sign === "(") open += 1;
    if (sign === ")") open -= 1;
    if (open < 0) return false;
  }
  return open === 0;
}

/** Where AWS itself publishes, or an extension of its own does, besides what begins with `AWS/`. */
const AWS_OWN = [
  ...["ContainerInsights", "ECS/ContainerInsights", "LambdaInsights"],
  ...["ApplicationSignals", "CloudWatchSynthetics", "Glue"],
];

/** The metrics of a source that AWS itself publishes: once a minute at the finest. */
export function awsOwn(source: MetricSource): OneMetric[] {
  return metricsOf(source).filter(
    ({ namespace }) =>
      namespace.startsWith("AWS/") ||
      AWS_OWN.some((own) => namespace === own || namespace.startsWith(`${own}/`)),
  );
}

/**
 * The metric that counts a source's samples: the Sum of the one named, which has the same namespace and dimensions,
 * or how often the metric itself was published. Of math it is one of its own metrics, by id. Undefined where nothing
 * is named that there is.
 */
export function samplesOf(source: MetricSource, samplesFrom: string | undefined): OneMetric | undefined {
  if (isMath(source))
    return samplesFrom !== undefined && Object.hasOwn(source.metrics, samplesFrom)
      ? source.metrics[samplesFrom]
      : undefined;
  return samplesFrom === undefined
    ? { ...source, statistic: "SampleCount" }
    : { ...source, name: samplesFrom, statistic: "Sum" };
}

/** What is wrong with how samples are counted. */
export function samplesErrors(source: MetricSource, samplesFrom: string | undefined): SourceError[] {
  if (samplesOf(source, samplesFrom) !== undefined) return [];
  const ids = isMath(source) ? Object.keys(source.metrics).join(", ") : "";
  const what =
    samplesFrom === undefined
      ? "is missing: math has no sample count of its own"
      : `names ${samplesFrom}, which is no metric of the expression`;
  return [{ path: ["samplesFrom"], what, remedy: `Name the metric that counts: ${ids}` }];
}

/** Of one metric, what tells it from others: its name, and its dimensions where it has any. */
function nameOf({ name, dimensions: given }: OneMetric): string {
  const told = dimensionList(given).map(({ Name, Value }) => `${Name} ${Value}`);
  return `${name}${told.length > 0 ? ` (${told.join(", ")})` : ""}`;
}

/** A source in two parts, as a chart has them: what is drawn, and what of it. */
export function labelOf(source: MetricSource): { metric: string; statistic: string } {
  if (!isMath(source)) return { metric: nameOf(source), statistic: source.statistic };
  const told = Object.entries(source.metrics).map(
    ([id, metric]) =>
      `${id}: ${metric.statistic} of ${nameOf(metric)}${metric.part === undefined ? "" : `, ${metric.part}`}`,
  );
  return { metric: source.expression, statistic: told.join(", ") };
}

/** A source as every text calls it: `Sum of Errors`, `100 * e / r (e: Sum of Errors, r: Sum of Requests)`. */
export function showSource(source: MetricSource): string {
  const { metric, statistic: taken } = labelOf(source);
  return isMath(source) ? `${metric} (${taken})` : `${taken} of ${metric}`;
}
