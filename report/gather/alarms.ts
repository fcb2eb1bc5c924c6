import {
  CloudWatchClient,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
} from "@aws-sdk/client-cloudwatch";
import pLimit from "p-limit";
import { alarmName } from "../../components/names";
import type { Rollout } from "../../model/rollout";
import type { ReportAlarm } from "../data";
import { attempt } from "./reason";

type State = ReportAlarm["state"];

/** Names that one call of DescribeAlarms takes. */
const BATCH = 100;
/** Calls under way at once: CloudWatch throttles histories early. */
const CONCURRENCY = 3;

/** The abort alarms of all stages: how they are now, and what they went through since a time (ms since the epoch). */
export async function readAlarms(rollout: Rollout, region: string, since: number): Promise<ReportAlarm[]> {
  const client = new CloudWatchClient({ region });
  try {
    const rows = rollout.stages.flatMap((stage) =>
      Object.entries(stage.abort).map(([row, { title, action }]) => ({
        row,
        stage: stage.name,
        title,
        action,
        name: alarmName(rollout.name, stage.name, row),
      })),
    );
    const states = await readStates(
      client,
      rows.map(({ name }) => name),
    );
    const limit = pLimit(CONCURRENCY);
    return await Promise.all(
      rows.map(async ({ name, ...row }): Promise<ReportAlarm> => {
        const state = states.get(name) ?? "missing";
        // The history of an alarm outlives it.
        const history = await limit(() => attempt(() => readHistory(client, name, since)));
        return { ...row, state, history };
      }),
    );
  } finally {
    client.destroy();
  }
}

async function readStates(client: CloudWatchClient, names: readonly string[]): Promise<Map<string, State>> {
  const states = new Map<string, State>();
  for (let first = 0; first < names.length; first += BATCH) {
    const query = { AlarmNames: names.slice(first, first + BATCH), AlarmTypes: ["MetricAlarm" as const] };
    for await (const page of paginateDescribeAlarms({ client }, query))
      for (const { AlarmName, StateValue } of page.MetricAlarms ?? [])
        if (AlarmName !== undefined) states.set(AlarmName, stateOf(StateValue));
  }
  return states;
}

async function readHistory(
  client: CloudWatchClient,
  name: string,
  since: number,
): Promise<{ at: string; to: State }[]> {
  const query = {
    AlarmName: name,
    HistoryItemType: "StateUpdate" as const,
    StartDate: new Date(since),
    EndDate: new Date(),
    ScanBy: "TimestampAscending" as const,
  };
  const found: { at: string; to: State }[] = [];
  for await (const page of paginateDescribeAlarmHistory({ client }, query)) {
    for (const { Timestamp, HistoryData, HistorySummary, HistoryItemType } of page.AlarmHistoryItems ?? []) {
      // Not every implementation of the API honours the filters.
      if (!Timestamp || Timestamp.getTime() < since || HistoryItemType !== "StateUpdate") continue;
      const to = newState(HistoryData, HistorySummary);
      if (to !== undefined) found.push({ at: Timestamp.toISOString(), to });
    }
  }
  return found.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** The state after a change. Older items have no data: their summary says the same in words. */
function newState(data: string | undefined, summary: string | undefined): State | undefined {
  try {
    const { newState: after } = JSON.parse(data ?? "") as { newState?: { stateValue?: string } };
    if (after?.stateValue !== undefined) return stateOf(after.stateValue);
  } catch {
    // Falls through to the summary.
  }
  const word = / to (OK|ALARM|INSUFFICIENT_DATA)\b/.exec(summary ?? "")?.[1];
  return word === undefined ? undefined : stateOf(word);
}

function stateOf(word: string | undefined): State {
  return word === "OK" || word === "ALARM" ? word : "INSUFFICIENT_DATA";
}
