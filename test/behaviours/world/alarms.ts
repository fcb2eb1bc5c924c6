import { alarmOf, seenBy } from "../../../sandbox/aws/front/alarms/definition";
import { judge, type State } from "../../../sandbox/aws/front/alarms/judge";
import type { Input } from "../../../sandbox/aws/front/call";
import type { AbortThreshold } from "../../../src/rollout/config/abortRow";
import type { Rollout } from "../../../src/rollout/rollout";
import { alarmOn } from "../../../src/rollout/signal";
import { Otherwise, there } from "../behaviour";
import { stageOf } from "./gates";
import type { Published } from "./metrics";

/** The abort row of a stage. */
export const rowOf = (rollout: Rollout, stage: string, row: string): AbortThreshold =>
  there(stageOf(rollout, stage).abort[row], `the abort row ${row} of ${stage}`);

/** The state of a row's alarm at a moment, from the state that it was in, as CloudWatch judges it. */
export function stateOf(row: AbortThreshold, published: Published, now: number, was: State = "OK"): State {
  if (row.alarm !== undefined) throw new Otherwise("the row follows somebody else's alarm");
  const alarm = alarmOf(asPut(alarmOn(row)));
  const data = seenBy(alarm, now, (id, { from, to }, fine, unit) =>
    published.watch.metrics.between(id, from, to, fine, unit),
  );
  return data === undefined ? was : judge(alarm, data, was);
}

/** An alarm as PutMetricAlarm is given it. */
function asPut(on: ReturnType<typeof alarmOn>): Input {
  const given = on as Record<string, unknown> & { metricQueries?: readonly Query[] };
  return {
    AlarmName: "row",
    ...(given.metricQueries && { Metrics: given.metricQueries.map(queryOf) }),
    ...(given.metricQueries === undefined && {
      Namespace: given.namespace,
      MetricName: given.metricName,
      Statistic: given.statistic,
      ExtendedStatistic: given.extendedStatistic,
      Period: given.period,
      EvaluateLowSampleCountPercentile: given.evaluateLowSampleCountPercentiles,
    }),
    EvaluationPeriods: given.evaluationPeriods,
    DatapointsToAlarm: given.datapointsToAlarm,
    ComparisonOperator: given.comparisonOperator,
    Threshold: given.threshold,
    TreatMissingData: given.treatMissingData,
  };
}

interface Query {
  readonly id: string;
  readonly expression?: string;
  readonly metric?: { namespace: string; metricName: string; period: number; stat: string };
  readonly returnData: boolean;
}

const queryOf = ({ id, expression, metric, returnData }: Query) => ({
  Id: id,
  ReturnData: returnData,
  ...(expression === undefined ? {} : { Expression: expression }),
  ...(metric === undefined
    ? {}
    : {
        MetricStat: {
          Metric: { Namespace: metric.namespace, MetricName: metric.metricName, Dimensions: [] },
          Period: metric.period,
          Stat: metric.stat,
        },
      }),
});
