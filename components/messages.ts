import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { messageSchedule } from "../src/aws/names";
import { declaredAhead, scheduleExpression, scheduleTime } from "../src/aws/schedule";
import { sentGroup } from "../src/messages/post";
import { dueAt, rateExpression } from "../src/messages/timing";
import { recurringOf, scheduledOf, timedOf } from "../src/rollout/config/messages";
import type { MessagesArgs } from "./messagesArgs";
import { declareMessagesFunction, type MessagesFunction } from "./messagesFunction";

/** The flip that timed messages count from. */
export interface FlipArgs {
  /** Number of the deployment that changed the flags. */
  deployment: pulumi.Input<number>;
  /** When it was completed, ISO 8601: `completionOf`. */
  completedAt: pulumi.Input<string>;
}

/** When a schedule calls, as the scheduler takes it. */
type Timing = Pick<aws.scheduler.ScheduleArgs, "scheduleExpression" | "startDate">;

const TOLD_DAYS = 731;

/**
 * A stage's messages to people: the log of what they were told, and, where some are sent by themselves, the messages function
 * that sends them. The schedules follow once the flags have changed: `schedule`.
 */
export class Messages extends pulumi.ComponentResource {
  /** What must be there before the flags change. */
  readonly ready: pulumi.Resource[];
  private readonly sender: MessagesFunction | undefined;

  constructor(
    private readonly name: string,
    private readonly args: MessagesArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { rollout, stage, messages } = args;
    super("cutover:index:Messages", name, { rollout: rollout.name, stage: stage.name, messages }, opts);
    const told = Object.keys(messages).length > 0 ? this.declareSentLog() : undefined;
    this.sender =
      told && !args.toldAlone && scheduledOf(messages).length > 0
        ? declareMessagesFunction(name, args, told, { parent: this })
        : undefined;
    this.ready = [...(told ? [told] : []), ...(this.sender?.ready ?? [])];
    this.registerOutputs({});
  }

  /**
   * Schedules the timed messages of a flip. Each has a resource of its own per attempt, whose time is never changed
   * once it is made: neither another `up` nor an edit of the config moves what was promised at the flip.
   */
  schedule({ deployment, completedAt }: FlipArgs): aws.scheduler.Schedule[] {
    const { sender, name } = this;
    const { rollout, stage } = this.args;
    if (!sender) return [];
    const { attempt } = stage;
    // Told once all that a schedule needs is made, which takes AWS minutes: what is due at once would be past by then.
    const made = pulumi.all(sender.ready.map(({ urn }) => urn));
    return this.timings(pulumi.all([completedAt, made]).apply(([time]) => time)).map(
      ({ row, when }) =>
        new aws.scheduler.Schedule(
          `${name}-${row}-attempt-${attempt}`,
          {
            name: messageSchedule(rollout.name, stage.name, row, attempt),
            // Nothing that may be edited: AWS updates no schedule whose time is over.
            description: `${row} of ${stage.name}, attempt ${attempt}`,
            ...when,
            scheduleExpressionTimezone: "UTC",
            flexibleTimeWindow: { mode: "OFF" },
            // Kept when it is over: one that deleted itself would be made, and sent, anew by the next `up`.
            actionAfterCompletion: "NONE",
            target: {
              arn: sender.fn.arn,
              roleArn: sender.role.arn,
              input: pulumi.jsonStringify({ cutover: 1, row, stage: stage.name, attempt, deployment }),
              deadLetterConfig: { arn: sender.deadLetterQueue.arn },
              retryPolicy: { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 },
            },
          },
          {
            parent: this,
            dependsOn: sender.ready,
            ignoreChanges: ["scheduleExpression", "startDate"],
          },
        ),
    );
  }

  /** When each message is due: once, or again and again. */
  private timings(completedAt: pulumi.Output<string>): { row: string; when: Timing }[] {
    const { messages, timeScale = 1 } = this.args;
    const ahead = declaredAhead(timeScale);
    const from = (after: string) =>
      completedAt.apply((time) => scheduleTime(dueAt(time, after, timeScale), Date.now(), ahead));
    const once = (after: string): Timing => ({
      scheduleExpression: completedAt.apply((time) =>
        scheduleExpression(dueAt(time, after, timeScale), Date.now(), ahead),
      ),
    });
    return [
      ...timedOf(messages).map(({ row, after }) => ({ row, when: once(after) })),
      ...recurringOf(messages).map(({ row, every }) => ({
        row,
        when: { scheduleExpression: rateExpression(every, timeScale), startDate: from(every) },
      })),
    ];
  }

  /** What people were told, for whoever looks it up; and how a repeated run knows whom not to tell again. */
  private declareSentLog(): aws.cloudwatch.LogGroup {
    const { rollout, stage } = this.args;
    return new aws.cloudwatch.LogGroup(
      `${this.name}-sent`,
      { name: sentGroup(rollout.name, stage.name), retentionInDays: TOLD_DAYS },
      { parent: this },
    );
  }
}
