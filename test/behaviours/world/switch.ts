import { abortRows } from "../../../src/abort/abortRows";
import { dismissedKey } from "../../../src/abort/reminder";
import { handleEvent, type SwitchWorld } from "../../../src/abort/switch";
import type { AbortConfig } from "../../../src/abort/switchConfig";
import { alarmName } from "../../../src/aws/names";
import { followersOf } from "../../../src/delivery/followers";
import { parseDocument } from "../../../src/flags/document";
import type { Flags } from "../../../src/flags/flags";
import { ALL_STAGES } from "../../../src/flags/ledger";
import { doorsOf } from "../../../src/rollout/doors";
import { floorOf, type Rollout } from "../../../src/rollout/rollout";
import { MemoryStore } from "../../src/abort/memory";
import { Otherwise } from "../behaviour";
import { NOW } from "./clock";
import { stageOf } from "./gates";

const ACCOUNT = "123456789012";

/** What came of an alarm. */
export interface Answered {
  /** The flags that servers are given from then on. */
  readonly flags: Flags;
  /** Who was told, sorted. */
  readonly told: readonly string[];
  /** Whether the ledger holds every stage from then on. */
  readonly held: boolean;
  /** The services whose servers were started anew, as people know them. */
  readonly restarted: readonly string[];
  /** The texts, subjects first. */
  readonly texts: Readonly<Record<string, string>>;
  /** After how long it is looked again whether somebody decided, in ms. */
  readonly reminded: readonly number[];
  /** What comes of it then, where nobody has. */
  readonly undecided?: Pick<Answered, "flags" | "told" | "held"> | undefined;
}

/** What the switch of a stage does when a row's alarm fires while these flags are live. */
export async function fire(rollout: Rollout, owner: string, row: string, live: Flags): Promise<Answered> {
  const stage = stageOf(rollout, owner);
  const topicArn = `arn:aws:sns:eu-central-1:${ACCOUNT}:abort`;
  const config: AbortConfig = {
    ...{ rollout: rollout.name, stage: stage.name, attempt: stage.attempt, specs: rollout.flags },
    floor: floorOf(rollout, stage),
    doors: doorsOf(rollout),
    store: { applicationId: "a", environmentId: "e", profileId: "p", strategyId: "s" },
    topicArn,
    alarms: abortRows(rollout, stage),
    topics: { onCall: "onCall", ops: "ops", stakeholders: "stakeholders" },
    ...followersOf(rollout),
  };
  const store = new MemoryStore();
  store.promote(live);
  const told: { topic: string; text: string }[] = [];
  const reminded: number[] = [];
  const schedules: unknown[] = [];
  const restarted: string[] = [];
  let dismissed = false;
  let now = NOW;
  const firedAt = NOW - 5_000;
  const world = {
    store: Object.assign(store, {
      note: async (deployment: number) => store.deployments[deployment - 1]?.note,
    }),
    publish: async (topic: string, { subject, text }: { subject: string; text: string }) => {
      told.push({ topic, text: `${subject}\n${text}` });
    },
    follow: async ({ restart }: Parameters<SwitchWorld["follow"]>[0]) => {
      const names = restart.map(({ cluster, service }) => `${cluster}/${service}`);
      restarted.push(...names);
      return names.map((name) => ({ how: "restart" as const, name }));
    },
    converged: async () => undefined,
    schedule: async (reminder: unknown, at: number) => {
      reminded.push(at - firedAt);
      schedules.push(reminder);
      now = at;
    },
    decisions: async (of: string) => new Set(dismissed ? [dismissedKey(of, NOW)] : []),
    keep: async () => {},
    log: () => {},
    now: () => now,
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
  const state = () => {
    const document = parseDocument(rollout.flags, store.live ?? "");
    return {
      flags: document.ok ? document.flags : {},
      told: told.map(({ topic }) => topic).sort(),
      held: store.deployments.some(({ note }) => note?.kind === "hold" && note.stage === ALL_STAGES),
      restarted: [...restarted],
    };
  };
  const first = state();
  const texts = Object.fromEntries(told.map(({ topic, text }) => [topic, text]));
  if (schedules.length === 0) return { ...first, texts, reminded };
  dismissed = true;
  for (const reminder of schedules) await handleEvent(reminder, config, world);
  const left = state();
  if (JSON.stringify(left) !== JSON.stringify(first))
    throw new Otherwise(`${row} was dismissed, and is acted on all the same`);
  dismissed = false;
  told.length = 0;
  for (const reminder of schedules) await handleEvent(reminder, config, world);
  return { ...first, texts, reminded, undecided: state() };
}
