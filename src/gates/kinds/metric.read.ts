import { type CloudWatchClient, paginateGetMetricData } from "@aws-sdk/client-cloudwatch";
import { dataQueries, type MetricQuery } from "../../aws/metricQuery";
import type { OneMetric } from "../../aws/metricSource";
import type { Span } from "../window";
import type { Series } from "./metric.series";

/** One metric as it is asked for, in periods of so many seconds. */
export interface Query extends Pick<MetricQuery, "id"> {
  readonly metric: OneMetric;
  readonly period: number;
}

const FAILED = ["InternalError", "Forbidden"];

/** Reads series from CloudWatch, each by its id: all of it, or it throws. */
export async function read(
  client: CloudWatchClient,
  { from, to }: Span,
  queries: readonly Query[],
): Promise<Record<string, Series>> {
  const found: Record<string, Map<number, number>> = {};
  const status: Record<string, string> = {};
  const input = {
    MetricDataQueries: queries.flatMap(({ period, id, metric }) =>
      dataQueries([{ id, metric, returnData: true }], period),
    ),
    StartTime: new Date(from),
    EndTime: new Date(to),
  };
  if (from >= to) return found;
  for await (const page of paginateGetMetricData({ client }, input)) {
    for (const { Id, Timestamps = [], Values = [], StatusCode } of page.MetricDataResults ?? []) {
      if (Id === undefined) continue;
      found[Id] ??= new Map();
      for (const [index, value] of Values.entries()) {
        const at = Timestamps[index]?.getTime();
        if (at === undefined) throw new Error(`CloudWatch has not told when the data of ${Id} were`);
        found[Id].set(at, value);
      }
      // A series is partial until its last page; one that failed once stays so.
      if (!FAILED.includes(status[Id] ?? "")) status[Id] = StatusCode ?? "Complete";
    }
  }
  // Half of the data may hold none of the errors.
  const short = Object.entries(status).find(([, code]) => code !== "Complete");
  if (short) throw new Error(`CloudWatch has not told all data of ${short[0]}: ${short[1]}`);
  return found;
}
