import {
  type CloudWatchLogsClient,
  type MetricFilter,
  paginateDescribeMetricFilters,
} from "@aws-sdk/client-cloudwatch-logs";
import { unlessNamed } from "./failure";

/** A metric filter as it is set up now, by the names under which it is declared. */
export interface LineFilter {
  readonly pattern: string;
  /** Where it publishes and what, with everything else that is set on it: also what nobody here would declare. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * The metric filter of that name on a log group. `no-group` where there is no such group, which takes its filters
 * with it; `no-filter` where the group has none of that name.
 */
export function lineFilter(
  client: CloudWatchLogsClient,
  group: string,
  name: string,
): Promise<LineFilter | "no-group" | "no-filter"> {
  return unlessNamed(/^ResourceNotFoundException$/, "no-group", filterOf(client, group, name));
}

async function filterOf(
  client: CloudWatchLogsClient,
  logGroupName: string,
  name: string,
): Promise<LineFilter | "no-filter"> {
  const query = { logGroupName, filterNamePrefix: name };
  for await (const { metricFilters = [] } of paginateDescribeMetricFilters({ client }, query)) {
    // The prefix also finds those whose name begins so.
    const found = metricFilters.find(({ filterName }) => filterName === name);
    if (found) return { pattern: found.filterPattern ?? "", settings: settingsOf(found) };
  }
  return "no-filter";
}

/** What says nothing of what is counted. */
const BESIDE = ["filterName", "filterPattern", "creationTime", "logGroupName", "metricTransformations"];

function settingsOf(filter: MetricFilter): Record<string, unknown> {
  const { metricName, metricNamespace, metricValue, defaultValue, ...more } =
    filter.metricTransformations?.[0] ?? {};
  return {
    namespace: metricNamespace,
    name: metricName,
    value: metricValue,
    ...(defaultValue === undefined ? {} : { defaultValue: String(defaultValue) }),
    ...more,
    ...Object.fromEntries(Object.entries(filter).filter(([key]) => !BESIDE.includes(key))),
  };
}
