import { withClient } from "../aws/clients";
import { unlessNamed } from "../aws/failure";
import type { KeptLog } from "../aws/keptLog";
import { AT_ONCE_MS, scheduleExpression } from "../aws/schedule";
import type { Reminder, ReminderWorld } from "./reminder";
import type { RemindersAt } from "./switchConfig";

/** Reminders in EventBridge Scheduler, and decisions in a log group: that a stream is there is what counts. */
export class AwsReminders implements Pick<ReminderWorld, "schedule" | "decisions" | "keep"> {
  private kept: KeptLog | undefined;

  constructor(
    private readonly region: string,
    private readonly at: RemindersAt | undefined,
    /** The log group of decisions. */
    private readonly decided: string,
  ) {}

  /** Each alarm has one schedule, by its name: an alarm that is delivered twice finds it there. It deletes itself. */
  async schedule(reminder: Reminder, at: number): Promise<void> {
    const { group, roleArn, functionArn, deadLetterQueueArn } = this.known();
    // Loaded here: an abort does not pay for it.
    const { CreateScheduleCommand, SchedulerClient } = await import("@aws-sdk/client-scheduler");
    const create = new CreateScheduleCommand({
      GroupName: group,
      Name: `${reminder.remind}-${Date.parse(reminder.at)}`,
      ScheduleExpression: scheduleExpression(at, Date.now(), AT_ONCE_MS),
      ScheduleExpressionTimezone: "UTC",
      FlexibleTimeWindow: { Mode: "OFF" },
      ActionAfterCompletion: "DELETE",
      Target: {
        Arn: functionArn,
        RoleArn: roleArn,
        Input: JSON.stringify(reminder),
        DeadLetterConfig: { Arn: deadLetterQueueArn },
      },
    });
    const { region } = this;
    const call = withClient(SchedulerClient, { region }, (client) => client.send(create));
    await unlessNamed(/^ConflictException$/, undefined, call);
  }

  async decisions(row: string): Promise<ReadonlySet<string>> {
    // With the slash: T1 is not T10.
    return new Set((await (await this.log()).keys(`${row}/`)).keys());
  }

  async keep(key: string, text: string): Promise<void> {
    await (await this.log()).keep(key, text);
  }

  private async log(): Promise<KeptLog> {
    const { KeptLog } = await import("../aws/keptLog");
    this.kept ??= new KeptLog(this.region, this.decided);
    return this.kept;
  }

  private known(): RemindersAt {
    if (this.at) return this.at;
    throw new Error("this switch was declared without reminders: bring its stage up again");
  }
}
