import {
  CloudWatchClient,
  GetMetricStatisticsCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { reasonOf } from "../text/problem";
import { withClient } from "./clients";
import { convergedMetric } from "./names";

/** How long servers took to follow the flags. */
export interface Converged {
  /** From the flags' deployment to the last server, in ms: the longest of its day. */
  readonly ms: number;
  /** The day on which it was measured, in UTC: 2026-11-28. */
  readonly day: string;
}

/** How far back is looked, and the days in which CloudWatch answers. */
const [DAY_S, DAYS] = [86_400, 90];
/** People wait to be told; who does not answer in that time measured nothing. */
const LIMITS = { connect: 1_000, request: 2_000, attempts: 1 };

/**
 * Keeps how long servers took, so that whoever rolls back later, with no state at hand, can say how long that will
 * take. Returns why it could not be kept; never throws.
 *
 * @param ms from the flags' deployment to the last server
 */
export async function keepConverged(
  region: string,
  rollout: string,
  ms: number,
): Promise<string | undefined> {
  const { namespace, name } = convergedMetric(rollout);
  const datum = { MetricName: name, Value: Math.round(ms), Unit: "Milliseconds" as const };
  const put = new PutMetricDataCommand({ Namespace: namespace, MetricData: [datum] });
  try {
    await withClient(CloudWatchClient, { region, limits: LIMITS }, (client) => client.send(put));
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** What was measured last, at a flip or by a drill. Undefined where nothing was, or where nobody tells; never throws. */
export async function lastConverged(region: string, rollout: string): Promise<Converged | undefined> {
  const { namespace, name } = convergedMetric(rollout);
  const now = Date.now();
  const asked = new GetMetricStatisticsCommand({
    Namespace: namespace,
    MetricName: name,
    StartTime: new Date(now - DAYS * DAY_S * 1_000),
    EndTime: new Date(now + 60_000),
    Period: DAY_S,
    Statistics: ["Maximum"],
    Unit: "Milliseconds",
  });
  try {
    const { Datapoints = [] } = await withClient(CloudWatchClient, { region, limits: LIMITS }, (client) =>
      client.send(asked),
    );
    const seen = Datapoints.flatMap(({ Timestamp, Maximum }) =>
      Timestamp && Number.isFinite(Maximum) ? [{ at: Timestamp.toISOString(), ms: Number(Maximum) }] : [],
    ).sort((one, other) => other.at.localeCompare(one.at));
    return seen[0] && { ms: seen[0].ms, day: seen[0].at.slice(0, 10) };
  } catch {
    return undefined;
  }
}
