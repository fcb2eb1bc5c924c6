import { isMath } from "../aws/metricSource";
import type { AbortThreshold } from "./config/abortRow";

/** The metric filter that counts the lines of a log, as it is declared. */
export interface LineCount {
  readonly group: string;
  readonly pattern: string;
  /** Where the count goes, and what one line counts. In CloudWatch's words, where numbers are texts. */
  readonly to: {
    readonly namespace: string;
    readonly name: string;
    readonly value: string;
    readonly defaultValue: string;
  };
}

/**
 * What a row that watches a log declares; undefined for every other row. A line that does not match is a zero, so
 * that a log that lives has a count.
 */
export function lineCountOf({
  logs,
  metric,
}: Pick<AbortThreshold, "logs" | "metric">): LineCount | undefined {
  if (logs === undefined) return undefined;
  if (metric === undefined || isMath(metric))
    throw new RangeError("a filter publishes one metric: config parsing lets no math through");
  return {
    group: logs.group,
    pattern: logs.pattern,
    to: { namespace: metric.namespace, name: metric.name, value: "1", defaultValue: "0" },
  };
}
