import { CloudWatchClient, paginateGetMetricData } from "@aws-sdk/client-cloudwatch";
import { DATA_LIMITS, withClient } from "../../../src/aws/clients";
import { dataQueries, queriesOf, VALUE } from "../../../src/aws/metricQuery";
import { isMath, labelOf, type MetricSource, metricsOf } from "../../../src/aws/metricSource";
import type { Rollout } from "../../../src/rollout/rollout";
import { signalsOf } from "../../../src/rollout/signal";
import type { Point, ReportSignal } from "../data";
import { chartPeriod } from "./period";
import { shortReason } from "./reason";

/** A signal before its data was read. */
export interface SignalSpec extends Omit<ReportSignal, "points" | "partial" | "period"> {
  readonly source: MetricSource;
}

/** Queries that one call takes. */
const BATCH = 500;

/** Every metric that an abort row or a gate of the rollout reads, each once, with all the lines that are drawn in it. */
export function signalSpecs({ stages }: Pick<Rollout, "stages">): SignalSpec[] {
  const found = new Map<string, SignalSpec>();
  const add = (of: Omit<SignalSpec, "id">) => {
    const { namespace = "" } = isMath(of.source) ? {} : of.source;
    const id = `${namespace} ${of.metric} ${of.statistic}`.trimStart();
    const known = found.get(id);
    const periods = [known?.alarmPeriod, of.alarmPeriod].filter((period) => period !== undefined);
    const merged = {
      ...of,
      id,
      rows: [...(known?.rows ?? []), ...of.rows],
      lines: [...(known?.lines ?? []), ...of.lines],
    };
    found.set(id, periods.length > 0 ? { ...merged, alarmPeriod: Math.min(...periods) } : merged);
  };
  for (const stage of stages) {
    for (const { row, title, kind, limits, samples: _, ...one } of signalsOf(stage))
      add({
        ...one,
        ...labelOf(one.source),
        rows: [{ row, stage: stage.name, kind, title }],
        lines: limits.map((limit) => ({ row, kind, ...limit })),
      });
  }
  return [...found.values()];
}

/** Reads the signals over a time. What cannot be read is said of each signal by itself; nothing is thrown. */
export function readSignals(
  specs: readonly SignalSpec[],
  region: string,
  from: number,
  to: number,
): Promise<ReportSignal[]> {
  return withClient(CloudWatchClient, { region, limits: DATA_LIMITS }, async (client) => {
    const signals: ReportSignal[] = [];
    for (const batch of batches(specs)) signals.push(...(await readBatch(client, batch, from, to)));
    return signals;
  });
}

/** Math takes a query for each of its metrics, and one for itself. */
function batches(specs: readonly SignalSpec[]): SignalSpec[][] {
  const done: SignalSpec[][] = [];
  let room = 0;
  for (const spec of specs) {
    const takes = isMath(spec.source) ? metricsOf(spec.source).length + 1 : 1;
    if (takes > room) {
      done.push([]);
      room = BATCH;
    }
    done.at(-1)?.push(spec);
    room -= takes;
  }
  return done;
}

interface Series {
  readonly points: Point[];
  /** CloudWatch's word for a series that it did not tell in full. */
  short?: string;
}

async function readBatch(
  client: CloudWatchClient,
  specs: readonly SignalSpec[],
  from: number,
  to: number,
): Promise<ReportSignal[]> {
  const period = (spec: SignalSpec) => chartPeriod(from, to, spec.alarmPeriod);
  const queries = specs.flatMap((spec, index) =>
    dataQueries(queriesOf(spec.source, `s${index}_`), period(spec)),
  );
  const series = new Map<string, Series>();
  let failed: string | undefined;
  try {
    const input = {
      MetricDataQueries: queries,
      StartTime: new Date(from),
      EndTime: new Date(to),
      ScanBy: "TimestampAscending" as const,
    };
    for await (const page of paginateGetMetricData({ client }, input)) {
      for (const { Id = "", Timestamps = [], Values = [], StatusCode } of page.MetricDataResults ?? []) {
        const known = series.get(Id) ?? { points: [] };
        Timestamps.forEach((time, index) => {
          const value = Values[index];
          if (value !== undefined && Number.isFinite(value)) known.points.push([time.getTime(), value]);
        });
        // A series is partial until its last page; one that failed once stays so.
        if (!/InternalError|Forbidden/.test(known.short ?? "")) {
          if (StatusCode === undefined || StatusCode === "Complete") delete known.short;
          else known.short = StatusCode;
        }
        series.set(Id, known);
      }
    }
  } catch (error) {
    failed = shortReason(error);
  }
  return specs.map((spec, index): ReportSignal => {
    const { source: _, ...rest } = spec;
    const base = { ...rest, period: period(spec) };
    const found = series.get(`s${index}_${VALUE}`);
    if (!found || found.points.length === 0) {
      const why = failed ?? (found?.short === undefined ? undefined : `CloudWatch says ${found.short}`);
      if (why !== undefined) return { ...base, points: { known: false, why } };
      if (!found) return { ...base, points: { known: false, why: "CloudWatch did not answer for it" } };
    }
    const points = [...(found?.points ?? [])]
      .sort(([a], [b]) => a - b)
      .map(([at, value]): [number, number] => [at, value]);
    const short = failed ?? (found?.short === undefined ? undefined : `CloudWatch says ${found.short}`);
    return {
      ...base,
      points: { known: true, value: points },
      ...(short === undefined ? {} : { partial: `not all of its data could be read: ${short}` }),
    };
  });
}
