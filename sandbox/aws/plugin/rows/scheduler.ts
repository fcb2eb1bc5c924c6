import * as z from "zod";
import type { Props } from "../../../plugin/values";
import { callsOf, fromApi, service } from "../api";
import { regional, tagged, told } from "../row";
import { idOf } from "./ids";

const scheduling = service((aws) => aws.scheduler(), { key: "ResourceArn" });

const Group = scheduling.row({
  inputs: { ...tagged, name: z.string().meta({ named: 64, replaces: true }) },
  outputs: ["arn", "creationDate", "lastModificationDate", "state"],
  create: "createScheduleGroup",
  read: "getScheduleGroup",
  delete: "deleteScheduleGroup",
  key: (Name) => ({ Name }),
  id: (_, { name }) => name,
  shows: ({ CreationDate, LastModificationDate }) => ({
    creationDate: (CreationDate as Date | undefined)?.toISOString(),
    lastModificationDate: (LastModificationDate as Date | undefined)?.toISOString(),
  }),
});

/** One instant can be written in many ways; the program's way stays. */
const instant = (found: Date | undefined, known: string | undefined) =>
  found && known && found.getTime() === new Date(known).getTime()
    ? known
    : (found?.toISOString().replace(".000Z", "Z") ?? null);

const date = (given: string | undefined) => (given === undefined ? undefined : new Date(given));

const targetSchema = z.object({
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
});

const Schedule = scheduling.row({
  inputs: {
    ...regional,
    name: z.string().meta({ named: 64, replaces: true }),
    groupName: z.string().default("default").meta({ replaces: true }),
    description: told(),
    scheduleExpression: z.string(),
    scheduleExpressionTimezone: z.string().default("UTC"),
    startDate: z.string().optional(),
    endDate: z.string().optional(),
    state: z.string().default("ENABLED"),
    kmsKeyArn: z.string().optional(),
    actionAfterCompletion: z.string().optional().meta({ computed: true }),
    flexibleTimeWindow: z.object({ mode: z.string(), maximumWindowInMinutes: z.number().optional() }),
    target: targetSchema,
  },
  outputs: ["arn"],
  ...callsOf("Schedule"),
  key: idOf("/", { GroupName: "GROUP", Name: "SCHEDULE" }),
  id: (_, { groupName, name }) => `${groupName}/${name}`,
  sends: ({ startDate, endDate }) => ({ StartDate: date(startDate), EndDate: date(endDate) }),
  shows({ StartDate, EndDate, Target }, _id, _aws, known) {
    const { retryPolicy, ...target } = fromApi({ target: targetSchema }, { Target }).target as Props;
    return {
      startDate: instant(StartDate as Date | undefined, known.startDate),
      endDate: instant(EndDate as Date | undefined, known.endDate),
      // The service fills one in where the program gives none.
      target: { ...target, ...(retryPolicy && known.target?.retryPolicy ? { retryPolicy } : {}) },
    };
  },
});

export const scheduler = {
  "aws:scheduler/schedule:Schedule": Schedule,
  "aws:scheduler/scheduleGroup:ScheduleGroup": Group,
};
