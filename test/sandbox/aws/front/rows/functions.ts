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

const policy = (...statements: object[]) => encodeURIComponent(JSON.stringify({ Statement: statements }));
const allow = (Action: string | readonly string[], over: object = {}) => ({
  ...{ Effect: "Allow", Action, Resource: "*" },
  ...over,
});
const ENI = "ec2:CreateNetworkInterface";
const NETWORK = { SubnetIds: ["subnet-1"], SecurityGroupIds: ["sg-1"] };

/** The role's inline policy, and the managed one that is attached to it. */
const inNetwork =
  (inline: string, attached?: string, existing = false): Ask =>
  (aws, front) => {
    const { says } = front;
    says.GetRole = trust("lambda.amazonaws.com");
    says.ListRolePolicies = "<member>own</member>";
    says.GetRolePolicy = `<PolicyDocument>${inline}</PolicyDocument>`;
    says.ListAttachedRolePolicies =
      attached === undefined ? "<x/>" : "<PolicyArn>arn:aws:iam::aws:policy/x</PolicyArn>";
    says.GetPolicy = "<DefaultVersionId>v3</DefaultVersionId>";
    says.GetPolicyVersion = `<Document>${attached}</Document>`;
    says["GET /2015-03-31/functions/f/configuration"] = { Role: ROLE };
    return existing
      ? aws.lambda.updateFunctionConfiguration({ FunctionName: "f", VpcConfig: NETWORK })
      : aws.lambda.createFunction({
          ...{ FunctionName: "f", Role: ROLE, Code: { ZipFile: new Uint8Array() } },
          VpcConfig: NETWORK,
        });
  };

const environment = (Variables: Record<string, string>): Ask =>
  trusting("lambda.amazonaws.com", ({ lambda }) =>
    lambda.createFunction({
      ...{ FunctionName: "f", Role: ROLE, Code: { ZipFile: new Uint8Array() } },
      Environment: { Variables },
    }),
  );

const invoking =
  (bytes: number, InvocationType: "Event" | "RequestResponse"): Ask =>
  ({ lambda }) =>
    lambda.invoke({ FunctionName: "f", InvocationType, Payload: Buffer.alloc(bytes, " ") });

const group =
  (there: number): Ask =>
  ({ scheduler }, { says }) => {
    const ScheduleGroups = Array.from({ length: there }, (_, index) => ({ Name: `g${index}` }));
    says["GET /schedule-groups?MaxResults=1000"] = { ScheduleGroups };
    return scheduler.createScheduleGroup({ Name: "g" });
  };

const target = (length: number) =>
  schedule({
    Target: { Arn: "arn:aws:sqs:us-east-1:000000000000:q", RoleArn: ROLE, Input: name(length) },
  });
const QUEUE = "arn:aws:sqs:us-east-1:000000000000:q";

/** A function of 30 s that reads a queue. */
const reading =
  (
    over: Partial<CreateEventSourceMappingRequest> = {},
    visible = 30,
    actions: unknown = "sqs:*",
    on = QUEUE,
    attached?: string,
  ): Ask =>
  ({ lambda }, { says }) => {
    says["GET /2015-03-31/functions/f/configuration"] = { Timeout: 30, Role: ROLE };
    says.GetQueueUrl = { QueueUrl: "http://sqs/q" };
    says.GetQueueAttributes = { Attributes: { VisibilityTimeout: String(visible) } };
    says.ListAttachedRolePolicies =
      attached === undefined ? "<x/>" : "<PolicyArn>arn:aws:iam::aws:policy/x</PolicyArn>";
    says.GetPolicy = "<DefaultVersionId>v3</DefaultVersionId>";
    says.GetPolicyVersion = `<Document>${attached}</Document>`;
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
      reading({}, 30, "sns:*", QUEUE, policy(allow("sqs:*", { Resource: `${QUEUE}2` }))),
    ],
    taken: [
      reading({}, 30, ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]),
      reading({}, 30, "*", "arn:aws:sqs:*:000000000000:?"),
      reading({}, 30, "sns:*", QUEUE, policy(allow("sqs:*"))),
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
  "lambda-network": {
    refused: [
      inNetwork(policy(allow("logs:*"))),
      inNetwork(policy(allow("logs:*")), policy(allow("ec2:Describe*"))),
      inNetwork(policy(allow("ec2:*"), { Effect: "Deny", Action: ENI, Resource: "*" })),
      inNetwork(policy(allow("logs:*")), undefined, true),
    ],
    taken: [
      inNetwork(policy(allow(["logs:*", ENI]))),
      inNetwork(policy(allow("logs:*")), policy(allow("ec2:Create*"))),
      inNetwork(
        policy(allow("*"), { Effect: "Deny", Action: ENI, Resource: "*", Condition: { ArnEquals: {} } }),
      ),
      inNetwork(policy(allow(ENI)), undefined, true),
      environment({}),
    ],
    message: /permissions to call CreateNetworkInterface on EC2/,
  },
  "lambda-environment": {
    refused: [environment({ AB: name(4_089) })],
    taken: [environment({ AB: name(4_087) })],
    message: /exceeded the 4KB limit/,
  },
  "lambda-reserved": {
    refused: [environment({ AWS_REGION: "x" }), environment({ AB: "x", _HANDLER: "x" })],
    taken: [environment({ AWS_ENDPOINT_URL: "x", NODE_OPTIONS: "x", TZ: "x" })],
    message: /Reserved keys used in this request: (AWS_REGION|_HANDLER)$/,
  },
  "lambda-payload": {
    refused: [invoking(6_291_457, "RequestResponse"), invoking(1_048_577, "Event")],
    taken: [invoking(6_291_456, "RequestResponse"), invoking(1_048_576, "Event")],
    message: /must be smaller than (6291456|1048576) bytes/,
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
      ...[
        "rate(0 minutes)",
        "rate(90 seconds)",
        "rate(1.5 hours)",
        "cron(0 9 * * *)",
        "cron(0 9 * * MON *)",
      ].map((ScheduleExpression) => schedule({ ScheduleExpression })),
    ],
    taken: [
      schedule({
        ScheduleExpression: "cron(0 9 ? * MON-FRI *)",
        ScheduleExpressionTimezone: "Europe/Zurich",
      }),
      ...["rate(1 minute)", "rate(36 hours)", "cron(0/5 8-17 L * ? 2026,2027)"].map((ScheduleExpression) =>
        schedule({ ScheduleExpression }),
      ),
    ],
    message: /Invalid Schedule Expression/,
  },
  "scheduler-end": {
    refused: [
      schedule({ EndDate: new Date("2026-01-01T11:59:00Z") }),
      schedule({ StartDate: new Date("2026-01-02T00:00:00Z"), EndDate: new Date("2026-01-02T00:00:00Z") }),
    ],
    taken: [
      schedule({ StartDate: new Date("2026-01-02T00:00:00Z"), EndDate: new Date("2026-01-02T00:01:00Z") }),
      schedule({ ScheduleExpression: "at(2026-01-01T12:30:00)", EndDate: new Date("2025-01-01T00:00:00Z") }),
    ],
    message: /must come after/,
  },
  "scheduler-input": {
    refused: [target(262_145)],
    taken: [target(262_144)],
    message: /must not exceed 262144 bytes/,
  },
  "scheduler-groups": {
    refused: [group(500)],
    taken: [group(499)],
    message: /quota of 500 schedule groups/,
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
