import { createHash } from "node:crypto";
import { ARCHIVE, ASSET, type Props, SIGNATURE } from "../../../../sandbox/plugin/values";
import { arnOf, type Cases, type World } from "./case";

const ROLE = "aws:iam/role:Role";
const FUNCTION = "aws:lambda/function:Function";
const QUEUE = "aws:sqs/queue:Queue";

export const trust = (service: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });
const allow = (action: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: "*" }] });

/** An archive of one text, as the engine sends it. */
function codeOf(text: string): Props {
  const hash = createHash("sha256").update(text).digest("hex");
  const asset = { [SIGNATURE]: ASSET, hash, text };
  return { [SIGNATURE]: ARCHIVE, hash, assets: { "index.js": asset } };
}

const role = async (world: World) =>
  arnOf(await world.has(ROLE, { assumeRolePolicy: trust("lambda.amazonaws.com") }));

const func = async (world: World) => (await living(world)).id;
/** A function that may read queues. */
async function readerArn(world: World): Promise<string> {
  const made = await world.has(ROLE, { assumeRolePolicy: trust("lambda.amazonaws.com") });
  await world.has("aws:iam/rolePolicy:RolePolicy", { role: made.id, policy: allow("sqs:*") });
  return arnOf(await living(world, arnOf(made)));
}

async function living(world: World, as?: string) {
  const code = codeOf("exports.handler = async () => 1;");
  const inputs = { code, role: as ?? (await role(world)), handler: "index.handler", runtime: "nodejs20.x" };
  return world.has(FUNCTION, inputs);
}

export const functions: Cases = {
  [FUNCTION]: async (world) => ({
    inputs: {
      code: codeOf("exports.handler = async () => 1;"),
      role: await role(world),
      handler: "index.handler",
      runtime: "nodejs20.x",
      environment: { variables: { FLOOR: "{}" } },
      timeout: 30,
      reservedConcurrentExecutions: 1,
      deadLetterConfig: { targetArn: arnOf(await world.has(QUEUE, {})) },
      tags: { a: "b" },
    },
    updates: [
      { code: codeOf("exports.handler = async () => 2;") },
      { memorySize: 256, description: "abort switch" },
      { environment: undefined },
      { reservedConcurrentExecutions: undefined },
      { deadLetterConfig: undefined },
      { tags: { c: "d" } },
    ],
    replaces: { name: "other" },
    unread: ["code"],
  }),

  "aws:lambda/permission:Permission": async (world) => ({
    inputs: {
      function: await func(world),
      action: "lambda:InvokeFunction",
      principal: "sns.amazonaws.com",
      sourceArn: "arn:aws:sns:us-east-1:000000000000:abort",
    },
    replaces: {
      function: "other",
      action: "lambda:GetFunction",
      principal: "events.amazonaws.com",
      sourceArn: "arn:other",
      sourceAccount: "1",
      statementId: "other",
    },
    importId: ({ id, state }) => `${state.function}/${id}`,
  }),

  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": async (world) => ({
    inputs: { functionName: await func(world), maximumRetryAttempts: 1, maximumEventAgeInSeconds: 120 },
    updates: [
      { maximumRetryAttempts: 0 },
      { destinationConfig: { onFailure: { destination: arnOf(await world.has(QUEUE, {})) } } },
    ],
    replaces: { functionName: "other", qualifier: "1" },
  }),

  "aws:lambda/eventSourceMapping:EventSourceMapping": async (world) => ({
    inputs: {
      eventSourceArn: arnOf(await world.has(QUEUE, {})),
      functionName: await readerArn(world),
      batchSize: 1,
      functionResponseTypes: ["ReportBatchItemFailures"],
      scalingConfig: { maximumConcurrency: 2 },
    },
    updates: [{ batchSize: 5 }, { enabled: false }, { scalingConfig: { maximumConcurrency: 3 } }],
    replaces: { eventSourceArn: "arn:other" },
  }),

  [ROLE]: () => ({
    inputs: { assumeRolePolicy: trust("lambda.amazonaws.com"), description: "abort", tags: { a: "b" } },
    updates: [
      { assumeRolePolicy: trust("scheduler.amazonaws.com") },
      { description: "other", maxSessionDuration: 7200 },
      { tags: { c: "d" } },
    ],
    replaces: { name: "other", path: "/ops/" },
  }),

  "aws:iam/rolePolicy:RolePolicy": async (world) => ({
    inputs: {
      role: (await world.has(ROLE, { assumeRolePolicy: trust("lambda.amazonaws.com") })).id,
      policy: allow("appconfig:StartDeployment"),
    },
    updates: [{ policy: allow("appconfig:StopDeployment") }],
    replaces: { name: "other", role: "other" },
  }),

  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": async (world) => ({
    inputs: {
      role: (await world.has(ROLE, { assumeRolePolicy: trust("lambda.amazonaws.com") })).id,
      policyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    },
    replaces: { role: "other", policyArn: "arn:other" },
  }),

  [QUEUE]: () => ({
    inputs: { messageRetentionSeconds: 1_209_600, sqsManagedSseEnabled: true, tags: { a: "b" } },
    updates: [{ visibilityTimeoutSeconds: 60 }, { messageRetentionSeconds: undefined }, { tags: { c: "d" } }],
    replaces: { name: "other", fifoQueue: true },
  }),

  "aws:sqs/queuePolicy:QueuePolicy": async (world) => ({
    inputs: { queueUrl: (await world.has(QUEUE, {})).id, policy: allow("sqs:SendMessage") },
    updates: [{ policy: allow("sqs:*") }],
    replaces: { queueUrl: "other" },
  }),
};
