import type { LogGroupClass, StandardUnit } from "@aws-sdk/client-cloudwatch-logs";
import * as z from "zod";
import { json, type Values, word } from "../../../plugin/spec";
import { service } from "../api";
import { type AwsTagging, fixed, regional, row, tagged } from "../row";
import type { Aws } from "../session";

const tagging: AwsTagging = {
  by: "arn",
  list: async (aws, arn) => (await (await aws.logs()).listTagsForResource({ resourceArn: arn })).tags ?? {},
  tag: async (aws, arn, tags) => (await aws.logs()).tagResource({ resourceArn: arn, tags }),
  untag: async (aws, arn, keys) => (await aws.logs()).untagResource({ resourceArn: arn, tagKeys: keys }),
};

async function retain(aws: Aws, logGroupName: string, days: number): Promise<void> {
  const logs = await aws.logs();
  if (days > 0) await logs.putRetentionPolicy({ logGroupName, retentionInDays: days });
  else await logs.deleteRetentionPolicy({ logGroupName });
}

const LogGroup = row({
  inputs: {
    ...tagged,
    name: z.string().meta({ named: 512, replaces: true }),
    retentionInDays: z.number().default(0),
    kmsKeyId: z.string().optional(),
    logGroupClass: word<LogGroupClass>().optional().meta({ computed: true, replaces: true }),
    skipDestroy: z.boolean().default(false),
  },
  outputs: ["arn"],
  tagging,
  async create(aws, { name, kmsKeyId, logGroupClass, retentionInDays, tagsAll }) {
    await (await aws.logs()).createLogGroup({ logGroupName: name, kmsKeyId, logGroupClass, tags: tagsAll });
    if (retentionInDays > 0) await retain(aws, name, retentionInDays);
    return name;
  },
  async read(aws, id) {
    const { logGroups = [] } = await (await aws.logs()).describeLogGroups({ logGroupNamePrefix: id });
    const found = logGroups.find(({ logGroupName }) => logGroupName === id);
    return (
      found && {
        name: id,
        retentionInDays: found.retentionInDays ?? 0,
        kmsKeyId: found.kmsKeyId,
        logGroupClass: found.logGroupClass,
        // Without the ":*" that stands for its streams.
        arn: found.arn?.replace(/:\*$/, ""),
      }
    );
  },
  async update(aws, id, news, olds) {
    const logs = await aws.logs();
    if (news.retentionInDays !== olds.retentionInDays) await retain(aws, id, news.retentionInDays);
    if (news.kmsKeyId === olds.kmsKeyId) return;
    if (news.kmsKeyId === undefined) await logs.disassociateKmsKey({ logGroupName: id });
    else await logs.associateKmsKey({ logGroupName: id, kmsKeyId: news.kmsKeyId });
  },
  delete: async (aws, id, { skipDestroy }) =>
    skipDestroy ? undefined : (await aws.logs()).deleteLogGroup({ logGroupName: id }),
});

const filterInputs = {
  ...regional,
  name: z.string().meta({ named: 512, replaces: true }),
  logGroupName: fixed(),
  pattern: z.string(),
  metricTransformation: z.object({
    name: z.string(),
    namespace: z.string(),
    value: z.string(),
    defaultValue: z.string().optional(),
    unit: word<StandardUnit>().default("None"),
    dimensions: z.record(z.string(), z.string()).optional(),
  }),
};

async function putFilter(aws: Aws, filter: Values<typeof filterInputs>): Promise<void> {
  const { name, namespace, value, defaultValue, unit, dimensions } = filter.metricTransformation;
  await (await aws.logs()).putMetricFilter({
    logGroupName: filter.logGroupName,
    filterName: filter.name,
    filterPattern: filter.pattern,
    metricTransformations: [
      {
        metricName: name,
        metricNamespace: namespace,
        metricValue: value,
        defaultValue: defaultValue === undefined ? undefined : Number(defaultValue),
        unit,
        dimensions,
      },
    ],
  });
}

/** In state it goes by its name; an import must name its group too. */
function locate(id: string, group: string | undefined): { logGroupName: string; filterName: string } {
  if (group !== undefined) return { logGroupName: group, filterName: id };
  const [logGroupName, filterName] = id.split(":");
  if (logGroupName && filterName) return { logGroupName, filterName };
  throw new Error(`to import a metric filter, give LOG-GROUP:FILTER, not ${id}`);
}

const MetricFilter = row({
  inputs: filterInputs,
  outputs: [],
  async create(aws, filter) {
    await putFilter(aws, filter);
    return filter.name;
  },
  async read(aws, id, known) {
    const { logGroupName, filterName } = locate(id, known.logGroupName);
    const logs = await aws.logs();
    const answer = await logs.describeMetricFilters({ logGroupName, filterNamePrefix: filterName });
    const found = answer.metricFilters?.find((filter) => filter.filterName === filterName);
    const [to] = found?.metricTransformations ?? [];
    if (!found || !to) return undefined;
    const told = known.metricTransformation;
    return {
      id: filterName,
      name: filterName,
      logGroupName,
      pattern: found.filterPattern,
      metricTransformation: {
        name: to.metricName,
        namespace: to.metricNamespace,
        value: to.metricValue,
        // "0.0" and "0" are one number; the program's spelling of it stays.
        ...(to.defaultValue === undefined
          ? {}
          : Number(told?.defaultValue) === to.defaultValue
            ? { defaultValue: told?.defaultValue }
            : { defaultValue: String(to.defaultValue) }),
        unit: to.unit ?? told?.unit ?? "None",
        ...(to.dimensions ? { dimensions: to.dimensions } : {}),
      },
    };
  },
  update: (aws, _id, filter) => putFilter(aws, filter),
  delete: async (aws, id, { logGroupName }) =>
    (await aws.logs()).deleteMetricFilter({ logGroupName, filterName: id }),
});

const Dashboard = service((aws) => aws.cloudwatch(), { key: "ResourceARN" }).row({
  inputs: { ...regional, dashboardName: fixed(), dashboardBody: json() },
  outputs: ["dashboardArn"],
  create: "putDashboard",
  read: "getDashboard",
  update: "putDashboard",
  delete: "deleteDashboards",
  key: (DashboardName) => ({ DashboardName }),
  names: (name) => ({ DashboardNames: [name] }),
  id: (_, { dashboardName }) => dashboardName,
});

export const logs = {
  "aws:cloudwatch/logGroup:LogGroup": LogGroup,
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": MetricFilter,
  "aws:cloudwatch/dashboard:Dashboard": Dashboard,
};
