import type { CloudWatchClient, Dimension, MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { alarmsNamed, type Described } from "./alarms";
import { dimensionsOf } from "./metricId";

/** How one alarm is set up: what it watches, and what it does. */
export interface AlarmSetup {
  /** False where its actions were switched off: it changes its state, and nothing follows. */
  readonly actionsEnabled: boolean;
  /** ARNs that it tells when it goes into ALARM. */
  readonly actions: readonly string[];
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
  readonly state?: string | undefined;
  /** All that decides when it fires, by the names under which a `MetricAlarm` or a `CompositeAlarm` is declared. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** How the alarms of these names are set up, composite ones among them. One that is not there is left out. */
export function alarmSetups(
  client: CloudWatchClient,
  names: readonly string[],
): Promise<Map<string, AlarmSetup>> {
  return alarmsNamed(client, names, setupOf);
}

/** What says nothing of when an alarm fires: names, states, texts, and what it does, which is looked at by itself. */
const BESIDE =
  /^(Alarm(Name|Arn|Description|ConfigurationUpdatedTimestamp|Actions)|(OK|InsufficientData)Actions|ActionsEnabled|ActionsSuppressed(By|Reason)|State.*|EvaluationState|Label)$/;

function setupOf(alarm: Described): AlarmSetup {
  const account = alarm.AlarmArn?.split(":")[4];
  return {
    // AWS always tells it; enabled is what it is where nobody said otherwise.
    actionsEnabled: alarm.ActionsEnabled ?? true,
    actions: alarm.AlarmActions ?? [],
    state: alarm.StateValue,
    settings: wordsOf(alarm, account) as AlarmSetup["settings"],
  };
}

/** AWS's names that are declared by other ones. */
const DECLARED_AS: Readonly<Record<string, string>> = {
  EvaluateLowSampleCountPercentile: "evaluateLowSampleCountPercentiles",
  Metrics: "metricQueries",
};

/**
 * Everything that is set on an alarm, by the names under which it is declared, also what nobody here would declare:
 * what is not known to be harmless must not be left out.
 */
function wordsOf(of: object, account: string | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(of).flatMap(([key, value]): [string, unknown][] => {
      // An alarm's own account is where it looks anyway.
      if (BESIDE.test(key) || (key === "AccountId" && value === account)) return [];
      const name = DECLARED_AS[key] ?? key.charAt(0).toLowerCase() + key.slice(1);
      if (key === "Dimensions") return [[name, dimensionsOf(value as Dimension[])]];
      if (key === "Metrics")
        return [[name, (value as MetricDataQuery[]).map((one) => queryOf(one, account))]];
      return [[name, value]];
    }),
  );
}

function queryOf(
  { MetricStat, ReturnData = true, ...query }: MetricDataQuery,
  account: string | undefined,
): object {
  const { Metric = {}, ...taken } = MetricStat ?? {};
  return {
    ...wordsOf(query, account),
    ...(MetricStat ? { metric: { ...wordsOf(Metric, account), ...wordsOf(taken, account) } } : {}),
    returnData: ReturnData,
  };
}
