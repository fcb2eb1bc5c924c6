import { abortRows } from "../../../src/abort/rows";
import { handleEvent, type SwitchWorld } from "../../../src/abort/switch";
import type { AbortConfig } from "../../../src/abort/switchConfig";
import { alarmName } from "../../../src/aws/names";
import { parseDocument } from "../../../src/flags/document";
import type { Flags } from "../../../src/flags/flags";
import { floorOf, type Rollout } from "../../../src/rollout/rollout";
import { MemoryStore } from "../../src/abort/memory";
import { NOW } from "./clock";
import { stageOf } from "./gates";

const ACCOUNT = "123456789012";

/** What came of an alarm. */
export interface Answered {
  /** The flags that servers are given from then on. */
  readonly flags: Flags;
  /** Who was told, sorted. */
  readonly told: readonly string[];
  /** The texts, subjects first. */
  readonly texts: Readonly<Record<string, string>>;
  /** After how long people are reminded, in ms. */
  readonly reminded: readonly number[];
}

/** What the switch of a stage does when a row's alarm fires while these flags are live. */
export async function fire(rollout: Rollout, owner: string, row: string, live: Flags): Promise<Answered> {
  const stage = stageOf(rollout, owner);
  const topicArn = `arn:aws:sns:eu-central-1:${ACCOUNT}:abort`;
  const config: AbortConfig = {
    ...{ rollout: rollout.name, stage: stage.name, attempt: stage.attempt, specs: rollout.flags },
    floor: floorOf(rollout, stage),
    store: { applicationId: "a", environmentId: "e", profileId: "p", strategyId: "s" },
    topicArn,
    alarms: abortRows(rollout, stage),
    topics: { onCall: "onCall", ops: "ops", stakeholders: "stakeholders" },
    restart: [],
    newsInMinutes: 60,
  };
  const store = new MemoryStore();
  store.promote(live);
  const told: { topic: string; text: string }[] = [];
  const reminded: number[] = [];
  const firedAt = NOW - 5_000;
  const world = {
    store: Object.assign(store, {
      note: async (deployment: number) => store.deployments[deployment - 1]?.note,
    }),
    publish: async (topic: string, { subject, text }: { subject: string; text: string }) => {
      told.push({ topic, text: `${subject}\n${text}` });
    },
    restart: async () => {},
    schedule: async (_: unknown, at: number) => void reminded.push(at - firedAt),
    decisions: async () => new Set<string>(),
    keep: async () => {},
    log: () => {},
    now: () => NOW,
  } as unknown as SwitchWorld;
  const name = alarmName(rollout.name, stage.name, row);
  const Message = JSON.stringify({
    AlarmName: name,
    AlarmArn: `arn:aws:cloudwatch:eu-central-1:${ACCOUNT}:alarm:${name}`,
    AWSAccountId: ACCOUNT,
    NewStateValue: "ALARM",
    NewStateReason: "Threshold Crossed",
    StateChangeTime: new Date(firedAt).toISOString(),
  });
  await handleEvent(
    { Records: [{ EventSource: "aws:sns", Sns: { TopicArn: topicArn, Message } }] },
    config,
    world,
  );
  const document = parseDocument(rollout.flags, store.live ?? "");
  return {
    flags: document.ok ? document.flags : {},
    told: told.map(({ topic }) => topic).sort(),
    texts: Object.fromEntries(told.map(({ topic, text }) => [topic, text])),
    reminded,
  };
}
