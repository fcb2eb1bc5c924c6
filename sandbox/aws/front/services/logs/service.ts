import { selected } from "../../../../../src/aws/logPatterns/jsonPattern";
import { patternOf } from "../../../../../src/aws/logPatterns/pattern";
import { type Answer, answer } from "../../answer";
import type { Call, Input } from "../../call";
import { metricOf } from "../../metrics/read";
import type { Point } from "../../metrics/store";
import { listOf, numberOf, type Rule, type Service, textOf, type World } from "../../rule";
import type { CloudWatchService } from "../cloudwatch/service";

const RULES: readonly Rule[] = [
  {
    id: "logs-pattern",
    source: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html",
    refuses:
      "filter patterns that cannot be read: braces that hold no condition, brackets that name no fields, words of other signs than letters, digits and _ without quotes, parentheses between percent signs, more than two expressions",
    code: "InvalidParameterException",
    operations: ["FilterLogEvents", "PutMetricFilter"],
    when: ({ filterPattern }) =>
      patternOf(textOf(filterPattern) ?? "") ? undefined : "Invalid filter pattern",
  },
];

/** The most that one answer holds. */
const MOST = 10_000;

/** The emulator knows patterns of words alone, and takes every line for one that matches another. */
async function filterLogEvents(call: Call, { upstream }: World): Promise<Answer> {
  const { filterPattern, ...input } = call.input;
  const matches = patternOf(textOf(filterPattern) ?? "") ?? (() => false);
  const asked = { ...input, limit: undefined };
  const said = await upstream.call(call.service, call.operation, asked, call.scope);
  const events = listOf(said.events).filter(({ message }) => matches(textOf(message) ?? ""));
  return answer(call, { ...said, events: events.slice(0, numberOf(call.input.limit) ?? MOST) });
}

/**
 * The emulator keeps metric filters, and counts nothing by them. AWS adds up what they count and tells it once a minute: an
 * alarm on lines is never quicker. Source: CloudWatch Logs' user guide, "Creating metrics from log events using filters".
 */
const putLogEvents =
  ({ counted }: Pick<CloudWatchService, "counted">) =>
  async (call: Call, world: World): Promise<Answer> => {
    const said = await world.upstream.call(call.service, call.operation, call.input, call.scope);
    const { logGroupName, logEvents } = call.input;
    const asked = { logGroupName };
    const { metricFilters } = await world.upstream.call("logs", "DescribeMetricFilters", asked, call.scope);
    const lines = listOf(logEvents);
    const data = listOf(metricFilters).flatMap((filter) => countsOf(filter, lines, world.now()));
    if (data.length > 0) counted(call.scope, data, world);
    return answer(call, said);
  };

/** What one metric filter makes of lines that came together. */
function countsOf({ filterPattern, metricTransformations }: Input, lines: readonly Input[], now: number) {
  const matches = patternOf(textOf(filterPattern) ?? "") ?? (() => false);
  return listOf(metricTransformations).map((to) => {
    const metric = metricOf({ Namespace: to.metricNamespace, MetricName: to.metricName });
    const unit = textOf(to.unit) ?? "None";
    const point = (at: number, value: number): Point => ({
      at,
      count: 1,
      sum: value,
      min: value,
      max: value,
      unit,
      fine: false,
    });
    const points = lines.flatMap(({ message, timestamp }) => {
      const text = textOf(message) ?? "";
      const value = matches(text) ? countIn(textOf(to.metricValue) ?? "", text) : undefined;
      return value === undefined ? [] : [point(numberOf(timestamp) ?? now, value)];
    });
    // What came, and did not match, is what the filter's default stands for.
    const byDefault = numberOf(to.defaultValue);
    return {
      metric,
      points: points.length > 0 || byDefault === undefined ? points : [point(now, byDefault)],
    };
  });
}

/** What a line counts: a number, or the one that a selector finds in it. */
function countIn(metricValue: string, message: string): number | undefined {
  if (!metricValue.startsWith("$")) return Number(metricValue);
  const [value] = selected(message, metricValue);
  return typeof value === "number" ? value : undefined;
}

/** CloudWatch Logs. */
export const logs = (cloudwatch: Pick<CloudWatchService, "counted">): Service => ({
  name: "logs",
  reference: "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_",
  rules: RULES,
  answers: { FilterLogEvents: filterLogEvents, PutLogEvents: putLogEvents(cloudwatch) },
  mends: {
    FilterLogEvents: "holds lines against every kind of filter pattern",
    PutLogEvents: "counts by metric filters, and tells the counts once their minute is over",
  },
});
