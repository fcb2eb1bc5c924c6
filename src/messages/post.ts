import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { awsClient } from "../aws/clients";
import { KeptLog } from "../aws/keptLog";
import { publishInput } from "../aws/publish";
import { keyOf, type Post, type TopicMessage } from "./sendOnce";
import type { Notice } from "./texts";

/** The log group in which it is kept what people were told about a stage: one stream per attempt, row and topic. */
export function sentGroup(rollout: string, stage: string): string {
  return `/cutover/${rollout}/${stage}/sent`;
}

/** Topics, and the log of what went to them. */
export class AwsPost implements Post {
  private readonly sns: SNSClient;
  private readonly log: KeptLog;

  constructor(region: string, group: string) {
    this.sns = awsClient(SNSClient, { region });
    this.log = new KeptLog(region, group);
  }

  async publish(topicArn: string, notice: Notice): Promise<void> {
    await this.sns.send(new PublishCommand(publishInput(topicArn, notice)));
  }

  async sent(attempt: number): Promise<ReadonlySet<string>> {
    // With the slash: attempt 1 is not attempt 10.
    return new Set((await this.log.keys(`attempt-${attempt}/`)).keys());
  }

  async keep(key: string, one: TopicMessage): Promise<void> {
    const { to, topicArn, notice } = one;
    await this.log.keep(key, JSON.stringify({ event: "sent", key: keyOf(one), to, topicArn, ...notice }));
  }

  /** Keeps something beside what people were told. */
  async note(key: string, text: string): Promise<void> {
    await this.log.keep(key, text);
  }

  noted(key: string): Promise<string | undefined> {
    return this.log.text(key);
  }

  close(): void {
    this.sns.destroy();
    this.log.close();
  }
}
