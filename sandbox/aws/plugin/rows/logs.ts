import type { LogGroupClass } from "@aws-sdk/client-cloudwatch-logs";
import * as z from "zod";
import { json, word } from "../../../plugin/spec";
import { fromApi, service, toApi } from "../api";
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
    // No tags are no map: the service refuses an empty one.
    const tags = Object.keys(tagsAll).length > 0 ? tagsAll : undefined;
    await (await aws.logs()).createLogGroup({ logGroupName: name, kmsKeyId, logGroupClass, tags });
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

const transformation = {
  name: z.string().meta({ api: "metricName" }),
  namespace: z.string().meta({ api: "metricNamespace" }),
  value: z.string().meta({ api: "metricValue" }),
  defaultValue: z.string().optional().meta({ api: "defaultValue" }),
  unit: z.string().default("None").meta({ api: "unit" }),
  dimensions: z.record(z.string(), z.string()).optional().meta({ api: "dimensions" }),
};

/** In state it goes by its name; an import must name its group too. */
function locate(id: string, group: string | undefined): { logGroupName: string; filterName: string } {
  if (group !== undefined) return { logGroupName: group, filterName: id };
  const [logGroupName, filterName] = id.split(":");
  if (logGroupName && filterName) return { logGroupName, filterName };
  throw new Error(`to import a metric filter, give LOG-GROUP:FILTER, not ${id}`);
}

const MetricFilter = service((aws) => aws.logs(), { key: "resourceArn" }).row({
  inputs: {
    ...regional,
    name: z.string().meta({ named: 512, replaces: true, api: "filterName" }),
    logGroupName: fixed().meta({ api: "logGroupName" }),
    pattern: z.string().meta({ api: "filterPattern" }),
    metricTransformation: z.object(transformation).meta({ api: false }),
  },
  outputs: [],
  create: "putMetricFilter",
  update: "putMetricFilter",
  delete: "deleteMetricFilter",
  key: (filterName) => ({ filterName }),
  id: (_, { name }) => name,
  sends({ logGroupName, metricTransformation: { defaultValue, ...given } }) {
    const number = defaultValue === undefined ? undefined : Number(defaultValue);
    const metricTransformations = [{ ...toApi(transformation, given), defaultValue: number }];
    return { logGroupName, metricTransformations };
  },
  deletes: ({ logGroupName }) => ({ logGroupName }),
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
        ...fromApi(transformation, { ...to }),
        // "0.0" and "0" are one number; the program's spelling of it stays.
        defaultValue:
          Number(told?.defaultValue) === to.defaultValue ? told?.defaultValue : to.defaultValue?.toString(),
        unit: to.unit ?? told?.unit ?? "None",
      },
    };
  },
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
