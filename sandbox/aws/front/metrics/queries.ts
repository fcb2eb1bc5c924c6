import type { Datum } from "../alarms/judge";
import { MathError, type MathValue, parseExpression } from "../alarms/math";
import type { Input } from "../call";
import { listOf, numberOf, textOf } from "../rule";
import { metricOf } from "./read";
import { statistic } from "./statistics";
import type { MetricId, Point } from "./store";

/** A part of the time line: `(from, to]`, in milliseconds of the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** One entry of GetMetricData's queries, or of an alarm's metrics. */
export interface MetricQuery {
  readonly id: string;
  readonly label: string;
  readonly returnData: boolean;
  readonly expression?: string;
  /** Seconds. */
  readonly period?: number;
  readonly of?: { readonly metric: MetricId; readonly stat: string; readonly unit?: string };
}

/** Reads a metric's points in a span. */
export type ReadPoints = (metric: MetricId, span: Span, fine: boolean, unit?: string) => readonly Point[];

/** `MetricDataQueries`, or an alarm's `Metrics`. */
export function queriesOf(value: unknown): readonly MetricQuery[] {
  return listOf(value).map((query) => {
    const { MetricStat, Expression } = query;
    const stat = MetricStat as Input | undefined;
    const period = numberOf(stat?.Period ?? query.Period);
    const unit = textOf(stat?.Unit);
    return {
      id: textOf(query.Id) ?? "",
      label:
        textOf(query.Label) ??
        textOf((stat?.Metric as Input | undefined)?.MetricName) ??
        textOf(query.Id) ??
        "",
      returnData: query.ReturnData !== false,
      ...(textOf(Expression) !== undefined && { expression: Expression as string }),
      ...(period !== undefined && { period }),
      ...(stat && {
        of: {
          metric: metricOf((stat.Metric ?? {}) as Input),
          stat: textOf(stat.Stat) ?? "",
          ...(unit !== undefined && { unit }),
        },
      }),
    };
  });
}

/** The metrics that a query looks at in the end, its expressions followed. */
export function metricsOf(queries: readonly MetricQuery[]): readonly MetricId[] {
  return queries.flatMap(({ of }) => (of === undefined ? [] : [of.metric]));
}

/** The period of a query in seconds: an expression has the shortest of what it names. */
export function periodOf(query: MetricQuery, queries: readonly MetricQuery[]): number {
  if (query.period !== undefined) return query.period;
  const all = queries.flatMap(({ period }) => period ?? []);
  return all.length === 0 ? 60 : Math.min(...all);
}

/** The value of one query in each of the spans. */
export function valuesOf(
  query: MetricQuery,
  queries: readonly MetricQuery[],
  spans: readonly Span[],
  fine: boolean,
  read: ReadPoints,
): readonly Datum[] {
  const value = evaluated(query, queries, spans, fine, read, []);
  if (typeof value === "number") return spans.map(() => value);
  if ("all" in value) throw new MathError("the expression yields several series");
  return value;
}

/** Whether an expression yields one number, whatever its metrics are. Circles are the caller's to look for. */
export function isScalar(query: MetricQuery, queries: readonly MetricQuery[]): boolean {
  const spans = [0, 1].map((from) => ({ from, to: from + 1 }));
  const point: Point = { at: 1, count: 1, sum: 1, min: 1, max: 1, unit: "None", fine: false };
  return typeof evaluated(query, queries, spans, false, () => [point], []) === "number";
}

function evaluated(
  query: MetricQuery,
  queries: readonly MetricQuery[],
  spans: readonly Span[],
  fine: boolean,
  read: ReadPoints,
  within: readonly string[],
): MathValue {
  if (within.includes(query.id)) throw new MathError(`"${query.id}" is defined by itself`);
  const { of, expression } = query;
  if (of !== undefined) {
    return spans.map((span) => statistic(read(of.metric, span, fine, of.unit), of.stat));
  }
  const inner = (other: MetricQuery) => evaluated(other, queries, spans, fine, read, [...within, query.id]);
  const scope = (id: string) => {
    const other = queries.find((each) => each.id === id);
    return other && inner(other);
  };
  const metrics = () =>
    queries.filter((each) => each.of !== undefined).map((each) => inner(each) as readonly Datum[]);
  return parseExpression(expression ?? "").evaluate(scope, spans.length, metrics);
}
