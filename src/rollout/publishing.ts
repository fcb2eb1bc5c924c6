import type { MetricId } from "../aws/metricId";
import { awsOwn, type OneMetric } from "../aws/metricSource";

/** Where it is written what an app has to do. */
const APP_PAGE = '"What your app must do" (docs/how-to/your-app.md)';

/** Names that a kit's signal gives to its metrics. */
const OF_SIGNAL = /^(.+)(?:Requests|Errors|LatencyMs)$/;

/**
 * How a metric gets published: the kits' own call, which is the same for Node and for Python, and the page about it. Of a
 * metric of AWS's own nothing is to be called.
 */
export function publishing(metric: OneMetric): string {
  if (isAwsOwn(metric)) return "AWS publishes it by itself, where what it is of is used";
  return `See to it that the app publishes it, with a zero where nothing happened: with a kit by ${callFor(metric)}; see ${APP_PAGE}`;
}

/** How else a metric gets the dimensions that are declared, after a comma; of a metric of AWS's own there is no other way. */
export function redimensioned(metric: MetricId): string {
  return isAwsOwn(metric)
    ? ""
    : ", or publish it as declared: a kit gives dimensions to all its metrics, openMetrics({ dimensions }), or to none";
}

const isAwsOwn = (metric: MetricId): boolean => awsOwn({ ...metric, statistic: "Sum" }).length > 0;

function callFor({ name, statistic }: OneMetric): string {
  const [, signal] = OF_SIGNAL.exec(name) ?? [];
  if (signal !== undefined) return `metrics.signal("${signal}")`;
  if (statistic === "Sum" || statistic === "SampleCount") return `metrics.count("${name}")`;
  if (statistic === "Maximum" || statistic === "Minimum") return `metrics.level("${name}", …)`;
  return `metrics.observe("${name}", …)`;
}
