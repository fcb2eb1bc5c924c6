import { arnOf, type Cases } from "./case";
import { trust } from "./functions";

const RULE = "aws:cloudwatch/eventRule:EventRule";
const GROUP = "aws:scheduler/scheduleGroup:ScheduleGroup";
const QUEUE = "aws:sqs/queue:Queue";

export const time: Cases = {
  [RULE]: () => ({
    inputs: { scheduleExpression: "rate(1 minute)", description: "probe", tags: { a: "b" } },
    updates: [{ scheduleExpression: "rate(5 minutes)" }, { state: "DISABLED" }, { tags: { c: "d" } }],
    replaces: { name: "other", eventBusName: "other" },
  }),

  "aws:cloudwatch/eventTarget:EventTarget": async (world) => ({
    inputs: {
      rule: (await world.has(RULE, { scheduleExpression: "rate(1 minute)" })).id,
      arn: arnOf(await world.has(QUEUE, {})),
      input: '{"stage":"stageB"}',
      retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 60 },
    },
    updates: [{ input: '{"stage":"stageA"}' }, { arn: arnOf(await world.has(QUEUE, { name: "other" })) }],
    replaces: { rule: "other", targetId: "other", eventBusName: "other" },
    importId: ({ state }) => `${state.rule}/${state.targetId}`,
  }),

  [GROUP]: () => ({
    inputs: { tags: { a: "b" } },
    updates: [{ tags: { c: "d" } }],
    replaces: { name: "other" },
  }),

  "aws:scheduler/schedule:Schedule": async (world) => {
    const role = await world.has("aws:iam/role:Role", { assumeRolePolicy: trust("scheduler.amazonaws.com") });
    const target = {
      arn: arnOf(await world.has(QUEUE, {})),
      roleArn: arnOf(role),
      input: '{"message":"C2"}',
    };
    return {
      inputs: {
        groupName: (await world.has(GROUP, {})).id,
        scheduleExpression: "at(2099-01-01T00:00:00)",
        scheduleExpressionTimezone: "Europe/Zurich",
        flexibleTimeWindow: { mode: "OFF" },
        target: { ...target, retryPolicy: { maximumRetryAttempts: 3 } },
        actionAfterCompletion: "NONE",
        endDate: "2099-06-01T00:00:00Z",
      },
      updates: [
        { scheduleExpression: "at(2099-01-02T00:00:00)" },
        { target: { ...target, input: '{"message":"C4"}' } },
        { state: "DISABLED", description: "later" },
      ],
      replaces: { name: "other", groupName: "other" },
      unread: ["target"],
    };
  },
};
