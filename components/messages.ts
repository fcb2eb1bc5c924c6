import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { fitting, type TopicName } from "../src/aws/names";
import { functionFile } from "../src/lambda/functions";
import type { HeraldConfig } from "../src/messages/heraldConfig";
import { toldGroup } from "../src/messages/post";
import { dueAt, rateExpression, scheduleExpression } from "../src/messages/timing";
import { exitGatesOf } from "../src/promotion/resolve";
import { askedOf } from "../src/rollout/cause";
import { type MessageMap, recurringOf, scheduledOf, timedOf } from "../src/rollout/config/messages";
import type { Rollout, Stage } from "../src/rollout/rollout";
import {
  DEAD_LETTER_SECONDS,
  errorsOf,
  HANDLER_RUNTIME,
  handlerArchive,
  LOG_DAYS,
  lettersIn,
  type Watched,
  watchAlarm,
} from "./handler";
import { ASSUME_ROLE } from "./permissions/abortSwitch";
import { heraldPolicyOf, schedulerPolicyOf, schedulerTrustOf } from "./permissions/herald";

/** Arguments of `Messages`. */
export interface MessagesArgs {
  rollout: Rollout;
  stage: Stage;
  messages: MessageMap;
  /** The foundation's ids, and where it is. */
  applicationId: pulumi.Input<string>;
  environmentId: pulumi.Input<string>;
  profileId: pulumi.Input<string>;
  region: pulumi.Input<string>;
  topics: pulumi.Input<Record<TopicName, string>>;
  /** How much faster declared durations pass than the clock. Default: 1, the only value for a real account. */
  timeScale?: number;
}

/** The flip that timed messages count from. */
export interface FlipArgs {
  /** Number of the deployment that changed the flags. */
  deployment: pulumi.Input<number>;
  /** When it was completed, ISO 8601: `completionOf`. */
  completedAt: pulumi.Input<string>;
}

const TOLD_DAYS = 731;

/**
 * A stage's messages to people: the log of what they were told, and, where some are sent by themselves, the herald
 * that sends them. The schedules follow once the flags have changed: `schedule`.
 */
export class Messages extends pulumi.ComponentResource {
  /** What must be there before the flags change. */
  readonly ready: pulumi.Resource[];
  private readonly herald:
    | { fn: aws.lambda.Function; role: aws.iam.Role; letters: aws.sqs.Queue; ready: pulumi.Resource[] }
    | undefined;

  constructor(
    private readonly name: string,
    private readonly args: MessagesArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { rollout, stage, messages } = args;
    super("cutover:index:Messages", name, { rollout: rollout.name, stage: stage.name, messages }, opts);
    const told = Object.keys(messages).length > 0 ? this.declareTold() : undefined;
    this.herald = told && scheduledOf(messages).length > 0 ? this.declareHerald(told) : undefined;
    this.ready = [...(told ? [told] : []), ...(this.herald?.ready ?? [])];
    this.registerOutputs({});
  }

  /**
   * Schedules the timed messages of a flip. Each has a resource of its own per attempt, whose time is never changed
   * once it is made: neither another `up` nor an edit of the config moves what was promised at the flip.
   */
  schedule({ deployment, completedAt }: FlipArgs): aws.scheduler.Schedule[] {
    const { herald, name } = this;
    const { rollout, stage, messages, timeScale = 1 } = this.args;
    if (!herald) return [];
    const { attempt } = stage;
    const due = (after: string) => pulumi.output(completedAt).apply((time) => dueAt(time, after, timeScale));
    const timings = [
      ...timedOf(messages).map((one) => ({
        ...one,
        when: { scheduleExpression: due(one.after).apply((time) => scheduleExpression(time, Date.now())) },
      })),
      ...recurringOf(messages).map((one) => ({
        ...one,
        when: {
          scheduleExpression: rateExpression(one.every, timeScale),
          startDate: due(one.every).apply((time) => new Date(time).toISOString().replace(".000Z", "Z")),
        },
      })),
    ];
    return timings.map(
      ({ row, when }) =>
        new aws.scheduler.Schedule(
          `${name}-${row}-attempt-${attempt}`,
          {
            name: fitting(`${rollout.name}-${stage.name}-${row}`, `attempt-${attempt}`),
            // Nothing that may be edited: AWS updates no schedule whose time is over.
            description: `${row} of ${stage.name}, attempt ${attempt}`,
            ...when,
            scheduleExpressionTimezone: "UTC",
            flexibleTimeWindow: { mode: "OFF" },
            // Kept when it is over: one that deleted itself would be made, and sent, anew by the next `up`.
            actionAfterCompletion: "NONE",
            target: {
              arn: herald.fn.arn,
              roleArn: herald.role.arn,
              input: pulumi.jsonStringify({ cutover: 1, row, stage: stage.name, attempt, deployment }),
              deadLetterConfig: { arn: herald.letters.arn },
              retryPolicy: { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 },
            },
          },
          { parent: this, dependsOn: herald.ready, ignoreChanges: ["scheduleExpression", "startDate"] },
        ),
    );
  }

  /** What people were told, for whoever looks it up; and how a repeated run knows whom not to tell again. */
  private declareTold(): aws.cloudwatch.LogGroup {
    const { rollout, stage } = this.args;
    return new aws.cloudwatch.LogGroup(
      `${this.name}-told`,
      { name: toldGroup(rollout.name, stage.name), retentionInDays: TOLD_DAYS },
      this.first(),
    );
  }

  private declareHerald(told: aws.cloudwatch.LogGroup): NonNullable<Messages["herald"]> {
    const { name, args } = this;
    const heraldName = fitting(`${args.rollout.name}-${args.stage.name}`, "herald");
    const letters = new aws.sqs.Queue(
      `${name}-dlq`,
      { name: `${heraldName}-dlq`, messageRetentionSeconds: DEAD_LETTER_SECONDS },
      this.first(),
    );
    const logs = new aws.cloudwatch.LogGroup(
      `${name}-logs`,
      { name: `/aws/lambda/${heraldName}`, retentionInDays: LOG_DAYS },
      this.first(),
    );
    const role = new aws.iam.Role(
      `${name}-herald`,
      {
        name: heraldName,
        description: `Tells people how ${args.stage.name} of ${args.rollout.name} has been`,
        assumeRolePolicy: ASSUME_ROLE,
      },
      this.first(),
    );
    const permissions = this.declarePermissions(role, { letters, logs, told });
    const fn = new aws.lambda.Function(
      `${name}-herald`,
      {
        name: heraldName,
        description: `Sends the timed messages of ${args.stage.name} of ${args.rollout.name}`,
        role: role.arn,
        ...HANDLER_RUNTIME,
        code: pulumi
          .all([functionFile("herald"), this.heraldConfig()])
          .apply(([file, config]) => handlerArchive(file, config)),
        memorySize: 512,
        timeout: 60,
        deadLetterConfig: { targetArn: letters.arn },
      },
      // Without its permissions it would fail; without the group Lambda makes one that never ends.
      { parent: this, dependsOn: [permissions, logs] },
    );
    const scheduler = this.declareSchedulerRole(fn, letters);
    const watches = this.declareWatches(heraldName, fn, letters);
    return { fn, role: scheduler.role, letters, ready: [fn, scheduler.policy, ...watches] };
  }

  private declarePermissions(
    role: aws.iam.Role,
    on: { letters: aws.sqs.Queue; logs: aws.cloudwatch.LogGroup; told: aws.cloudwatch.LogGroup },
  ): aws.iam.RolePolicy {
    const timed = scheduledOf(this.args.messages);
    const policy = pulumi
      .all([this.heraldConfig(), on.letters.arn, on.logs.arn, on.told.arn])
      .apply(([{ store, topics }, lettersArn, logsArn, toldArn]) =>
        heraldPolicyOf({
          store,
          topics: timed.flatMap(({ message }) => message.to.map((to) => topics[to])),
          measures: timed.some(({ message }) => message.soakSummary),
          lettersArn,
          logsArn,
          toldArn,
        }),
      );
    return new aws.iam.RolePolicy(
      `${this.name}-herald`,
      { name: "herald", role: role.name, policy },
      { parent: this },
    );
  }

  private declareSchedulerRole(
    fn: aws.lambda.Function,
    letters: aws.sqs.Queue,
  ): { role: aws.iam.Role; policy: aws.iam.RolePolicy } {
    const { rollout, stage } = this.args;
    const role = new aws.iam.Role(
      `${this.name}-scheduler`,
      {
        name: fitting(`${rollout.name}-${stage.name}`, "scheduler"),
        description: `Calls the herald of ${stage.name} of ${rollout.name}`,
        assumeRolePolicy: letters.arn.apply(schedulerTrustOf),
      },
      { parent: this },
    );
    const policy = new aws.iam.RolePolicy(
      `${this.name}-scheduler`,
      {
        name: "call-the-herald",
        role: role.name,
        policy: pulumi
          .all([fn.arn, letters.arn])
          .apply(([functionArn, lettersArn]) => schedulerPolicyOf({ functionArn, lettersArn })),
      },
      { parent: this },
    );
    return { role, policy };
  }

  /** Alarms on the herald itself: people wait for what it has to say, and silence would pass for good news. */
  private declareWatches(
    heraldName: string,
    fn: aws.lambda.Function,
    letters: aws.sqs.Queue,
  ): aws.cloudwatch.MetricAlarm[] {
    const { rollout, stage, topics } = this.args;
    const { onCall } = pulumi.output(topics);
    const watch = (part: string, says: string, what: Omit<Watched, "name" | "alarmDescription">) =>
      watchAlarm(
        `${this.name}-${part}`,
        {
          name: `${heraldName}-${part}`,
          alarmDescription: `${rollout.name} ${stage.name}, timed messages: ${says}. Flags are not affected; the log /aws/lambda/${heraldName} says what failed`,
          ...what,
        },
        onCall,
        { parent: this },
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
        lettersIn(letters),
      ),
    ];
  }

  private heraldConfig(): pulumi.Output<HeraldConfig> {
    const { rollout, stage, messages, timeScale = 1, ...ids } = this.args;
    const { applicationId, environmentId, profileId, region, topics } = ids;
    const timed = Object.fromEntries(scheduledOf(messages).map(({ row, message }) => [row, message]));
    return pulumi
      .all([pulumi.output({ applicationId, environmentId, profileId, region }), pulumi.output(topics)])
      .apply(([store, told]) => ({
        of: askedOf(rollout, stage),
        release: rollout.release,
        store,
        topics: told,
        messages: timed,
        gates: exitGatesOf(rollout, stage),
        toldGroup: toldGroup(rollout.name, stage.name),
        timeScale,
      }));
  }

  /** For those that everything else of this component waits for. */
  private first(): pulumi.CustomResourceOptions {
    return { parent: this };
  }
}
