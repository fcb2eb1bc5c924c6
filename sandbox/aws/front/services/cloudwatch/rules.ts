import type { Input } from "../../call";
import { queriesOf } from "../../metrics/queries";
import { timeOf } from "../../metrics/read";
import { isStatistic } from "../../metrics/statistics";
import { listOf, numberOf, type Rule, textOf } from "../../rule";
import { ALARM_RULES } from "./alarmRules";
import { isWhole, periodsIn, unreadable } from "./reading";

const HOUR = 3_600_000;
/** Source: the reference of PutMetricData. */
const LARGEST = 2 ** 360;
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

/** What CloudWatch refuses and the emulator takes. */
export const CLOUDWATCH_RULES: readonly Rule[] = [
  {
    id: "cloudwatch-namespace",
    refuses: "metrics in a namespace of AWS, or in one that begins with a colon",
    code: "InvalidParameterValue",
    operations: ["PutMetricData"],
    when: ({ Namespace }) =>
      /^(AWS\/|:)/.test(textOf(Namespace) ?? "")
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
  invalid("cloudwatch-number", "values that are no numbers, or beyond 2^360", ({ Value, Values }, at) => {
    const values = [...(Value === undefined ? [] : [Value]), ...listOf<unknown>(Values)].map(Number);
    const wrong = values.find((value) => !(Math.abs(value) <= LARGEST));
    return wrong === undefined ? undefined : `The value ${wrong} for parameter ${at}.Value is invalid.`;
  }),
  invalid(
    "cloudwatch-values",
    "more than 150 values of one metric, or other counts than values",
    ({ Values, Counts }, at) => {
      const [values, counts] = [listOf<unknown>(Values).length, listOf<unknown>(Counts).length];
      if (values > 150) return `The collection ${at}.Values must not have a size greater than 150.`;
      return Counts !== undefined && counts !== values
        ? `The parameters ${at}.Values and ${at}.Counts must be of the same size.`
        : undefined;
    },
  ),
  invalid("cloudwatch-resolution", "resolutions other than 1 and 60 seconds", ({ StorageResolution }, at) =>
    StorageResolution === undefined || StorageResolution === 1 || StorageResolution === 60
      ? undefined
      : `The value ${StorageResolution} for parameter ${at}.StorageResolution is invalid.`,
  ),
  ...ALARM_RULES,
  {
    id: "cloudwatch-data-expression",
    source: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html",
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
