import type { AlarmSetup } from "../../../src/aws/alarmSetups";
import type { Known } from "../../../src/aws/known";
import { type MetricId, metricKey } from "../../../src/aws/metricId";
import { type Unarmed, unarmed } from "../../../src/rollout/armed";
import type { AbortThreshold } from "../../../src/rollout/config/abortRow";
import type { GuardFacts, Guarding } from "../../../src/rollout/guardFacts";
import { alarmOn } from "../../../src/rollout/signal";
import { NOW, rollout } from "../../support/build";

const ARN = "arn:aws:sns:eu-central-1:123456789012:";
export const ON_CALL = `${ARN}ops-view-on-call`;
export const SWITCH = `${ARN}ops-view-stageB-abort`;
export const FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:ops-view-stageB-abort";
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** A row that watches a metric of the app's or of ours. */
export type Own = Extract<AbortThreshold, { readonly alarm?: undefined }>;
export const row = (name: string, more: Partial<AbortThreshold> = {}) =>
  ({
    title: "Something is wrong",
    metric: { namespace: "OpsView", name, statistic: "Sum", period: "10s" },
    threshold: { gt: 0 },
    datapoints: { of: 1, breaching: 1 },
    missingData: "notBreaching",
    action: "rollback",
    ...more,
  }) as Own;

export const XB1 = row("Write5xx");
export const XB3 = row("XB3", {
  metric: { namespace: "cutover/ops-view", name: "XB3", statistic: "Maximum", period: "10s" },
  probe: { query: "select 0", values: [], timeout: "5s" },
  missingData: "breaching",
} as Partial<AbortThreshold>);
export const stage = { name: "stageB", abort: { XB1, XB3 } };
export const standing: Guarding = { stage, standing: true, raised: true };

export const ok = <T>(value: T): Known<T> => ({ ok: true, value });
export const no: Known<never> = {
  ok: false,
  why: "access denied",
  remedy: "Give these credentials the right to read it",
};
export const setup = (of: Own, more: Partial<AlarmSetup> = {}): AlarmSetup => ({
  actionsEnabled: true,
  actions: [ON_CALL, SWITCH],
  settings: alarmOn(of),
  ...more,
});
export const heardAt = (...ages: [Own, number][]) =>
  ok(new Map(ages.map(([{ metric }, age]) => [metricKey(metric as MetricId), NOW - age])));
export const person = { protocol: "https", endpoint: "https://pager.example/key", confirmed: true };
/** What Lambda writes for a permission of a topic. */
export const allowed = (more: object = {}, source = SWITCH) => ({
  Sid: "topic",
  Effect: "Allow",
  Principal: { Service: "sns.amazonaws.com" },
  Action: "lambda:InvokeFunction",
  Resource: FUNCTION,
  Condition: { ArnLike: { "AWS:SourceArn": source } },
  ...more,
});
const running = { arn: FUNCTION, state: "Active", lastUpdate: "Successful", reserved: 5 };
export const path = {
  topicArn: SWITCH,
  topic: ok({}),
  subscribers: ok([{ protocol: "lambda", endpoint: FUNCTION, confirmed: true }]),
  fn: ok(running),
  invoke: ok([allowed()]),
  deadLetters: ok(0),
} as const;

/** Facts of guards that all could act. */
export function facts(more: Partial<GuardFacts> = {}): GuardFacts {
  return {
    now: NOW,
    alarms: ok(
      new Map([
        ["ops-view-stageB-XB1", setup(XB1)],
        ["ops-view-stageB-XB3", setup(XB3)],
      ]),
    ),
    heard: heardAt([XB1, MINUTE], [XB3, MINUTE]),
    listed: new Map(),
    lines: new Map(),
    onCall: ok([person]),
    onCallTopic: ok({}),
    acknowledged: ok({}),
    onCallArn: ON_CALL,
    switches: new Map([["stageB", path]]),
    ...more,
  };
}

export const found = (more: Partial<GuardFacts>, guarding: readonly Guarding[] = [standing]): Unarmed[] =>
  unarmed(rollout(), guarding, facts(more));
export const said = (more: Partial<GuardFacts>, guarding?: readonly Guarding[]) =>
  found(more, guarding).map(({ rows, what }) => `${rows.join(",")}: ${what}`);
export const alarm = (more: Partial<AlarmSetup>) => ({
  alarms: ok(
    new Map([
      ["ops-view-stageB-XB1", setup(XB1, more)],
      ["ops-view-stageB-XB3", setup(XB3)],
    ]),
  ),
});
export const through = (more: Partial<NonNullable<ReturnType<GuardFacts["switches"]["get"]>>>) => ({
  switches: new Map([["stageB", { ...path, ...more }]]),
});
export const fn = (more: object) => through({ fn: ok({ ...running, ...more }) });
export const listedAs = (of: Own, dimensions: Record<string, string>[], others: string[] = []) => ({
  heard: heardAt([XB3, MINUTE]),
  listed: new Map([[metricKey(of.metric as MetricId), ok({ dimensions, others })]]),
});
