import { CloudWatchClient, paginateGetMetricData } from "@aws-sdk/client-cloudwatch";
import { DATA_LIMITS, withClient } from "../../../src/aws/clients";
import { known } from "../../../src/aws/known";
import { dataQueries } from "../../../src/aws/metricQuery";
import { type Counting, LOOKED_BACK_MS, type Pulse, type Pulses, pulseKey } from "../judge/zeros";

/** Queries that one call of GetMetricData takes, of which each metric needs two. Source: its reference. */
const METRICS = 250;

/** When metrics that count had data lately, and whether a zero was among them. Never throws. */
export async function readPulses(
  counting: readonly Counting[],
  { region, now, left }: { readonly region: string; readonly now: number; readonly left: number },
): Promise<Pulses> {
  const asked = [...new Map(counting.map((one) => [pulseKey(one), one]))];
  if (asked.length === 0) return { ok: true, value: new Map() };
  const pulses = new Map<string, Pulse>();
  const read = async (client: CloudWatchClient) => {
    for (let from = 0; from < asked.length; from += METRICS)
      for (const [key, pulse] of await part(client, asked.slice(from, from + METRICS), now))
        pulses.set(key, pulse);
    return pulses;
  };
  return withClient(CloudWatchClient, { region, limits: DATA_LIMITS }, (client) =>
    known(() => read(client), left),
  );
}

/** `n3` counts what was published of the fourth metric, `l3` is its least value. */
async function part(
  client: CloudWatchClient,
  asked: readonly (readonly [string, Counting])[],
  now: number,
): Promise<Map<string, Pulse>> {
  const found = new Map<string, Pulse>();
  const input = {
    MetricDataQueries: asked.flatMap(([, { metric, period }], index) =>
      dataQueries(
        [
          { id: `n${index}`, metric: { ...metric, statistic: "SampleCount" }, returnData: true },
          { id: `l${index}`, metric: { ...metric, statistic: "Minimum" }, returnData: true },
        ],
        period,
      ),
    ),
    StartTime: new Date(now - LOOKED_BACK_MS),
    EndTime: new Date(now),
  };
  for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, input))
    for (const { Id = "", Timestamps = [], Values = [], StatusCode } of MetricDataResults) {
      if (StatusCode === "InternalError" || StatusCode === "Forbidden")
        throw new Error(`CloudWatch does not tell the data of a metric: ${StatusCode}`);
      const key = asked[Number(Id.slice(1))]?.[0];
      if (key === undefined) continue;
      const { at, zero } = found.get(key) ?? { at: [], zero: false };
      const heard = Timestamps.flatMap((time, index) => ((Values[index] ?? 0) > 0 ? [time.getTime()] : []));
      found.set(
        key,
        Id.startsWith("n")
          ? { at: [...at, ...heard], zero }
          : { at, zero: zero || Values.some((value) => value <= 0) },
      );
    }
  return found;
}
