import { isOfAws } from "../../alarms/watch";
import type { Input } from "../../call";
import { isScalar, type MetricQuery, metricsOf, queriesOf } from "../../metrics/queries";
import { metricOf } from "../../metrics/read";
import { isPlain, isStatistic } from "../../metrics/statistics";
import { listOf, numberOf, type Rule, textOf } from "../../rule";
import { isWhole, periodsIn, unreadable } from "./reading";

const DAY_S = 86_400;

const alarm = (
  id: string,
  refuses: string,
  when: (input: Input, queries: readonly MetricQuery[]) => string | undefined,
): Rule => ({
  id,
  refuses,
  code: "ValidationError",
  operations: ["PutMetricAlarm"],
  when: (input) => when(input, queriesOf(input.Metrics)),
});

/** What describes the one metric of a plain alarm. */
const OF_ONE_METRIC = [
  "MetricName",
  "Namespace",
  "Dimensions",
  "Period",
  "Unit",
  "Statistic",
  "ExtendedStatistic",
];

/** What CloudWatch refuses of a metric alarm, and the emulator takes. */
export const ALARM_RULES: readonly Rule[] = [
  alarm(
    "cloudwatch-period",
    "alarm periods other than 10, 20, 30 and multiples of 60 seconds",
    (input, queries) =>
      periodsIn(input, queries).every((period) => isWhole(period, 10, 20, 30))
        ? undefined
        : "Period must be 10, 20, 30 or a multiple of 60.",
  ),
  alarm("cloudwatch-aws-period", "alarm periods under a minute on metrics of AWS", (input, queries) => {
    const metrics = [metricOf(input), ...metricsOf(queries)].filter(isOfAws);
    return metrics.length > 0 && periodsIn(input, queries).some((period) => period < 60)
      ? `Period must not be less than 60 seconds for metrics in the namespace ${metrics[0]?.namespace}.`
      : undefined;
  }),
  alarm(
    "cloudwatch-day",
    "alarms that look back more than a day (a week for periods from an hour on)",
    (input, queries) => {
      const period = Math.max(...periodsIn(input, queries), 0);
      const limit = period >= 3_600 ? 7 * DAY_S : DAY_S;
      return period * (numberOf(input.EvaluationPeriods) ?? 1) > limit
        ? `Metrics cannot be checked across more than ${limit === DAY_S ? "a day" : "seven days"} (EvaluationPeriods * Period must be <= ${limit}).`
        : undefined;
    },
  ),
  alarm("cloudwatch-periods", "no evaluation period, and no datapoint to alarm on", (input) => {
    const wrong = (["EvaluationPeriods", "DatapointsToAlarm"] as const).find((name) =>
      name in input || name === "EvaluationPeriods" ? !((numberOf(input[name]) ?? 0) >= 1) : false,
    );
    return wrong && `The parameter ${wrong} must be greater than or equal to 1.`;
  }),
  alarm("cloudwatch-threshold", "alarms without a threshold", ({ Threshold, ThresholdMetricId }) =>
    numberOf(Threshold) === undefined && ThresholdMetricId === undefined
      ? "At least one of the parameters Threshold, ThresholdMetricId must be specified."
      : undefined,
  ),
  alarm("cloudwatch-one-or-metrics", "one metric beside a list of metrics, or neither", (input) => {
    const one = OF_ONE_METRIC.filter((name) => input[name] !== undefined);
    if (Array.isArray(input.Metrics))
      return one.length > 0
        ? `The parameters MetricName and Metrics are mutually exclusive: ${one.join(", ")} cannot be specified with Metrics.`
        : undefined;
    const missing = ["MetricName", "Namespace", "Period"].find((name) => input[name] === undefined);
    return missing && `The parameter ${missing} must be specified.`;
  }),
  alarm("cloudwatch-one-statistic", "both a statistic and an extended one, or neither", (input) => {
    if (Array.isArray(input.Metrics)) return undefined;
    const [plain, extended] = [textOf(input.Statistic), textOf(input.ExtendedStatistic)];
    if (plain !== undefined && extended !== undefined)
      return "The parameters Statistic and ExtendedStatistic are mutually exclusive.";
    if (plain === undefined && extended === undefined)
      return "Exactly one of the parameters Statistic and ExtendedStatistic must be specified.";
    if (plain !== undefined && !isPlain(plain))
      return `The value ${plain} for parameter Statistic is invalid.`;
    return extended !== undefined && isPlain(extended)
      ? `The value ${extended} for parameter ExtendedStatistic is invalid.`
      : undefined;
  }),
  alarm("cloudwatch-few-samples", "a treatment of few samples that does not exist", (input) =>
    input.EvaluateLowSampleCountPercentile === undefined ||
    /^(evaluate|ignore)$/.test(String(input.EvaluateLowSampleCountPercentile))
      ? undefined
      : `Option ${input.EvaluateLowSampleCountPercentile} is not supported for EvaluateLowSampleCountPercentile parameter.`,
  ),
  alarm("cloudwatch-actions", "more than five actions for a state, and actions that are no ARNs", (input) => {
    for (const name of ["AlarmActions", "OKActions", "InsufficientDataActions"]) {
      const actions = listOf<unknown>(input[name]).map(String);
      if (actions.length > 5) return `The collection ${name} must not have a size greater than 5.`;
      const wrong = actions.find((action) => !action.startsWith("arn:"));
      if (wrong !== undefined) return `Invalid ARN: ${wrong}`;
    }
    return undefined;
  }),
  alarm("cloudwatch-ids", "ids that begin with no lower-case letter, or stand twice", (_input, queries) => {
    const wrong = queries.find(
      ({ id }, index) => !/^[a-z]\w{0,254}$/.test(id) || queries.findIndex((one) => one.id === id) < index,
    );
    return wrong && `The value ${wrong.id} for parameter Metrics.Id is invalid, or is there twice.`;
  }),
  alarm("cloudwatch-circle", "expressions that lead back to themselves", (_input, queries) => {
    const id = circular(queries);
    return id === undefined ? undefined : `Error in expression '${id}': it refers to itself.`;
  }),
  alarm("cloudwatch-scalar", "alarms on an expression that yields one number", (_input, queries) => {
    const watched = queries.find(({ returnData, expression }) => returnData && expression !== undefined);
    if (!watched || circular(queries) !== undefined || unreadable(queries) !== undefined) return undefined;
    return isScalar(watched, queries)
      ? `Expression '${watched.id}' must return a time series: it returns a scalar.`
      : undefined;
  }),
  alarm("cloudwatch-m-of-n", "more datapoints to alarm than evaluation periods", (input) =>
    (numberOf(input.DatapointsToAlarm) ?? 1) > (numberOf(input.EvaluationPeriods) ?? 1)
      ? "The parameter DatapointsToAlarm must be less than or equal to EvaluationPeriods."
      : undefined,
  ),
  alarm("cloudwatch-missing", "a treatment of missing data that does not exist", ({ TreatMissingData }) =>
    TreatMissingData === undefined ||
    /^(breaching|notBreaching|ignore|missing)$/.test(String(TreatMissingData))
      ? undefined
      : `The value ${TreatMissingData} is not supported for TreatMissingData parameter.`,
  ),
  alarm("cloudwatch-statistic", "statistics that do not exist", (input, queries) => {
    const asked = [input.Statistic, input.ExtendedStatistic, ...queries.map(({ of }) => of?.stat)];
    const wrong = asked.find((name) => typeof name === "string" && !isStatistic(name));
    return wrong === undefined ? undefined : `The value ${wrong} for parameter Stat is invalid.`;
  }),
  alarm(
    "cloudwatch-one-result",
    "math alarms in which not exactly one entry returns data",
    ({ Metrics }, queries) =>
      Metrics === undefined || queries.filter(({ returnData }) => returnData).length === 1
        ? undefined
        : "Exactly one element of the metrics list should return data.",
  ),
  alarm("cloudwatch-one-period", "math alarms over metrics of different periods", (_input, queries) =>
    new Set(queries.flatMap(({ of, period }) => (of === undefined ? [] : [period]))).size > 1
      ? "Metrics list contains metrics of different periods; all metrics of an alarm must use the same period."
      : undefined,
  ),
  alarm("cloudwatch-ten-metrics", "math alarms over more than ten metrics", (_input, queries) =>
    metricsOf(queries).length > 10
      ? "The metrics list of an alarm must not have more than 10 metrics."
      : undefined,
  ),
  alarm("cloudwatch-search", "alarms on a search", (_input, queries) =>
    queries.some(({ expression }) => /\bSEARCH\s*\(/.test(expression ?? ""))
      ? "SEARCH is not supported on Metric Alarms."
      : undefined,
  ),
  alarm("cloudwatch-expression", "expressions that cannot be read", (_input, queries) => unreadable(queries)),
];

/** An id that leads back to itself, its expressions followed. */
function circular(queries: readonly MetricQuery[]): string | undefined {
  const idsIn = (id: string) =>
    queries.find((query) => query.id === id)?.expression?.match(/(?<![\w.])[a-z]\w*/g) ?? [];
  const leadsTo = (from: string, to: string, seen: Set<string>): boolean =>
    idsIn(from).some((id) => {
      if (id === to) return true;
      if (seen.has(id)) return false;
      seen.add(id);
      return leadsTo(id, to, seen);
    });
  return queries.find(({ id }) => leadsTo(id, id, new Set()))?.id;
}
