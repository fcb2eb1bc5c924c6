import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  paginateDescribeLogStreams,
} from "@aws-sdk/client-cloudwatch-logs";

/**
 * What people decided about rows that only page, in a log group. That a stream is there is what counts: it is seen at
 * once, and made only once. Its event is what was said, for whoever looks it up.
 */
export class Decisions {
  private readonly logs: CloudWatchLogsClient;

  constructor(
    region: string,
    private readonly logGroupName: string,
  ) {
    this.logs = new CloudWatchLogsClient({
      region,
      requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
    });
  }

  /** Keys of what was kept about a row. */
  async of(row: string): Promise<ReadonlySet<string>> {
    const keys = new Set<string>();
    // With the slash: T1 is not T10.
    const query = { logGroupName: this.logGroupName, logStreamNamePrefix: `${row}/` };
    for await (const { logStreams = [] } of paginateDescribeLogStreams({ client: this.logs }, query))
      for (const { logStreamName } of logStreams) if (logStreamName !== undefined) keys.add(logStreamName);
    return keys;
  }

  async keep(key: string, text: string): Promise<void> {
    const at = { logGroupName: this.logGroupName, logStreamName: key };
    await this.logs.send(new CreateLogStreamCommand(at)).catch((error: unknown) => {
      if (!(error instanceof Error && error.name === "ResourceAlreadyExistsException")) throw error;
    });
    const logEvents = [{ timestamp: Date.now(), message: text }];
    await this.logs.send(new PutLogEventsCommand({ ...at, logEvents }));
  }

  close(): void {
    this.logs.destroy();
  }
}
