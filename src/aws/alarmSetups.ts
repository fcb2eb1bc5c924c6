import {
  type CloudWatchClient,
  type Dimension,
  type MetricAlarm,
  type MetricDataQuery,
  paginateDescribeAlarms,
} from "@aws-sdk/client-cloudwatch";

/** How one alarm is set up: what it watches, and what it does. */
export interface AlarmSetup {
  /** False where its actions were switched off: it changes its state, and nothing follows. */
  readonly actionsEnabled: boolean;
  /** ARNs that it tells when it goes into ALARM. */
  readonly actions: readonly string[];
  /** What it watches, by the names under which a `MetricAlarm` is declared. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Names that one call of DescribeAlarms takes. Source: its reference. */
const NAMES = 100;

/** How the alarms of these names are set up, composite ones among them. One that is not there is left out. */
export async function alarmSetups(
  client: CloudWatchClient,
  names: readonly string[],
): Promise<Map<string, AlarmSetup>> {
  const found = new Map<string, AlarmSetup>();
  for (let from = 0; from < names.length; from += NAMES) {
    const query = {
      AlarmNames: names.slice(from, from + NAMES),
      AlarmTypes: ["MetricAlarm" as const, "CompositeAlarm" as const],
    };
    for await (const page of paginateDescribeAlarms({ client }, query)) {
      for (const alarm of page.MetricAlarms ?? [])
        if (alarm.AlarmName !== undefined) found.set(alarm.AlarmName, setupOf(alarm, settingsOf(alarm)));
      for (const alarm of page.CompositeAlarms ?? [])
        if (alarm.AlarmName !== undefined)
          found.set(alarm.AlarmName, setupOf(alarm, { alarmRule: alarm.AlarmRule }));
    }
  }
  return found;
}

function setupOf(
  alarm: { readonly ActionsEnabled?: boolean | undefined; readonly AlarmActions?: string[] | undefined },
  settings: AlarmSetup["settings"],
): AlarmSetup {
  // AWS always tells it; enabled is what it is where nobody said otherwise.
  return { actionsEnabled: alarm.ActionsEnabled ?? true, actions: alarm.AlarmActions ?? [], settings };
}

function settingsOf(alarm: MetricAlarm): AlarmSetup["settings"] {
  return {
    namespace: alarm.Namespace,
    metricName: alarm.MetricName,
    dimensions: dimensionsOf(alarm.Dimensions),
    statistic: alarm.Statistic,
    extendedStatistic: alarm.ExtendedStatistic,
    period: alarm.Period,
    evaluationPeriods: alarm.EvaluationPeriods,
    datapointsToAlarm: alarm.DatapointsToAlarm,
    comparisonOperator: alarm.ComparisonOperator,
    threshold: alarm.Threshold,
    treatMissingData: alarm.TreatMissingData,
    evaluateLowSampleCountPercentiles: alarm.EvaluateLowSampleCountPercentile,
    metricQueries: alarm.Metrics?.map(queryOf),
  };
}

function queryOf({ Id, Expression, MetricStat, Period }: MetricDataQuery): object {
  return {
    id: Id,
    expression: Expression,
    period: Period,
    metric: MetricStat && {
      namespace: MetricStat.Metric?.Namespace,
      metricName: MetricStat.Metric?.MetricName,
      dimensions: dimensionsOf(MetricStat.Metric?.Dimensions),
      period: MetricStat.Period,
      stat: MetricStat.Stat,
    },
  };
}

function dimensionsOf(list: readonly Dimension[] | undefined): Record<string, string> | undefined {
  if (!list || list.length === 0) return undefined;
  return Object.fromEntries(list.map(({ Name, Value }) => [Name ?? "", Value ?? ""]));
}
