import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { drillRow } from "../src/abort/abortRows";
import type { AbortConfig, AbortRow } from "../src/abort/switchConfig";
import {
  alarmName,
  DRILL_ROW,
  decisionsGroup,
  deliveryName,
  roleName,
  switchDeadLetterQueueName,
  switchName,
  type TopicName,
  watchName,
} from "../src/aws/names";
import type { FlagStoreIds } from "../src/flags/appConfigStore";
import type { Door } from "../src/flags/doors";
import type { FlagSpecs, Flags } from "../src/flags/flags";
import type { EcsService } from "../src/flags/restart";
import type { Promised } from "../src/gates/promise";
import { alarmOn, drillSignal } from "../src/rollout/signal";
import { abort, ofStage } from "../src/text/command";
import {
  declareDeadLetterQueue,
  errorsOf,
  functionLogs,
  HANDLER_RUNTIME,
  handlerCode,
  messagesIn,
  type Watched,
  watchAlarm,
} from "./handler";
import { ASSUME_ROLE, queuePolicyOf, rolePolicyOf, topicPolicyOf } from "./permissions/abortSwitch";
import { declareReminders } from "./reminders";

/** Pages and decisions are looked up for longer than any other log. */
const DECISION_DAYS = 731;

/** Arguments of `AbortSwitch`. */
export interface AbortSwitchArgs {
  rollout: string;
  stage: string;
  /** Where it is: roles are named by it, since IAM knows no regions. */
  region: string;
  /** Names that the stage had before. */
  formerly?: readonly string[] | undefined;
  attempt: number;
  /** The rollout's flags, and those that an abort of this stage goes down to. */
  specs: FlagSpecs;
  floor: Flags;
  /** What there is no way back from. */
  doors?: readonly Door[];
  /** The stage's abort rows by their alarms' names. */
  alarms: Readonly<Record<string, AbortRow>>;
  /** Servers that read flags from their environment. Default: none. */
  restart?: readonly EcsService[];
  /** Deliveries that it calls, by name. */
  deliver?: readonly string[];
  /** What the rollout promises of a rollback. Default: nothing. */
  promised?: Promised | undefined;
  /** What stays down after an abort of it, since the stage contracts it. Default: nothing. */
  contracted?: AbortConfig["contracted"];
  /** What people reconcile once the flags are down. Default: nothing. */
  reconcile?: AbortConfig["reconcile"];
  /**
   * How many aborts may run at once, kept free of whatever else runs in the account: no other function may starve
   * this one. Default: 5. -1 keeps none, for accounts whose limit leaves nothing to keep.
   */
  reservedConcurrency?: number;
  applicationId: pulumi.Input<string>;
  environmentId: pulumi.Input<string>;
  profileId: pulumi.Input<string>;
  strategyId: pulumi.Input<string>;
  topics: pulumi.Input<Record<TopicName, string>>;
}

/** Shorter than AWS gives an asynchronous call, and longer than the handler's own limit. */
const TIMEOUT_SECONDS = 60;

/** What lowers a stage's flags when its alarms say so: a topic, a function, and alarms for when that fails. */
export class AbortSwitch extends pulumi.ComponentResource {
  /** Alarms that roll back publish to it. */
  readonly topicArn: pulumi.Output<string>;
  readonly functionName: pulumi.Output<string>;
  readonly deadLetterQueueUrl: pulumi.Output<string>;
  /** What must be there before the flags are raised: everything that takes part in an abort. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: AbortSwitchArgs, opts?: pulumi.ComponentResourceOptions) {
    const { rollout, stage, floor, alarms } = args;
    super("cutover:index:AbortSwitch", name, { rollout, stage, floor, alarms }, opts);
    const resourceName = switchName(rollout, stage);
    const parent = { parent: this };
    const topics = pulumi.output(args.topics);

    const topic = new aws.sns.Topic(name, { name: resourceName }, parent);
    const topicPolicy = new aws.sns.TopicPolicy(
      `${name}-topic`,
      {
        arn: topic.arn,
        policy: topic.arn.apply((arn) => topicPolicyOf(arn, Object.keys(plainConfig(args).alarms))),
      },
      parent,
    );
    const deadLetterQueue = declareDeadLetterQueue(name, switchDeadLetterQueueName(rollout, stage), parent);
    const lettersPolicy = new aws.sqs.QueuePolicy(
      `${name}-dlq`,
      {
        queueUrl: deadLetterQueue.url,
        policy: pulumi
          .all([deadLetterQueue.arn, topic.arn])
          .apply(([queue, from]) => queuePolicyOf(queue, from)),
      },
      parent,
    );
    const logs = functionLogs(name, resourceName, parent);
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: roleName(rollout, stage, "abort", args.region),
        description: `Lowers the flags of ${rollout}, and tells people`,
        assumeRolePolicy: ASSUME_ROLE,
      },
      parent,
    );
    const ids: pulumi.Output<FlagStoreIds> = pulumi.output({
      applicationId: args.applicationId,
      environmentId: args.environmentId,
      profileId: args.profileId,
      strategyId: args.strategyId,
    });
    const decisions = new aws.cloudwatch.LogGroup(
      `${name}-decisions`,
      { name: decisionsGroup(rollout, stage), retentionInDays: DECISION_DAYS },
      parent,
    );
    const reminders = Object.values(alarms).some(({ remind }) => remind !== undefined)
      ? declareReminders(
          name,
          { rollout, stage, region: args.region, functionName: resourceName, topic, deadLetterQueue },
          parent,
        )
      : undefined;
    const permissions = new aws.iam.RolePolicy(
      `${name}-permissions`,
      {
        name: "abort",
        role: role.name,
        policy: pulumi
          .all([ids, topics, topic.arn, deadLetterQueue.arn, logs.arn, decisions.arn, reminders?.permits])
          .apply(([store, told, here, queue, group, decisionsArn, permits]) =>
            rolePolicyOf({
              store,
              topics: Object.values(told),
              topicArn: here,
              deadLetterQueueArn: queue,
              logsArn: group,
              decisionsArn,
              restart: args.restart ?? [],
              deliveries: (args.deliver ?? []).map((name) => deliveryName(rollout, name)),
              reminders: permits,
            }),
          ),
      },
      parent,
    );
    const fn = new aws.lambda.Function(
      `${name}-function`,
      {
        name: resourceName,
        description: `Lowers the flags of ${rollout} to below ${stage}`,
        role: role.arn,
        ...HANDLER_RUNTIME,
        code: handlerCode(
          "abortSwitch",
          pulumi.all([ids, topics, topic.arn, reminders?.at]).apply(
            ([store, told, topicArn, at]) =>
              ({
                ...plainConfig(args),
                store,
                topics: told,
                topicArn,
                ...(at ? { reminders: at } : {}),
              }) satisfies AbortConfig,
          ),
        ),
        // More memory is more processor: a cold start is part of the time to abort.
        memorySize: 1024,
        timeout: TIMEOUT_SECONDS,
        reservedConcurrentExecutions: args.reservedConcurrency ?? 5,
        deadLetterConfig: { targetArn: deadLetterQueue.arn },
      },
      // Without its permissions the first abort would fail; without the groups Lambda makes one that never ends, and pages have no code.
      { ...parent, dependsOn: [permissions, logs, decisions] },
    );
    const permission = new aws.lambda.Permission(
      `${name}-topic`,
      {
        function: fn.name,
        action: "lambda:InvokeFunction",
        principal: "sns.amazonaws.com",
        sourceArn: topic.arn,
      },
      parent,
    );
    const subscription = new aws.sns.TopicSubscription(
      `${name}-topic`,
      {
        topic: topic.arn,
        protocol: "lambda",
        endpoint: fn.arn,
        redrivePolicy: deadLetterQueue.arn.apply((deadLetterTargetArn) =>
          JSON.stringify({ deadLetterTargetArn }),
        ),
      },
      { ...parent, dependsOn: [permission, lettersPolicy] },
    );
    const watch = (part: string, says: string, what: Omit<Watched, "name" | "alarmDescription">) =>
      watchAlarm(
        `${name}-${part}`,
        {
          name: watchName(resourceName, part),
          alarmDescription: `${rollout} ${stage}, abort switch: ${says}. By hand: ${abort({ rollout }, stage)}`,
          ...what,
        },
        topics.onCall,
        { parent: this },
      );
    const watches = [
      watch("errors", "an abort failed, or its message was refused: the flags may still be up", errorsOf(fn)),
      watch("throttles", "an abort was held back: too many run at once", {
        ...errorsOf(fn),
        metricName: "Throttles",
      }),
      watch("dlq", "an alarm was given up on and lies in the dead-letter queue", messagesIn(deadLetterQueue)),
    ];

    // Pages through the switch alone, which says that it is a drill: as CloudWatch tells it, it would look like one more alarm.
    new aws.cloudwatch.MetricAlarm(
      `${name}-${DRILL_ROW}`,
      {
        name: alarmName(rollout, stage, DRILL_ROW),
        alarmDescription: `${rollout} ${stage}: a drill of the alarm path (${ofStage({ rollout }, "drill", stage)}). Nothing is wrong.`,
        ...alarmOn(drillSignal(rollout, stage)),
        alarmActions: [topic.arn],
      },
      { parent: this, dependsOn: [topicPolicy, subscription] },
    );

    this.topicArn = topic.arn;
    this.functionName = fn.name;
    this.deadLetterQueueUrl = deadLetterQueue.url;
    this.ready = [topicPolicy, subscription, ...watches, ...(reminders?.ready ?? [])];
    this.registerOutputs({ topicArn: this.topicArn });
  }
}

function plainConfig(args: AbortSwitchArgs): Omit<AbortConfig, "store" | "topics" | "topicArn"> {
  const {
    rollout,
    stage,
    formerly,
    attempt,
    specs,
    floor,
    doors = [],
    alarms,
    restart = [],
    deliver = [],
    promised,
    contracted,
    reconcile = [],
  } = args;
  const known = { ...alarms, ...drillRow(rollout, stage) };
  return {
    ...{ rollout, stage, attempt, specs, floor, alarms: known, restart, deliver },
    ...(doors.length > 0 ? { doors } : {}),
    ...(formerly?.length ? { formerly } : {}),
    ...(promised ? { promised } : {}),
    ...(contracted === undefined ? {} : { contracted }),
    ...(reconcile.length > 0 ? { reconcile } : {}),
  };
}
