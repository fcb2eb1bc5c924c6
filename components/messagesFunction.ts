import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { partName, roleName, watchName } from "../src/aws/names";
import { messagesSecretText } from "../src/lambda/messagesSecret";
import type { MessagesSettings } from "../src/lambda/messagesSettings";
import { sentGroup } from "../src/messages/post";
import { askedOf } from "../src/rollout/cause";
import { scheduledOf } from "../src/rollout/config/messages";
import {
  declareDeadLetterQueue,
  errorsOf,
  functionLogs,
  HANDLER_RUNTIME,
  handlerCode,
  messagesIn,
  reaching,
  type Watched,
  watchAlarm,
} from "./handler";
import { declareSecret } from "./loginSecret";
import { type MessagesArgs, plainBaseline, type Sight, sightOf } from "./messagesArgs";
import { ASSUME_ROLE } from "./permissions/abortSwitch";
import { messagesPolicyOf, schedulerPolicyOf, schedulerTrustOf } from "./permissions/messages";

/** The function that says what is due, and what calls it. */
export interface MessagesFunction {
  readonly fn: aws.lambda.Function;
  /** With which schedules call it. */
  readonly role: aws.iam.Role;
  readonly deadLetterQueue: aws.sqs.Queue;
  /** What must be there before the flags change. */
  readonly ready: pulumi.Resource[];
}

/** Until the slowest gate was given up on, and everybody was told. */
const TIMEOUT_SECONDS = 120;

/** Declares the messages function of a stage: its function, its role, its secret, its queue, and alarms on itself. */
export function declareMessagesFunction(
  name: string,
  args: MessagesArgs,
  told: aws.cloudwatch.LogGroup,
  parent: pulumi.CustomResourceOptions,
): MessagesFunction {
  const { rollout, stage } = args;
  const functionName = partName(rollout.name, stage.name, "messages");
  const sight = sightOf(args);
  const deadLetterQueue = declareDeadLetterQueue(name, `${functionName}-dlq`, parent);
  const logs = functionLogs(name, functionName, parent);
  const role = new aws.iam.Role(
    `${name}-messages`,
    {
      name: roleName(rollout.name, stage.name, "messages", args.region),
      description: `Tells people how ${stage.name} of ${rollout.name} has been`,
      assumeRolePolicy: ASSUME_ROLE,
    },
    parent,
  );
  const kept =
    sight.secret &&
    declareSecret(
      `${name}-messages`,
      {
        name: `cutover/${rollout.name}/${stage.name}/messages`,
        description: `What the messages function of ${rollout.name} ${stage.name} reads gates with`,
        text: pulumi.secret(messagesSecretText(sight.secret)),
      },
      parent,
    );
  const settings = settingsOf(args, sight, kept?.secret.arn);
  // The database alone is reached from within a network.
  const vpc = sight.sources.database ? rollout.database?.vpc : undefined;
  const permissions = new aws.iam.RolePolicy(
    `${name}-messages`,
    {
      name: "messages",
      role: role.name,
      policy: pulumi
        .all([settings, deadLetterQueue.arn, logs.arn, told.arn])
        .apply(([{ store, topics, sources }, deadLetterQueueArn, logsArn, sentArn]) =>
          messagesPolicyOf({
            store,
            topics: scheduledOf(args.messages).flatMap(({ message }) => message.to.map((to) => topics[to])),
            looks: sight.looks,
            secretArn: sources.secretArn,
            iam: sources.iam && { login: sources.iam, resource: rollout.database?.login?.resource },
            inVpc: vpc && functionName,
            deadLetterQueueArn,
            logsArn,
            sentArn,
          }),
        ),
    },
    parent,
  );
  const fn = new aws.lambda.Function(
    `${name}-messages`,
    {
      name: functionName,
      description: `Sends the timed messages of ${stage.name} of ${rollout.name}`,
      role: role.arn,
      ...HANDLER_RUNTIME,
      code: handlerCode("messages", settings),
      memorySize: 512,
      timeout: TIMEOUT_SECONDS,
      deadLetterConfig: { targetArn: deadLetterQueue.arn },
      ...reaching(sight.sources.database, vpc),
    },
    // Without its permissions it would fail; without the group Lambda makes one that never ends.
    { ...parent, dependsOn: [permissions, logs, ...(kept ? [kept.version] : [])] },
  );
  const scheduler = declareSchedulerRole(name, args, { fn, deadLetterQueue }, parent);
  const watches = declareWatches(name, args, { functionName, fn, deadLetterQueue }, parent);
  return { fn, role: scheduler.role, deadLetterQueue, ready: [fn, scheduler.policy, ...watches] };
}

function declareSchedulerRole(
  name: string,
  { rollout, stage, region }: MessagesArgs,
  { fn, deadLetterQueue }: Pick<MessagesFunction, "fn" | "deadLetterQueue">,
  parent: pulumi.CustomResourceOptions,
): { role: aws.iam.Role; policy: aws.iam.RolePolicy } {
  const role = new aws.iam.Role(
    `${name}-scheduler`,
    {
      name: roleName(rollout.name, stage.name, "scheduler", region),
      description: `Calls the messages function of ${stage.name} of ${rollout.name}`,
      assumeRolePolicy: deadLetterQueue.arn.apply(schedulerTrustOf),
    },
    parent,
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-scheduler`,
    {
      name: "call-the-messages-function",
      role: role.name,
      policy: pulumi
        .all([fn.arn, deadLetterQueue.arn])
        .apply(([functionArn, deadLetterQueueArn]) => schedulerPolicyOf({ functionArn, deadLetterQueueArn })),
    },
    parent,
  );
  return { role, policy };
}

/** Alarms on the messages function itself: people wait for what it has to say, and silence would pass for good news. */
function declareWatches(
  name: string,
  { rollout, stage, topics }: MessagesArgs,
  on: { functionName: string; fn: aws.lambda.Function; deadLetterQueue: aws.sqs.Queue },
  parent: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm[] {
  const { functionName, fn, deadLetterQueue } = on;
  const { onCall } = pulumi.output(topics);
  const watch = (part: string, says: string, what: Omit<Watched, "name" | "alarmDescription">) =>
    watchAlarm(
      `${name}-${part}`,
      {
        name: watchName(functionName, part),
        alarmDescription: `${rollout.name} ${stage.name}, timed messages: ${says}. Flags are not affected; the log /aws/lambda/${functionName} says what failed`,
        ...what,
      },
      onCall,
      parent,
    );
  return [
    watch(
      "errors",
      "one could not be sent, or it is not known whether it is true; it is tried twice again",
      errorsOf(fn),
    ),
    watch(
      "dlq",
      "one was given up on and lies in the dead-letter queue: tell people by hand",
      messagesIn(deadLetterQueue),
    ),
  ];
}

function settingsOf(
  args: MessagesArgs,
  sight: Sight,
  secretArn: pulumi.Output<string> | undefined,
): pulumi.Output<MessagesSettings> {
  const { rollout, stage, messages, queryBaseline, timeScale = 1, ...ids } = args;
  const { applicationId, environmentId, profileId, region, topics } = ids;
  const timed = Object.fromEntries(scheduledOf(messages).map(({ row, message }) => [row, message]));
  const mapping = sight.asks ? rollout.database?.imports : undefined;
  return pulumi
    .all([
      pulumi.output({ applicationId, environmentId, profileId, region }),
      pulumi.output(topics),
      pulumi.output(secretArn),
    ])
    .apply(([store, told, arn]) => ({
      of: askedOf(rollout, stage),
      release: rollout.release,
      store,
      topics: told,
      messages: timed,
      gates: sight.gates,
      attempt: sight.attempt,
      sentGroup: sentGroup(rollout.name, stage.name),
      timeScale,
      sources: { ...sight.sources, ...(arn === undefined ? {} : { secretArn: arn }) },
      ...(mapping ? { imports: { mapping, baseline: plainBaseline(queryBaseline) } } : {}),
    }));
}
