import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  channelName,
  channelsName,
  functionRole,
  rolloutLogs,
  type TopicName,
  watchName,
} from "../src/aws/names";
import { TRIES } from "../src/channels/backoff";
import { type ChannelConfig, type ChannelMap, channelKindOf, secretOf } from "../src/channels/registry";
import type { ChannelsSettings, QueuedChannel } from "../src/lambda/channelsSettings";
import { topicNameIn } from "../src/rollout/topics";
import { errorsOf, functionLogs, HANDLER_RUNTIME, handlerCode, messagesIn, watchAlarm } from "./handler";
import { ASSUME_ROLE, queuePolicyOf } from "./permissions/abortSwitch";
import { channelsPolicyOf } from "./permissions/channels";
import { declareWorkedQueue, feedTo, type Worked, type Worker, workedOf } from "./workedQueue";

/** Arguments of `Channels`. */
export interface ChannelsArgs {
  rollout: string;
  region: string;
  channels: ChannelMap;
  topics: pulumi.Input<Record<TopicName, string>>;
  /** The ARNs of those that are the account's own. */
  existing?: Partial<Record<TopicName, string>>;
}

/** Longer than a tool is waited for, and than what is kept about it takes. */
const TIMEOUT_SECONDS = 30;
/** A message that nobody put off comes back after this time. Six times the function's own, as Lambda's guide has it. */
const VISIBILITY_SECONDS = 6 * TIMEOUT_SECONDS;
const SENT_DAYS = 90;
/** What waits for so long, minute by minute, is not on its way. */
const STUCK_MINUTES = 5;

/** One channel, with what it is delivered by. */
interface Queued extends Worked {
  readonly config: ChannelConfig;
  readonly topic: aws.sns.Topic | undefined;
}

/**
 * The tools that a rollout's people are told by: a queue for each, which its topics deliver to, and one function that
 * sends what lies there. A tool that is down delays no other one, and loses nothing.
 */
export class Channels extends pulumi.ComponentResource {
  constructor(
    private readonly name: string,
    private readonly args: ChannelsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { rollout, channels } = args;
    super("cutover:index:Channels", name, { rollout, channels }, opts);
    const parent = { parent: this };
    const queued = Object.entries(channels).map(([channel, config]) => this.queue(channel, config));
    const worker = this.declareFunction(queued);
    for (const one of queued) this.connect(one, worker);
    watchAlarm(
      `${name}-errors`,
      {
        name: watchName(channelsName(rollout), "errors"),
        alarmDescription: `${rollout}, channels: the function that sends messages to people failed; they are tried again. Its log says why`,
        ...errorsOf(worker.fn),
      },
      this.onCall,
      parent,
    );
    this.registerOutputs({});
  }

  private get onCall(): pulumi.Output<string> {
    return pulumi.output(this.args.topics).onCall;
  }

  private queue(channel: string, config: ChannelConfig): Queued {
    const parent = { parent: this };
    const { name, args } = this;
    const called = channelName(args.rollout, channel);
    const worked = declareWorkedQueue(
      `${name}-${channel}`,
      { name: channel, called },
      { visibilitySeconds: VISIBILITY_SECONDS, tries: TRIES },
      parent,
    );
    const topic = channelKindOf(config).ownTopic
      ? new aws.sns.Topic(`${name}-${channel}`, { name: called }, parent)
      : undefined;
    return { ...worked, config, topic };
  }

  private declareFunction(queued: readonly Queued[]): Worker {
    const parent = { parent: this };
    const { name, args } = this;
    const { rollout, region } = args;
    const functionName = channelsName(rollout);
    const logs = functionLogs(name, functionName, parent);
    const sent = new aws.cloudwatch.LogGroup(
      `${name}-sent`,
      { name: `${rolloutLogs(rollout)}channels`, retentionInDays: SENT_DAYS },
      parent,
    );
    const role = new aws.iam.Role(
      name,
      {
        name: functionRole(functionName, region),
        description: `Sends messages of ${rollout} to people's tools`,
        assumeRolePolicy: ASSUME_ROLE,
      },
      parent,
    );
    const topics = queued.flatMap(({ topic }) => (topic ? [topic.arn] : []));
    const policy = new aws.iam.RolePolicy(
      name,
      {
        name: "channels",
        role: role.name,
        policy: pulumi
          .all([
            pulumi.all(queued.map(({ queue }) => queue.arn)),
            pulumi.all(queued.map(({ deadLetterQueue }) => deadLetterQueue.arn)),
            pulumi.all(topics),
            sent.arn,
            logs.arn,
          ])
          .apply(([queues, deadLetterQueues, own, sentArn, logsArn]) =>
            channelsPolicyOf({
              ...{ queues, deadLetterQueues, topics: own, sentArn, logsArn },
              secrets: queued.flatMap(({ config }) => secretOf(config) ?? []),
            }),
          ),
      },
      parent,
    );
    const settings = pulumi
      .all([pulumi.all(queued.map(settingsOf)), sent.name])
      .apply(([channels, sentGroup]): ChannelsSettings => ({ rollout, region, channels, sentGroup }));
    const fn = new aws.lambda.Function(
      name,
      {
        name: functionName,
        description: `Sends messages of ${rollout} to people's tools`,
        role: role.arn,
        ...HANDLER_RUNTIME,
        code: handlerCode("channels", settings),
        memorySize: 512,
        timeout: TIMEOUT_SECONDS,
      },
      { ...parent, dependsOn: [policy, logs] },
    );
    return { fn, policy };
  }

  /**
   * What a channel hears, each topic once, by what its subscription is called. One that is there may serve two uses: SNS
   * answers a second Subscribe with the first's ARN, and whoever then takes one use out would unsubscribe both.
   */
  private sourcesOf({ topics }: ChannelConfig): Map<string, TopicName> {
    const called = (topic: TopicName) => {
      const there = this.args.existing?.[topic];
      return there === undefined ? topic : `topic-${topicNameIn(there)}`;
    };
    return new Map(topics.map((topic) => [called(topic), topic]));
  }

  /** Topics to the queue, the queue to the function, and alarms on both ways out. */
  private connect(one: Queued, worker: Worker): void {
    const parent = { parent: this };
    const { rollout } = this.args;
    const { config, called, queue, deadLetterQueue } = one;
    const name = `${this.name}-${one.name}`;
    const topics = pulumi.output(this.args.topics);
    const from = this.sourcesOf(config);
    const admitted = new aws.sqs.QueuePolicy(
      name,
      {
        queueUrl: queue.url,
        policy: pulumi
          .all([queue.arn, pulumi.all([...from.values()].map((topic) => topics[topic]))])
          .apply(([arn, arns]) => queuePolicyOf(arn, arns)),
      },
      parent,
    );
    for (const [source, topic] of from)
      new aws.sns.TopicSubscription(
        `${name}-${source}`,
        { topic: topics[topic], protocol: "sqs", endpoint: queue.arn },
        { ...parent, dependsOn: admitted },
      );
    feedTo(name, one, worker, parent);
    const watch = (part: string, says: string, watched: ReturnType<typeof messagesIn>, minutes: number) =>
      watchAlarm(
        `${name}-${part}`,
        {
          name: watchName(called, part),
          alarmDescription: `${rollout}, channel ${one.name} (${channelKindOf(config).title}): ${says}. Whoever reads this is told another way; the log /aws/lambda/${channelsName(rollout)} says why`,
          ...watched,
        },
        this.onCall,
        parent,
        { minutes },
      );
    const waiting = {
      ...messagesIn(queue),
      metricName: "ApproximateNumberOfMessagesNotVisible",
      statistic: "Minimum",
    };
    watch(
      "stuck",
      `it has not taken a message for ${STUCK_MINUTES} min, and is asked again`,
      waiting,
      STUCK_MINUTES,
    );
    watch("dlq", "it refused a message, which lies in the dead-letter queue", messagesIn(deadLetterQueue), 1);
  }
}

function settingsOf(one: Queued): pulumi.Output<QueuedChannel> {
  const { config, topic } = one;
  return pulumi.all([workedOf(one), pulumi.output(topic?.arn)]).apply(([worked, topicArn]) => ({
    ...{ ...worked, config },
    ...(topicArn === undefined ? {} : { topicArn }),
  }));
}
