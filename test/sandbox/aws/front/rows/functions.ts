import type { CreateEventSourceMappingRequest } from "@aws-sdk/client-lambda";
import type { CreateScheduleInput } from "@aws-sdk/client-scheduler";
import { type Ask, name, type Rows } from "./ask";

const trust = (service: string) =>
  `<AssumeRolePolicyDocument>${encodeURIComponent(
    JSON.stringify({
      Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
    }),
  )}</AssumeRolePolicyDocument>`;

/** The role that everything names is for this service. */
const trusting =
  (service: string, ask: Ask): Ask =>
  (aws, front) => {
    front.says.GetRole = trust(service);
    return ask(aws, front);
  };

const ROLE = "arn:aws:iam::000000000000:role/service/r";

const named =
  (FunctionName: string): Ask =>
  ({ lambda }) =>
    lambda.createFunction({ FunctionName, Role: ROLE, Code: { ZipFile: new Uint8Array() } });

const createFunction = named("f");

const schedule = (over: Partial<CreateScheduleInput>, trusted = "scheduler.amazonaws.com"): Ask =>
  trusting(trusted, ({ scheduler }) =>
    scheduler.createSchedule({
      Name: "s",
      ScheduleExpression: "rate(1 minute)",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { Arn: "arn:aws:sqs:us-east-1:000000000000:q", RoleArn: ROLE },
      ...over,
    }),
  );

const reserving =
  (mine: number, other: number): Ask =>
  ({ lambda }, { says }) => {
    says["GET /2015-03-31/functions/?MaxItems=10000"] = {
      Functions: [{ FunctionName: "mine" }, { FunctionName: "other" }],
    };
    says["GET /2019-09-30/functions/other/concurrency"] = { ReservedConcurrentExecutions: other };
    return lambda.putFunctionConcurrency({ FunctionName: "mine", ReservedConcurrentExecutions: mine });
  };

const QUEUE = "arn:aws:sqs:us-east-1:000000000000:q";

/** A function of 30 s that reads a queue. */
const reading =
  (
    over: Partial<CreateEventSourceMappingRequest> = {},
    visible = 30,
    actions: unknown = "sqs:*",
    on = QUEUE,
  ): Ask =>
  ({ lambda }, { says }) => {
    says["GET /2015-03-31/functions/f/configuration"] = { Timeout: 30, Role: ROLE };
    says.GetQueueUrl = { QueueUrl: "http://sqs/q" };
    says.GetQueueAttributes = { Attributes: { VisibilityTimeout: String(visible) } };
    says.ListAttachedRolePolicies = "<AttachedPolicies/>";
    says.ListRolePolicies = "<PolicyNames><member>p</member></PolicyNames>";
    const Statement = [{ Effect: "Allow", Action: actions, Resource: [on] }];
    says.GetRolePolicy = `<PolicyDocument>${encodeURIComponent(JSON.stringify({ Statement }))}</PolicyDocument>`;
    return lambda.createEventSourceMapping({ EventSourceArn: QUEUE, FunctionName: "f", ...over });
  };
const FIFO = { EventSourceArn: `${QUEUE}.fifo` };

export const functions: Rows = {
  "lambda-source-batch": {
    refused: [
      reading({ BatchSize: 11 }),
      reading({ BatchSize: 11, MaximumBatchingWindowInSeconds: 0 }),
      reading({ ...FIFO, BatchSize: 11 }, 30, "sqs:*", "*"),
    ],
    taken: [
      reading({ BatchSize: 10 }),
      reading({ BatchSize: 11, MaximumBatchingWindowInSeconds: 1 }),
      reading({ ...FIFO, BatchSize: 10 }, 30, "sqs:*", "*"),
    ],
    message: /batch/i,
  },
  "lambda-source-visibility": {
    refused: [reading({}, 29)],
    taken: [
      reading({}, 30),
      reading({ FunctionName: "arn:aws:lambda:us-east-1:000000000000:function:f" }, 30),
    ],
    message: /^Queue visibility timeout: 29 seconds is less than Function timeout: 30 seconds$/,
  },
  "lambda-source-role": {
    refused: [
      reading({}, 30, ["sqs:ReceiveMessage", "sqs:DeleteMessage"]),
      reading({}, 30, "sqs:*", `${QUEUE}2`),
      reading({}, 30, "sns:*"),
    ],
    taken: [
      reading({}, 30, ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]),
      reading({}, 30, "*", "arn:aws:sqs:*:000000000000:?"),
    ],
    message: /does not have permissions to call (ReceiveMessage|GetQueueAttributes) on SQS/,
  },
  "lambda-name": {
    refused: [trusting("lambda.amazonaws.com", named(name(65)))],
    taken: [trusting("lambda.amazonaws.com", named(name(64)))],
    message: /length less than or equal to 64/,
  },
  "lambda-role": {
    refused: [trusting("scheduler.amazonaws.com", createFunction)],
    taken: [trusting("lambda.amazonaws.com", createFunction)],
    message: /cannot be assumed by Lambda/,
  },
  "lambda-concurrency": {
    refused: [reserving(995, 0), reserving(5, 896)],
    taken: [reserving(900, 0), reserving(5, 895)],
    message: /minimum value of \[100\]/,
  },
  "scheduler-expression": {
    refused: [
      schedule({ ScheduleExpression: "at(soon)" }),
      schedule({ ScheduleExpressionTimezone: "Europe/Nowhere" }),
    ],
    taken: [
      schedule({
        ScheduleExpression: "cron(0 9 ? * MON-FRI *)",
        ScheduleExpressionTimezone: "Europe/Zurich",
      }),
    ],
    message: /Invalid Schedule Expression/,
  },
  "scheduler-past": {
    // It is noon in UTC, and one o'clock in Zurich.
    refused: [
      schedule({ ScheduleExpression: "at(2026-01-01T11:59:59)" }),
      schedule({
        ScheduleExpression: "at(2026-01-01T12:30:00)",
        ScheduleExpressionTimezone: "Europe/Zurich",
      }),
    ],
    taken: [schedule({ ScheduleExpression: "at(2026-01-01T12:30:00)" })],
    message: /must be in the future/,
  },
  "scheduler-start": {
    refused: [schedule({ StartDate: new Date("2026-01-01T11:54:00Z") })],
    taken: [schedule({ StartDate: new Date("2026-01-01T11:56:00Z") })],
    message: /earlier than 5 minutes ago/,
  },
  "scheduler-role": {
    refused: [schedule({}, "lambda.amazonaws.com")],
    taken: [schedule({})],
    message: /must allow AWS EventBridge Scheduler to assume the role/,
  },
};
