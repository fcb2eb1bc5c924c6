import {
  type CloudWatchClient,
  type CompositeAlarm,
  type MetricAlarm,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
} from "@aws-sdk/client-cloudwatch";
import { jsonIn } from "../text/json";

/** A state of an alarm, as CloudWatch has them. */
export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** What CloudWatch says of one alarm. */
export interface AlarmNow {
  readonly state: AlarmState;
  /** In CloudWatch's own words. */
  readonly reason?: string | undefined;
  /** Since when it is in this state, ISO 8601, where CloudWatch tells it. */
  readonly since?: string | undefined;
}

/** Alarms on metrics, and those that follow another alarm: left out, CloudWatch tells of the first kind alone. */
const AlarmTypes = ["MetricAlarm" as const, "CompositeAlarm" as const];

/** Names that one call of DescribeAlarms takes. Source: its reference. */
const NAMES = 100;

/** An alarm as CloudWatch describes it, be it on a metric or on other alarms. */
export type Described = MetricAlarm | CompositeAlarm;

/** What is made of the alarms of these names, however many. One that is not there is left out. */
export async function alarmsNamed<T>(
  client: CloudWatchClient,
  names: readonly string[],
  made: (alarm: Described) => T,
): Promise<Map<string, T>> {
  const found = new Map<string, T>();
  for (let from = 0; from < names.length; from += NAMES) {
    const query = { AlarmNames: names.slice(from, from + NAMES), AlarmTypes };
    for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms({ client }, query))
      for (const alarm of [...MetricAlarms, ...CompositeAlarms])
        if (alarm.AlarmName !== undefined) found.set(alarm.AlarmName, made(alarm));
  }
  return found;
}

/** The alarms of these names as they are now. */
export function alarmsNow(
  client: CloudWatchClient,
  names: readonly string[],
): Promise<Map<string, AlarmNow>> {
  return alarmsNamed(client, names, (alarm) => {
    const since = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
    return {
      state: stateOf(alarm.StateValue),
      reason: alarm.StateReason,
      ...(since ? { since: since.toISOString() } : {}),
    };
  });
}

/** Every alarm whose name begins so, as it is now, by name; `since` is ISO 8601, where CloudWatch tells it. */
export async function alarmsBeginning(
  client: CloudWatchClient,
  prefix: string,
): Promise<Record<string, { readonly state: AlarmState; readonly since?: string }>> {
  const found: Record<string, { readonly state: AlarmState; readonly since?: string }> = {};
  const query = { AlarmNamePrefix: prefix, AlarmTypes };
  // Not every implementation of the API honours the prefix.
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms({ client }, query))
    for (const { AlarmName, StateValue, StateUpdatedTimestamp: at } of [...MetricAlarms, ...CompositeAlarms])
      if (AlarmName?.startsWith(prefix))
        found[AlarmName] = { state: stateOf(StateValue), ...(at ? { since: at.toISOString() } : {}) };
  return found;
}

/** One change of an alarm's state. */
export interface AlarmChange {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Absent where the history does not tell it. */
  readonly from?: AlarmState | undefined;
  readonly to?: AlarmState | undefined;
}

/** What became of an alarm since a time (ms since the epoch), oldest first. Its history outlives it. */
export async function alarmChanges(
  client: CloudWatchClient,
  name: string,
  since: number,
): Promise<AlarmChange[]> {
  const query = {
    AlarmName: name,
    HistoryItemType: "StateUpdate" as const,
    AlarmTypes,
    StartDate: new Date(since),
    EndDate: new Date(),
    ScanBy: "TimestampAscending" as const,
  };
  const found: AlarmChange[] = [];
  for await (const { AlarmHistoryItems = [] } of paginateDescribeAlarmHistory({ client }, query))
    for (const { Timestamp, HistoryData, HistorySummary, HistoryItemType } of AlarmHistoryItems) {
      const at = Timestamp?.getTime() ?? 0;
      // Not every implementation of the API honours the filters.
      if (at < since || HistoryItemType !== "StateUpdate") continue;
      found.push({ at, ...changeOf(HistoryData, HistorySummary) });
    }
  return found.sort((a, b) => a.at - b.at);
}

/** The states before and after. Older items have no data: their summary says the same in words. */
function changeOf(data: string | undefined, summary: string | undefined): Omit<AlarmChange, "at"> {
  const { oldState, newState } = (jsonIn(data ?? "") ?? {}) as States;
  const words = (after: string) =>
    new RegExp(` ${after} (OK|ALARM|INSUFFICIENT_DATA)\\b`).exec(summary ?? "")?.[1];
  const from = oldState?.stateValue ?? words("from");
  const to = newState?.stateValue ?? words("to");
  return { ...(from ? { from: stateOf(from) } : {}), ...(to ? { to: stateOf(to) } : {}) };
}

type States = Partial<Record<"oldState" | "newState", { stateValue?: string } | undefined>>;

/** A word that is not known is no state that anything could be read from. */
function stateOf(word: string | undefined): AlarmState {
  return word === "OK" || word === "ALARM" ? word : "INSUFFICIENT_DATA";
}
