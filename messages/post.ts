import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  paginateDescribeLogStreams,
} from "@aws-sdk/client-cloudwatch-logs";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { keyOf, type Letter, type Post } from "./tellOnce";
import type { Notice } from "./texts";

const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true };

/** The log group in which it is kept what people were told about a stage: one stream per attempt, row and topic. */
export function toldGroup(rollout: string, stage: string): string {
  return `/cutover/${rollout}/${stage}/told`;
}

/**
 * Topics, and the log of what went to them. That a stream exists says that its letter was sent, since making one is
 * refused the second time and seen at once, whereas its event is the text that went out, for whoever looks it up.
 */
export class AwsPost implements Post {
  private readonly sns: SNSClient;
  private readonly logs: CloudWatchLogsClient;

  constructor(
    region: string,
    private readonly group: string,
  ) {
    this.sns = new SNSClient({ region, requestHandler: TIMEOUTS });
    this.logs = new CloudWatchLogsClient({ region, requestHandler: TIMEOUTS });
  }

  async publish(topicArn: string, { subject, text, attributes }: Notice): Promise<void> {
    const MessageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [
        name,
        { DataType: typeof value === "number" ? "Number" : "String", StringValue: String(value) },
      ]),
    );
    const letter = { TopicArn: topicArn, Subject: subject, Message: text, MessageAttributes };
    await this.sns.send(new PublishCommand(letter));
  }

  async sent(attempt: number): Promise<ReadonlySet<string>> {
    const keys = new Set<string>();
    // With the slash: attempt 1 is not attempt 10.
    const query = { logGroupName: this.group, logStreamNamePrefix: `attempt-${attempt}/` };
    for await (const { logStreams = [] } of paginateDescribeLogStreams({ client: this.logs }, query))
      for (const { logStreamName } of logStreams) if (logStreamName !== undefined) keys.add(logStreamName);
    return keys;
  }

  async keep(key: string, letter: Letter): Promise<void> {
    const at = { logGroupName: this.group, logStreamName: key };
    try {
      await this.logs.send(new CreateLogStreamCommand(at));
    } catch (error) {
      if (!(error instanceof Error && error.name === "ResourceAlreadyExistsException")) throw error;
    }
    const { to, topicArn, notice } = letter;
    const message = JSON.stringify({ event: "told", key: keyOf(letter), to, topicArn, ...notice });
    await this.logs.send(new PutLogEventsCommand({ ...at, logEvents: [{ timestamp: Date.now(), message }] }));
  }

  close(): void {
    this.sns.destroy();
    this.logs.destroy();
  }
}
