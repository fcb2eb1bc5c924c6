import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { type Emulator, emulated } from "../../aws/emulated";
import { repeat } from "../../host/repeat";
import { sendMetrics } from "../signals/send";
import { badLine, type GroupLines } from "./lines";
import type { LogRow } from "./logRows";

/** How often lines are written, in ms. */
const WRITTEN_MS = 1_000;
const STREAM = "rehearsal";

export interface LogWriterOptions extends Emulator {
  readonly lines: readonly GroupLines[];
}

/** Writes to log groups in the place of an app, as long as the world is open. */
export interface LogWriter {
  /** Writes what this row watches for, or no more of it where it watches for silence. */
  turn(row: LogRow): Promise<void>;
  /** Writes what is good again, and nothing else was ever counted. */
  calm(): Promise<void>;
  stop(): Promise<void>;
}

/** Begins at once; the log groups have to be there. */
export async function startLogWriter({ lines, ...aws }: LogWriterOptions): Promise<LogWriter> {
  const client = new CloudWatchLogsClient(emulated(aws));
  let turned: { readonly row: LogRow; readonly since: number } | undefined;
  const write = async (logGroupName: string, messages: readonly string[], times: readonly number[]) => {
    const logEvents = times
      .flatMap((timestamp) => messages.map((message) => ({ timestamp, message })))
      .toSorted((a, b) => a.timestamp - b.timestamp);
    if (logEvents.length === 0) return;
    await client.send(new PutLogEventsCommand({ logGroupName, logStreamName: STREAM, logEvents }));
  };
  for (const { group } of lines)
    await client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: STREAM }));
  const loop = repeat({ pauseMs: WRITTEN_MS }, async () => {
    for (const { group, good } of lines) {
      const silenced = turned?.row.bad === 0 && turned.row.group === group ? turned.row : undefined;
      await write(
        group,
        good.filter((line) => !silenced?.matches(line)),
        [Date.now()],
      );
    }
  });
  /** From a moment on its filter counted so many lines each second. */
  const counted = ({ metric }: LogRow, value: number, since: number) =>
    sendMetrics(aws, [{ metric, value, samples: 1 }], { since });
  return {
    async turn(row) {
      const now = Date.now();
      const since = now - row.breaching * row.periodMs;
      turned = { row, since };
      if (row.bad === 0) return counted(row, 0, since);
      const line = badLine(row, lines);
      if (line === undefined) return;
      const times = Array.from({ length: row.breaching }, (_, at) => now - at * row.periodMs);
      await write(row.group, Array<string>(row.bad ?? 1).fill(line), times);
    },
    async calm() {
      const was = turned;
      turned = undefined;
      if (was) await counted(was.row, was.row.content, was.since);
    },
    async stop() {
      await loop.stop();
      client.destroy();
    },
  };
}
