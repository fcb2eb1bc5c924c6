import { dimensionList } from "./metricId";
import { isMath, type MetricSource, type OneMetric, samplesOf } from "./metricSource";

/** One part of what is asked of CloudWatch: a metric's statistic, or math over parts of other ids. */
export interface MetricQuery {
  readonly id: string;
  readonly metric?: OneMetric;
  readonly expression?: string;
  /** Whether its values are the answer, or only feed another part. */
  readonly returnData: boolean;
}

/** The id of the part that holds a source's values. */
export const VALUE = "value";
/** The id of the part that counts samples. */
const SAMPLES = "samples";

/**
 * What is asked for a source: the last part holds its values and is called `value`.
 *
 * @param prefix stands before every id, so that several sources fit into one call
 */
export function queriesOf(source: MetricSource, prefix = ""): MetricQuery[] {
  if (!isMath(source)) return [{ id: `${prefix}${VALUE}`, metric: source, returnData: true }];
  return [
    ...Object.entries(source.metrics).map(([id, metric]) => ({
      id: `${prefix}${id}`,
      metric,
      returnData: false,
    })),
    { id: `${prefix}${VALUE}`, expression: prefixed(source.expression, prefix), returnData: true },
  ];
}

/** Ids begin with a lower-case letter, functions with a capital. */
function prefixed(math: string, prefix: string): string {
  return math.replaceAll(/(?<![\w.])[a-z]\w*/g, (id) => `${prefix}${id}`);
}

/** From how many samples on a source says something, and what it is taken for below. */
interface SampleFloor {
  readonly minSamples: number;
  readonly samplesFrom?: string | undefined;
  /** A value that breaches nothing. */
  readonly otherwise: number;
}

/**
 * The same where too few samples count as `otherwise`: the last part is called `judged`. Where there is no sample at
 * all there is no value either, and whoever asks decides what silence means.
 */
export function flooredQueriesOf(source: MetricSource, floor: SampleFloor): MetricQuery[] {
  const counted = samplesOf(source, floor.samplesFrom);
  if (!counted) throw new RangeError("nothing counts the samples: config parsing lets none through");
  // One of the expression's own metrics is there already, under its own id.
  const own = isMath(source) ? floor.samplesFrom : undefined;
  return [
    ...queriesOf(source).map((query) => ({ ...query, returnData: false })),
    ...(own === undefined ? [{ id: SAMPLES, metric: counted, returnData: false }] : []),
    {
      id: "judged",
      expression: `IF(${own ?? SAMPLES} >= ${floor.minSamples}, ${VALUE}, ${floor.otherwise})`,
      returnData: true,
    },
  ];
}

/** A part in GetMetricData's own words. Its client is not named here: policies and runbooks know parts, too. */
interface DataQuery {
  Id: string;
  Expression?: string;
  Period?: number;
  MetricStat?: {
    Metric: { Namespace: string; MetricName: string; Dimensions?: { Name: string; Value: string }[] };
    Period: number;
    Stat: string;
  };
  ReturnData?: boolean;
}

/** Parts as GetMetricData takes them; `period` in seconds. */
export function dataQueries(queries: readonly MetricQuery[], period: number): DataQuery[] {
  return queries.map(({ id, metric, expression: math = "", returnData }): DataQuery => {
    if (!metric) return { Id: id, Expression: math, Period: period, ReturnData: returnData };
    const { namespace, name, dimensions: given, statistic: Stat } = metric;
    const Dimensions = dimensionList(given);
    const Metric = {
      Namespace: namespace,
      MetricName: name,
      ...(Dimensions.length > 0 ? { Dimensions } : {}),
    };
    return {
      Id: id,
      MetricStat: { Metric, Period: period, Stat },
      ...(returnData ? {} : { ReturnData: false }),
    };
  });
}
