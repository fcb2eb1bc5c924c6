import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import { withClient } from "./clients";

/** Lines of a log that match a filter pattern. */
export interface LogLines {
  /** How many; counted up to a hundred. */
  readonly count: number;
  /** When the first of them was written, ms since the epoch; absent where there is none. */
  readonly first?: number | undefined;
}

/** More than these say nothing more. */
const MOST = 100;

/**
 * The lines of a log group that match since a moment. What they say is not told: a log may hold secrets. Throws where
 * the group is not there, or may not be read.
 *
 * @param since ms since the epoch
 */
export function linesSince(
  region: string,
  { group, pattern }: { readonly group: string; readonly pattern: string },
  since: number,
): Promise<LogLines> {
  return withClient(CloudWatchLogsClient, { region }, async (client) => {
    const query = { logGroupName: group, filterPattern: pattern, startTime: since, limit: MOST };
    const times: number[] = [];
    for await (const { events = [] } of paginateFilterLogEvents({ client }, query)) {
      times.push(...events.map(({ timestamp = since }) => timestamp));
      if (times.length >= MOST) break;
    }
    return times.length === 0 ? { count: 0 } : { count: times.length, first: Math.min(...times) };
  });
}
