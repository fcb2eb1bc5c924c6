import { placeIn } from "../aws/arn";
import {
  alarmName,
  channelName,
  channelsName,
  DRILL_ROW,
  partName,
  type StagePart,
  watchName,
} from "../aws/names";
import { type MessageMap, scheduledOf } from "./config/messages";
import type { Rollout } from "./rollout";

/** What alarms are named after. */
export interface Alarmed extends Pick<Rollout, "name" | "channels"> {
  readonly stages: readonly {
    readonly name: string;
    readonly abort: Readonly<Record<string, { readonly probe?: unknown }>>;
    readonly messages: MessageMap;
  }[];
}

/** The alarms that publish to a stage's switch: its rows' and its drill's. */
export function alarmsToSwitch(rollout: string, stage: { readonly name: string; readonly abort: object }) {
  const rows = Object.keys(stage.abort);
  return rows.length === 0 ? [] : [...rows, DRILL_ROW].map((row) => alarmName(rollout, stage.name, row));
}

/**
 * The alarms that publish to on-call's topic: the rows', and one of each kind that watches a function of ours or its queue.
 * A drill's does not: it pages through the switch.
 */
export function alarmsToOnCall({ name, stages, channels = {} }: Alarmed): string[] {
  const ofStages = stages.flatMap(({ name: stage, abort, messages }) => {
    const rows = Object.keys(abort);
    const watches = (part: StagePart, ...what: string[]) =>
      what.map((one) => watchName(partName(name, stage, part), one));
    return [
      ...rows.map((row) => alarmName(name, stage, row)),
      ...(rows.length > 0 ? watches("abort", "errors", "throttles", "dlq") : []),
      ...(Object.values(abort).some(({ probe }) => probe !== undefined)
        ? watches("probe", "failures", "login", "errors")
        : []),
      ...(scheduledOf(messages).length > 0 ? watches("messages", "errors", "dlq") : []),
    ];
  });
  const called = Object.keys(channels);
  return [
    ...ofStages,
    ...called.flatMap((channel) => ["stuck", "dlq"].map((one) => watchName(channelName(name, channel), one))),
    ...(called.length > 0 ? [watchName(channelsName(name), "errors")] : []),
  ];
}

/** Alarms beside a topic, by their ARNs. */
export function alarmArns(names: readonly string[], topicArn: string): string[] {
  const { partition, region, account } = placeIn(topicArn);
  return names.map((name) => `arn:${partition}:cloudwatch:${region}:${account}:alarm:${name}`);
}
