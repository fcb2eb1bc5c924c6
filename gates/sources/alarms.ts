import {
  CloudWatchClient,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
} from "@aws-sdk/client-cloudwatch";
import type { Gate } from "../definition";
import type { Seen } from "../observation";
import { awsFailure } from "./aws-failure";

type AlarmState = Extract<Seen, { kind: "alarms" }>["alarms"][number];

/** The states of a gate's alarms now, and when each last fired since `since` (ms since the epoch). */
export async function observeAlarms(gate: Gate, since: number, region: string): Promise<Seen> {
  const client = new CloudWatchClient({ region });
  try {
    const rows = Object.entries(gate.alarms ?? {});
    const states = await readStates(
      client,
      rows.map(([, name]) => name),
    );
    const alarms = await Promise.all(
      rows.map(async ([row, name]): Promise<AlarmState> => {
        const state = states.get(name);
        if (state === undefined) return { row, state: "missing" };
        const firedAt = await lastFired(client, name, since);
        return { row, state, ...(firedAt === undefined ? {} : { firedAt }) };
      }),
    );
    return { kind: "alarms", since: new Date(since).toISOString(), alarms };
  } catch (error) {
    return awsFailure(error);
  } finally {
    client.destroy();
  }
}

async function readStates(
  client: CloudWatchClient,
  names: string[],
): Promise<Map<string, AlarmState["state"]>> {
  const states = new Map<string, AlarmState["state"]>();
  if (names.length === 0) return states;
  for await (const page of paginateDescribeAlarms({ client }, { AlarmNames: names })) {
    for (const { AlarmName, StateValue } of page.MetricAlarms ?? []) {
      if (AlarmName !== undefined) states.set(AlarmName, StateValue ?? "INSUFFICIENT_DATA");
    }
  }
  return states;
}

/** The last time that an alarm went into ALARM since `since`, from its history; `since` where it was there already. */
async function lastFired(client: CloudWatchClient, name: string, since: number): Promise<string | undefined> {
  const input = {
    AlarmName: name,
    HistoryItemType: "StateUpdate" as const,
    StartDate: new Date(since),
    EndDate: new Date(),
  };
  let last = 0;
  for await (const page of paginateDescribeAlarmHistory({ client }, input)) {
    for (const { Timestamp, HistoryData, HistorySummary, HistoryItemType } of page.AlarmHistoryItems ?? []) {
      const at = Timestamp?.getTime() ?? 0;
      // Not every implementation of the API honours the filters.
      if (at < since || HistoryItemType !== "StateUpdate") continue;
      const { from, to } = changeOf(HistoryData, HistorySummary);
      if (to === "ALARM") last = Math.max(last, at);
      else if (from === "ALARM") last = Math.max(last, since);
    }
  }
  return last > 0 ? new Date(last).toISOString() : undefined;
}

/** The states before and after a change. */
function changeOf(data: string | undefined, summary: string | undefined): { from?: string; to?: string } {
  try {
    const { oldState, newState } = JSON.parse(data ?? "") as Record<string, { stateValue?: string }>;
    if (oldState?.stateValue !== undefined && newState?.stateValue !== undefined)
      return { from: oldState.stateValue, to: newState.stateValue };
  } catch {
    // Older items have no data: their summary says the same in words.
  }
  const [, from = "", to = ""] = / from (\w+) to (\w+)/.exec(summary ?? "") ?? [];
  return { from, to: to || (/ to ALARM\b/.test(summary ?? "") ? "ALARM" : "") };
}
