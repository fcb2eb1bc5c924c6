import type { ComparisonOperator, MetricAlarm, StandardUnit, Statistic } from "@aws-sdk/client-cloudwatch";
import { z } from "zod";
import { set, type Values, word } from "../../../plugin/spec";
import { type AwsTagging, fromPairs, pairs, row, tagged } from "../row";
import type { Aws } from "../session";

const tagging: AwsTagging = {
  by: "arn",
  list: async (aws, arn) =>
    fromPairs((await (await aws.cloudwatch()).listTagsForResource({ ResourceARN: arn })).Tags),
  tag: async (aws, arn, tags) =>
    (await aws.cloudwatch()).tagResource({ ResourceARN: arn, Tags: pairs(tags) }),
  untag: async (aws, arn, keys) =>
    (await aws.cloudwatch()).untagResource({ ResourceARN: arn, TagKeys: keys }),
};

const query = z.object({
  id: z.string(),
  accountId: z.string().optional(),
  expression: z.string().optional(),
  label: z.string().optional(),
  period: z.number().optional(),
  returnData: z.boolean().optional(),
  metric: z
    .object({
      metricName: z.string(),
      namespace: z.string().optional(),
      period: z.number(),
      stat: z.string(),
      unit: word<StandardUnit>().optional(),
      dimensions: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
});

const inputs = {
  ...tagged,
  name: z.string().meta({ named: 255, replaces: true }),
  alarmDescription: z.string().optional(),
  actionsEnabled: z.boolean().default(true),
  alarmActions: set(z.string()).optional(),
  okActions: set(z.string()).optional(),
  insufficientDataActions: set(z.string()).optional(),
  comparisonOperator: word<ComparisonOperator>().optional(),
  threshold: z.number().optional(),
  thresholdMetricId: z.string().optional(),
  evaluationPeriods: z.number().optional(),
  datapointsToAlarm: z.number().optional(),
  treatMissingData: z.string().default("missing"),
  evaluateLowSampleCountPercentiles: z.string().optional().meta({ computed: true }),
  namespace: z.string().optional(),
  metricName: z.string().optional(),
  dimensions: z.record(z.string(), z.string()).optional(),
  period: z.number().optional(),
  statistic: word<Statistic>().optional(),
  extendedStatistic: z.string().optional(),
  unit: word<StandardUnit>().optional(),
  metricQueries: set(query).optional(),
};

const dimensions = (given: Record<string, string> | undefined) =>
  Object.entries(given ?? {}).map(([Name, Value]) => ({ Name, Value }));

async function put(aws: Aws, alarm: Values<typeof inputs>, tags?: Record<string, string>): Promise<void> {
  await (await aws.cloudwatch()).putMetricAlarm({
    AlarmName: alarm.name,
    AlarmDescription: alarm.alarmDescription,
    ActionsEnabled: alarm.actionsEnabled,
    AlarmActions: alarm.alarmActions ?? [],
    OKActions: alarm.okActions ?? [],
    InsufficientDataActions: alarm.insufficientDataActions ?? [],
    ComparisonOperator: alarm.comparisonOperator,
    Threshold: alarm.threshold,
    ThresholdMetricId: alarm.thresholdMetricId,
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    TreatMissingData: alarm.treatMissingData,
    EvaluateLowSampleCountPercentile: alarm.evaluateLowSampleCountPercentiles,
    Namespace: alarm.namespace,
    MetricName: alarm.metricName,
    Dimensions: alarm.metricName ? dimensions(alarm.dimensions) : undefined,
    Period: alarm.period,
    Statistic: alarm.statistic,
    ExtendedStatistic: alarm.extendedStatistic,
    Unit: alarm.unit,
    Metrics: alarm.metricQueries?.map((q) => ({
      Id: q.id,
      AccountId: q.accountId,
      Expression: q.expression,
      Label: q.label,
      Period: q.period,
      ReturnData: q.returnData,
      MetricStat: q.metric && {
        Metric: {
          MetricName: q.metric.metricName,
          Namespace: q.metric.namespace,
          Dimensions: dimensions(q.metric.dimensions),
        },
        Period: q.metric.period,
        Stat: q.metric.stat,
        Unit: q.metric.unit,
      },
    })),
    Tags: tags && pairs(tags),
  });
}

/** Metric queries are not read back: the emulator forgets them, and would show a drift that is not there. */
function described(alarm: MetricAlarm) {
  const found = (alarm.Dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value]);
  return {
    name: alarm.AlarmName,
    alarmDescription: alarm.AlarmDescription ?? null,
    actionsEnabled: alarm.ActionsEnabled,
    alarmActions: alarm.AlarmActions,
    okActions: alarm.OKActions,
    insufficientDataActions: alarm.InsufficientDataActions,
    comparisonOperator: alarm.ComparisonOperator,
    threshold: alarm.Threshold,
    evaluationPeriods: alarm.EvaluationPeriods,
    datapointsToAlarm: alarm.DatapointsToAlarm,
    treatMissingData: alarm.TreatMissingData,
    namespace: alarm.Namespace,
    metricName: alarm.MetricName,
    dimensions: Object.fromEntries(found),
    period: alarm.Period,
    // The emulator answers with a plain statistic also where a percentile was asked for.
    statistic: alarm.ExtendedStatistic ? null : alarm.Statistic,
    extendedStatistic: alarm.ExtendedStatistic ?? null,
    unit: alarm.Unit,
    arn: alarm.AlarmArn,
  };
}

const Alarm = row({
  inputs,
  outputs: ["arn"],
  tagging,
  async create(aws, alarm) {
    await put(aws, alarm, alarm.tagsAll);
    return alarm.name;
  },
  async read(aws, id) {
    const { MetricAlarms = [] } = await (await aws.cloudwatch()).describeAlarms({ AlarmNames: [id] });
    const alarm = MetricAlarms.find(({ AlarmName }) => AlarmName === id);
    return alarm && described(alarm);
  },
  update: (aws, _id, alarm) => put(aws, alarm),
  delete: async (aws, id) => (await aws.cloudwatch()).deleteAlarms({ AlarmNames: [id] }),
});

export const alarms = { "aws:cloudwatch/metricAlarm:MetricAlarm": Alarm };
