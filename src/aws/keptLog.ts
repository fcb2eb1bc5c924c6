import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
  paginateDescribeLogStreams,
} from "@aws-sdk/client-cloudwatch-logs";
import { awsClient } from "./clients";
import { unlessNamed } from "./failure";

/**
 * A log group in which it is kept that something was done, each under a key of its own. That a stream is there is
 * what counts: it is seen at once, and made only once. Its event is what was said, for whoever looks it up.
 */
export class KeptLog {
  private readonly logs: CloudWatchLogsClient;

  constructor(
    region: string,
    private readonly logGroupName: string,
  ) {
    this.logs = awsClient(CloudWatchLogsClient, { region });
  }

  /** Keys that begin so, each with the time at which it was kept (ms since the epoch), where that is known. */
  async keys(prefix?: string): Promise<ReadonlyMap<string, number | undefined>> {
    const { logs: client, logGroupName } = this;
    const keys = new Map<string, number | undefined>();
    const query = { logGroupName, ...(prefix === undefined ? {} : { logStreamNamePrefix: prefix }) };
    for await (const { logStreams = [] } of paginateDescribeLogStreams({ client }, query))
      for (const { logStreamName, creationTime } of logStreams)
        if (logStreamName !== undefined) keys.set(logStreamName, creationTime);
    return keys;
  }

  /** Keeps something, so that its key shows from then on. Whether it was there before makes no difference. */
  async keep(key: string, text: string): Promise<void> {
    const at = { logGroupName: this.logGroupName, logStreamName: key };
    const create = this.logs.send(new CreateLogStreamCommand(at));
    await unlessNamed(/^ResourceAlreadyExistsException$/, undefined, create);
    const logEvents = [{ timestamp: Date.now(), message: text }];
    await this.logs.send(new PutLogEventsCommand({ ...at, logEvents }));
  }

  /** What was kept under a key; undefined where nothing was. */
  async text(key: string): Promise<string | undefined> {
    const at = { logGroupName: this.logGroupName, logStreamName: key };
    const read = this.logs.send(new GetLogEventsCommand({ ...at, startFromHead: true }));
    const answer = await unlessNamed(/^ResourceNotFoundException$/, undefined, read);
    return answer?.events?.[0]?.message;
  }

  close(): void {
    this.logs.destroy();
  }
}
