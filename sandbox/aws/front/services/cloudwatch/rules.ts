import { COMPARISONS } from "../../alarms/judge";
import { MathError, parseExpression } from "../../alarms/math";
import { isOfAws } from "../../alarms/watch";
import type { Input } from "../../call";
import { type MetricQuery, metricsOf, queriesOf } from "../../metrics/queries";
import { metricOf, timeOf } from "../../metrics/read";
import { isStatistic } from "../../metrics/statistics";
import { listOf, numberOf, type Rule, textOf } from "../../rule";
import { tooLong } from "../names";

const HOUR = 3_600_000;
const DAY_S = 86_400;

const invalid = (
  id: string,
  refuses: string,
  when: (datum: Input, at: string, now: number) => string | undefined,
): Rule => ({
  id,
  refuses,
  code: "InvalidParameterValue",
  operations: ["PutMetricData"],
  when: ({ MetricData }, _call, { now }) => {
    for (const [index, datum] of listOf(MetricData).entries()) {
      const told = when(datum, `MetricData.member.${index + 1}`, now());
      if (told !== undefined) return told;
    }
    return undefined;
  },
});

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

const periodsIn = (input: Input, queries: readonly MetricQuery[]) => [
  ...(numberOf(input.Period) === undefined ? [] : [input.Period as number]),
  ...queries.flatMap(({ period }) => period ?? []),
];

const isWhole = (period: number, ...short: readonly number[]) =>
  short.includes(period) || (period > 0 && period % 60 === 0);

/** What CloudWatch refuses and the emulator takes. */
export const CLOUDWATCH_RULES: readonly Rule[] = [
  {
    id: "cloudwatch-namespace",
    refuses: "metrics in a namespace of AWS",
    code: "InvalidParameterValue",
    operations: ["PutMetricData"],
    when: ({ Namespace }) =>
      /^AWS\//.test(textOf(Namespace) ?? "")
        ? `The value ${Namespace} for parameter Namespace is invalid.`
        : undefined,
  },
  {
    id: "cloudwatch-many",
    refuses: "more than 1,000 metrics in one request",
    code: "InvalidParameterValue",
    operations: ["PutMetricData"],
    when: ({ MetricData }) =>
      listOf(MetricData).length > 1_000
        ? "The collection MetricData must not have a size greater than 1000."
        : undefined,
  },
  invalid("cloudwatch-past", "data older than two weeks", ({ Timestamp }, at, now) =>
    (timeOf(Timestamp) ?? now) < now - 14 * 24 * HOUR
      ? `The parameter ${at}.Timestamp must specify a time within the past two weeks.`
      : undefined,
  ),
  invalid("cloudwatch-future", "data more than two hours ahead", ({ Timestamp }, at, now) =>
    (timeOf(Timestamp) ?? now) > now + 2 * HOUR
      ? `The parameter ${at}.Timestamp must specify a time no more than two hours in the future.`
      : undefined,
  ),
  invalid("cloudwatch-number", "values that are no numbers", ({ Value, Values }, at) => {
    const values = [...(Value === undefined ? [] : [Value]), ...listOf<unknown>(Values)].map(Number);
    const wrong = values.find((value) => !Number.isFinite(value));
    return wrong === undefined ? undefined : `The value ${wrong} for parameter ${at}.Value is invalid.`;
  }),
  invalid("cloudwatch-dimensions", "more than 30 dimensions", ({ Dimensions }, at) =>
    listOf(Dimensions).length > 30
      ? `The collection ${at}.Dimensions must not have a size greater than 30.`
      : undefined,
  ),
  tooLong(
    "cloudwatch-alarm-name",
    ["PutMetricAlarm", "PutCompositeAlarm"],
    "AlarmName",
    255,
    "ValidationError",
  ),
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
      const period = Math.max(60, ...periodsIn(input, queries));
      const limit = period >= 3_600 ? 7 * DAY_S : DAY_S;
      return period * (numberOf(input.EvaluationPeriods) ?? 1) > limit
        ? `Metrics cannot be checked across more than ${limit === DAY_S ? "a day" : "seven days"} (EvaluationPeriods * Period must be <= ${limit}).`
        : undefined;
    },
  ),
  alarm("cloudwatch-m-of-n", "more datapoints to alarm than evaluation periods", (input) =>
    (numberOf(input.DatapointsToAlarm) ?? 1) > (numberOf(input.EvaluationPeriods) ?? 1)
      ? "The parameter DatapointsToAlarm must be less than or equal to EvaluationPeriods."
      : undefined,
  ),
  alarm("cloudwatch-comparison", "alarms without a comparison that is known", ({ ComparisonOperator }) =>
    COMPARISONS[textOf(ComparisonOperator) ?? ""] === undefined
      ? `1 validation error detected: Value '${ComparisonOperator}' at 'comparisonOperator' failed to satisfy constraint: Member must satisfy enum value set: [${Object.keys(COMPARISONS).join(", ")}]`
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
  {
    id: "cloudwatch-data-expression",
    refuses: "queries with expressions that cannot be read",
    code: "ValidationError",
    operations: ["GetMetricData"],
    when: ({ MetricDataQueries }) => unreadable(queriesOf(MetricDataQueries)),
  },
  {
    id: "cloudwatch-data-period",
    refuses: "queries for periods other than 1, 5, 10, 20, 30 and multiples of 60 seconds",
    code: "ValidationError",
    operations: ["GetMetricData", "GetMetricStatistics"],
    when: (input) =>
      periodsIn(input, queriesOf(input.MetricDataQueries)).every((period) =>
        isWhole(period, 1, 5, 10, 20, 30),
      )
        ? undefined
        : "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
  },
  {
    id: "cloudwatch-data-statistic",
    refuses: "queries for statistics that do not exist",
    code: "ValidationError",
    operations: ["GetMetricData"],
    when: ({ MetricDataQueries }) => {
      const wrong = queriesOf(MetricDataQueries).find(({ of }) => of !== undefined && !isStatistic(of.stat));
      return wrong && `The value ${wrong.of?.stat} for parameter Stat is invalid.`;
    },
  },
  {
    id: "cloudwatch-data-many",
    refuses: "more than 500 queries at once",
    code: "ValidationError",
    operations: ["GetMetricData"],
    when: ({ MetricDataQueries }) =>
      listOf(MetricDataQueries).length > 500
        ? "The collection MetricDataQueries must not have a size greater than 500."
        : undefined,
  },
  {
    id: "cloudwatch-1440",
    refuses: "more than 1,440 datapoints of GetMetricStatistics",
    code: "InvalidParameterCombination",
    operations: ["GetMetricStatistics"],
    when: ({ StartTime, EndTime, Period }) => {
      const span = (timeOf(EndTime) ?? 0) - (timeOf(StartTime) ?? 0);
      const asked = Math.ceil(span / 1_000 / (numberOf(Period) ?? 60));
      return asked > 1_440
        ? `You have requested up to ${asked} datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`
        : undefined;
    },
  },
];

function unreadable(queries: readonly MetricQuery[]): string | undefined {
  for (const { id, expression } of queries) {
    if (expression === undefined) continue;
    try {
      const { ids } = parseExpression(expression);
      const unknown = ids.find((each) => !queries.some((query) => query.id === each));
      if (unknown !== undefined) throw new MathError(`nothing has the id "${unknown}"`);
    } catch (error) {
      if (!(error instanceof MathError)) throw error;
      return `Error in expression '${id}': ${error.message}`;
    }
  }
  return undefined;
}
