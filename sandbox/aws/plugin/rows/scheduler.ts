import type { ActionAfterCompletion, FlexibleTimeWindowMode, ScheduleState } from "@aws-sdk/client-scheduler";
import { z } from "zod";
import { type Values, word } from "../../../plugin/spec";
import { type AwsTagging, fromPairs, pairs, regional, row, tagged } from "../row";

const tagging: AwsTagging = {
  by: "arn",
  list: async (aws, arn) =>
    fromPairs((await (await aws.scheduler()).listTagsForResource({ ResourceArn: arn })).Tags),
  tag: async (aws, arn, tags) => (await aws.scheduler()).tagResource({ ResourceArn: arn, Tags: pairs(tags) }),
  untag: async (aws, arn, keys) => (await aws.scheduler()).untagResource({ ResourceArn: arn, TagKeys: keys }),
};

const Group = row({
  inputs: { ...tagged, name: z.string().meta({ named: 64, replaces: true }) },
  outputs: ["arn", "creationDate", "lastModificationDate", "state"],
  tagging,
  async create(aws, { name, tagsAll }) {
    await (await aws.scheduler()).createScheduleGroup({ Name: name, Tags: pairs(tagsAll) });
    return name;
  },
  async read(aws, id) {
    const found = await (await aws.scheduler()).getScheduleGroup({ Name: id });
    return {
      name: found.Name,
      arn: found.Arn,
      creationDate: found.CreationDate?.toISOString(),
      lastModificationDate: found.LastModificationDate?.toISOString(),
      state: found.State,
    };
  },
  delete: async (aws, id) => (await aws.scheduler()).deleteScheduleGroup({ Name: id }),
});

const inputs = {
  ...regional,
  name: z.string().meta({ named: 64, replaces: true }),
  groupName: z.string().default("default").meta({ replaces: true }),
  description: z.string().optional(),
  scheduleExpression: z.string(),
  scheduleExpressionTimezone: z.string().default("UTC"),
  startDate: z.string().optional(),
  endDate: z.string().optional(),
  state: word<ScheduleState>().default("ENABLED"),
  kmsKeyArn: z.string().optional(),
  actionAfterCompletion: word<ActionAfterCompletion>().optional().meta({ computed: true }),
  flexibleTimeWindow: z.object({
    mode: word<FlexibleTimeWindowMode>(),
    maximumWindowInMinutes: z.number().optional(),
  }),
  target: z.object({
    arn: z.string(),
    roleArn: z.string(),
    input: z.string().optional(),
    deadLetterConfig: z.object({ arn: z.string() }).optional(),
    retryPolicy: z
      .object({
        maximumEventAgeInSeconds: z.number().default(86_400),
        maximumRetryAttempts: z.number().default(185),
      })
      .optional(),
  }),
};

function wanted(schedule: Values<typeof inputs>) {
  const { target, flexibleTimeWindow: window, startDate, endDate } = schedule;
  return {
    Name: schedule.name,
    GroupName: schedule.groupName,
    Description: schedule.description,
    ScheduleExpression: schedule.scheduleExpression,
    ScheduleExpressionTimezone: schedule.scheduleExpressionTimezone,
    StartDate: startDate === undefined ? undefined : new Date(startDate),
    EndDate: endDate === undefined ? undefined : new Date(endDate),
    State: schedule.state,
    KmsKeyArn: schedule.kmsKeyArn,
    ActionAfterCompletion: schedule.actionAfterCompletion,
    FlexibleTimeWindow: { Mode: window.mode, MaximumWindowInMinutes: window.maximumWindowInMinutes },
    Target: {
      Arn: target.arn,
      RoleArn: target.roleArn,
      Input: target.input,
      DeadLetterConfig: target.deadLetterConfig && { Arn: target.deadLetterConfig.arn },
      RetryPolicy: target.retryPolicy && {
        MaximumEventAgeInSeconds: target.retryPolicy.maximumEventAgeInSeconds,
        MaximumRetryAttempts: target.retryPolicy.maximumRetryAttempts,
      },
    },
  };
}

const locate = (id: string) => {
  const [GroupName, Name] = id.split("/");
  return { GroupName, Name };
};

/** One instant can be written in many ways; the program's way stays. */
const instant = (found: Date | undefined, known: string | undefined) =>
  found && known && found.getTime() === new Date(known).getTime()
    ? known
    : (found?.toISOString().replace(".000Z", "Z") ?? null);

const Schedule = row({
  inputs,
  outputs: ["arn"],
  async create(aws, schedule) {
    await (await aws.scheduler()).createSchedule(wanted(schedule));
    return `${schedule.groupName}/${schedule.name}`;
  },
  async read(aws, id, known) {
    const found = await (await aws.scheduler()).getSchedule(locate(id));
    const { FlexibleTimeWindow: window, Target: target } = found;
    const { DeadLetterConfig: letters, RetryPolicy: retry } = target ?? {};
    return {
      name: found.Name,
      groupName: found.GroupName,
      description: found.Description ?? null,
      scheduleExpression: found.ScheduleExpression,
      scheduleExpressionTimezone: found.ScheduleExpressionTimezone,
      startDate: instant(found.StartDate, known.startDate),
      endDate: instant(found.EndDate, known.endDate),
      state: found.State,
      kmsKeyArn: found.KmsKeyArn,
      actionAfterCompletion: found.ActionAfterCompletion,
      flexibleTimeWindow: {
        mode: window?.Mode,
        ...(window?.MaximumWindowInMinutes ? { maximumWindowInMinutes: window.MaximumWindowInMinutes } : {}),
      },
      target: {
        arn: target?.Arn,
        roleArn: target?.RoleArn,
        ...(target?.Input === undefined ? {} : { input: target.Input }),
        ...(letters ? { deadLetterConfig: { arn: letters.Arn } } : {}),
        ...(retry && known.target?.retryPolicy
          ? {
              retryPolicy: {
                maximumEventAgeInSeconds: retry.MaximumEventAgeInSeconds,
                maximumRetryAttempts: retry.MaximumRetryAttempts,
              },
            }
          : {}),
      },
      arn: found.Arn,
    };
  },
  update: async (aws, _id, schedule) => (await aws.scheduler()).updateSchedule(wanted(schedule)),
  delete: async (aws, id) => (await aws.scheduler()).deleteSchedule(locate(id)),
});

export const scheduler = {
  "aws:scheduler/schedule:Schedule": Schedule,
  "aws:scheduler/scheduleGroup:ScheduleGroup": Group,
};
