import * as z from "zod";
import { set, type Values } from "../../../plugin/spec";
import { service, toApi } from "../api";
import { pairsOf, tagged, told } from "../row";

const cloudwatch = service((aws) => aws.cloudwatch(), { key: "ResourceARN" });

const dimensions = z.record(z.string(), z.string()).optional().meta({ api: false });

const metric = {
  metricName: z.string().meta({ api: false }),
  namespace: z.string().optional().meta({ api: false }),
  period: z.number(),
  stat: z.string(),
  unit: z.string().optional(),
  dimensions,
};

const query = {
  id: z.string(),
  accountId: z.string().optional(),
  expression: z.string().optional(),
  label: z.string().optional(),
  period: z.number().optional(),
  returnData: z.boolean().optional(),
  metric: z.object(metric).optional().meta({ api: false }),
};

const actions = () => set(z.string()).optional();

const inputs = {
  ...tagged,
  name: z.string().meta({ named: 255, replaces: true, api: "AlarmName" }),
  alarmDescription: told(),
  actionsEnabled: z.boolean().default(true),
  alarmActions: actions().meta({ clear: [] }),
  okActions: actions().meta({ clear: [], api: "OKActions" }),
  insufficientDataActions: actions().meta({ clear: [] }),
  comparisonOperator: z.string().optional(),
  threshold: z.number().optional(),
  thresholdMetricId: z.string().optional(),
  evaluationPeriods: z.number().optional(),
  datapointsToAlarm: z.number().optional(),
  treatMissingData: z.string().default("missing"),
  evaluateLowSampleCountPercentiles: z
    .string()
    .optional()
    .meta({ computed: true, api: "EvaluateLowSampleCountPercentile" }),
  namespace: z.string().optional(),
  metricName: z.string().optional(),
  dimensions,
  period: z.number().optional(),
  statistic: z.string().optional(),
  extendedStatistic: told(),
  unit: z.string().optional(),
  // Not read back: the emulator forgets them, and would show a drift that is not there.
  metricQueries: set(z.object(query)).optional().meta({ api: false }),
};

type Query = NonNullable<Values<typeof inputs>["metricQueries"]>[number];

const named = pairsOf("Name", "Value");

const sentQuery = ({ metric: of, ...rest }: Query) => ({
  ...toApi(query, rest),
  MetricStat: of && {
    ...toApi(metric, of),
    Metric: {
      MetricName: of.metricName,
      Namespace: of.namespace,
      Dimensions: named.write(of.dimensions ?? {}),
    },
  },
});

/** What an alarm on math does not have. */
const NO_METRIC = {
  ...{ namespace: null, metricName: null, dimensions: null, period: null },
  ...{ statistic: null, extendedStatistic: null },
};

const Alarm = cloudwatch.row({
  inputs,
  outputs: ["arn"],
  create: "putMetricAlarm",
  read: "describeAlarms",
  update: "putMetricAlarm",
  delete: "deleteAlarms",
  key: (AlarmName) => ({ AlarmName }),
  names: (AlarmName) => ({ AlarmNames: [AlarmName] }),
  id: (_, { name }) => name,
  sends: ({ metricName, dimensions: given, metricQueries }) => ({
    Dimensions: metricName ? named.write(given ?? {}) : undefined,
    Metrics: metricQueries?.map(sentQuery),
  }),
  within: ({ MetricAlarms = [] }, id) => (MetricAlarms as Found[]).find(({ AlarmName }) => AlarmName === id),
  shows: ({ Dimensions, ExtendedStatistic, Statistic, AlarmArn, Metrics }, _id, _aws, known) => ({
    dimensions: named.read(Dimensions),
    // The emulator answers with a plain statistic also where a percentile was asked for.
    statistic: ExtendedStatistic ? null : Statistic,
    // So it does where math was, and with a period.
    ...(known.metricQueries || (Metrics as unknown[] | undefined)?.length ? NO_METRIC : {}),
    arn: AlarmArn,
  }),
});

type Found = Readonly<Record<string, string>>;

const suppressor = { alarm: z.string(), extensionPeriod: z.number(), waitPeriod: z.number() };

const Composite = cloudwatch.row({
  inputs: {
    ...tagged,
    alarmName: z.string().meta({ replaces: true }),
    alarmRule: z.string(),
    alarmDescription: told(),
    actionsEnabled: z.boolean().default(true).meta({ replaces: true }),
    alarmActions: actions().meta({ clear: [] }),
    okActions: actions().meta({ clear: [], api: "OKActions" }),
    insufficientDataActions: actions().meta({ clear: [] }),
    actionsSuppressor: z.object(suppressor).optional().meta({ api: false }),
  },
  outputs: ["arn"],
  create: "putCompositeAlarm",
  read: "describeAlarms",
  // Told as a whole: what an update leaves out is taken away. Whether actions run is told once, and stays.
  update: "putCompositeAlarm",
  delete: "deleteAlarms",
  key: (AlarmName) => ({ AlarmName }),
  names: (AlarmName) => ({ AlarmNames: [AlarmName] }),
  reads: { AlarmTypes: ["CompositeAlarm"] },
  id: (_, { alarmName }) => alarmName,
  sends: ({ actionsEnabled, actionsSuppressor: by }) => ({
    ActionsEnabled: actionsEnabled,
    ActionsSuppressor: by?.alarm,
    ActionsSuppressorExtensionPeriod: by?.extensionPeriod,
    ActionsSuppressorWaitPeriod: by?.waitPeriod,
  }),
  within: ({ CompositeAlarms = [] }, id) =>
    (CompositeAlarms as Found[]).find(({ AlarmName }) => AlarmName === id),
  shows: ({ AlarmArn }) => ({ arn: AlarmArn }),
});

export const alarms = {
  "aws:cloudwatch/metricAlarm:MetricAlarm": Alarm,
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": Composite,
};
