import { z } from "zod";
import type { FlagSpecs, Flags } from "../flags/flags";
import type { Ledger } from "../flags/ledger";
import type { MessageConfig, MessageQuery } from "../rollout/config/messages";
import { milliseconds } from "../text/duration";
import { reasonOf } from "../text/problem";
import type { MessagesConfig } from "./messagesConfig";
import { keyOf, type Post, sendOnce, type TopicMessage } from "./sendOnce";
import { type Standing, standing } from "./standing";
import { type Measures, type Soak, summarise } from "./summary";
import { type About, type Answered, type Lived, report } from "./texts";
import { occurrenceAt } from "./timing";

/** What a schedule calls the messages function with: the flip that it was made for, and the message that is due. */
const due = z.strictObject({
  cutover: z.literal(1),
  row: z.string(),
  stage: z.string(),
  attempt: z.number().int().positive(),
  deployment: z.number().int().positive(),
});

/** The world that the messages function speaks in. */
export interface MessagesWorld extends Post, Measures {
  ledger(): Promise<Ledger>;
  /** Asks questions about the imports that began in a span of time, ms since the epoch. Never throws. */
  ask(ids: readonly MessageQuery[], span: { readonly from: number; readonly to: number }): Promise<Answered>;
  log(entry: object): void;
}

/** The stage's flags have been live for as long as the message says. */
type True = Extract<Standing, { kind: "live" | "followed" }>;

/** Which message is due, of which flip. */
interface Due {
  readonly row: string;
  readonly attempt: number;
  readonly message: MessageConfig;
  /** When the flags went live, ms since the epoch. */
  readonly liveSince: number;
  readonly found: True;
  readonly ledger: Ledger;
  readonly deployment: number;
}

/**
 * Says what is due, if it is true. Nothing is sent of a flip that was aborted, repeated or replaced meanwhile. Where
 * that cannot be known, or somebody could not be told, it throws: Lambda tries again, keeps the call in the
 * dead-one queue in the end, and the messages function's own alarm pages on-call.
 */
export async function sendDue(event: unknown, config: MessagesConfig, world: MessagesWorld): Promise<void> {
  const asked = due.safeParse(event);
  if (!asked.success) throw new Error("it was called with something else than a message that is due");
  const { row, stage, attempt, deployment } = asked.data;
  const message = Object.hasOwn(config.messages, row) ? config.messages[row] : undefined;
  const { of, timeScale } = config;
  if (stage !== of.name || !message || typeof message.when !== "object")
    throw new Error(`${stage} ${row} is no timed message of ${of.name}`);
  let ledger: Ledger;
  try {
    ledger = await world.ledger();
  } catch (error) {
    throw new Error(
      `${of.rollout} ${stage} ${row} was not sent: the ledger cannot be read, so it is not known whether it is true: ${reasonOf(error)}`,
    );
  }
  const every = everyOf(message);
  const needed = milliseconds("after" in message.when ? message.when.after : message.when.every) / timeScale;
  const found = standing(ledger, { of, attempt, deployment }, needed);
  const cancel = (kind: string, sentence: string) =>
    world.log({ event: "cancelled", row, attempt, kind, sentence });
  if (found.kind !== "live" && found.kind !== "followed") return cancel(found.kind, found.sentence);
  if (every !== undefined && found.kind === "followed")
    return cancel("followed", `${stage}, attempt ${attempt}, was followed by ${found.by.stage}`);
  const liveSince = Date.parse(found.since);
  if (every !== undefined && occurrenceAt(liveSince, world.now(), every, timeScale) === 0)
    return cancel("early", `its first time is ${every} after the flip`);
  // Better told twice than never.
  const before = await world.sent(attempt).catch((error: unknown) => {
    world.log({ event: "unknown-what-was-sent", reason: reasonOf(error) });
    return new Set<string>();
  });
  await tell({ row, attempt, message, liveSince, found, ledger, deployment }, before, config, world);
}

function everyOf({ when }: MessageConfig): string | undefined {
  return typeof when === "object" && "every" in when ? when.every : undefined;
}

/** Writes the message, with all that it is to show, and sends it to whoever has not had it. */
async function tell(
  one: Due,
  before: ReadonlySet<string>,
  config: MessagesConfig,
  world: MessagesWorld,
): Promise<void> {
  const { row, attempt, message } = one;
  const { of, release, store } = config;
  const telling = { rollout: of.rollout, release, region: store.region, stage: of.name, attempt };
  const about: About = { ...telling, row, message };
  const lived = livedOf(one, config, world.now());
  const topicMessagesOf = (notice: TopicMessage["notice"]) =>
    message.to.map((topic): TopicMessage => ({ to: topic, topicArn: config.topics[topic], notice }));
  // Nothing is measured for what was said already.
  const plain = topicMessagesOf(report(about, lived, {}));
  if (plain.every((one) => before.has(keyOf(one))))
    return world.log({ event: "sent", row, attempt, told: [], before: plain.map(keyOf) });
  const soak = message.soakSummary ? await summary(one, config, world) : undefined;
  const answered = message.queries && (await world.ask(message.queries, spanOf(one, config, world.now())));
  const told = await sendOnce(topicMessagesOf(report(about, lived, { soak, answered })), world, before);
  world.log({ event: "sent", row, attempt, ...told });
  if (told.failed.length > 0)
    throw new Error(told.failed.map(({ key, reason }) => `${key} could not be sent: ${reason}`).join("; "));
}

function livedOf({ message, found, liveSince, ledger }: Due, config: MessagesConfig, now: number): Lived {
  const { of, timeScale } = config;
  const every = everyOf(message);
  const until = found.kind === "followed" ? Date.parse(found.by.at) : now;
  return {
    since: found.since,
    forMs: (until - liveSince) * timeScale,
    flags: declared(of.specs, ledger.live?.flags ?? {}),
    check: every ? { occurrence: occurrenceAt(liveSince, now, every, timeScale), every } : undefined,
    followedBy: found.kind === "followed" ? found.by : undefined,
  };
}

function summary(
  { ledger, deployment, found }: Due,
  config: MessagesConfig,
  world: MessagesWorld,
): Promise<Soak> {
  // What carries the flags on is live by its own number.
  const liveDeployment = found.kind === "live" ? (ledger.live?.deployment ?? deployment) : deployment;
  return summarise(config, ledger, { liveDeployment, liveSince: found.since }, world);
}

/** The time that a message's questions are about: since the last time that it was sent, or since the flip. */
function spanOf({ message, liveSince }: Due, { timeScale }: MessagesConfig, now: number) {
  const every = everyOf(message);
  const from = every === undefined ? liveSince : Math.max(liveSince, now - milliseconds(every) / timeScale);
  return { from, to: now };
}

/** Only what the rollout declares: nobody knows what else a document holds. */
function declared(specs: FlagSpecs, flags: Flags): Flags {
  return Object.fromEntries(Object.entries(flags).filter(([flag]) => Object.hasOwn(specs, flag)));
}
