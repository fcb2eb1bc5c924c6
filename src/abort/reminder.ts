import { z } from "zod";
import { field, subjectOf } from "../channels/plain";
import { codeDigest, codeOf, newCode } from "../flags/acknowledged";
import { marksIn } from "../flags/document";
import { floorBy, keptAbove } from "../flags/doors";
import type { AbortStore, Served, ServedVersion } from "../flags/store";
import { abortAs, dismiss } from "../text/command";
import { reasonOf } from "../text/problem";
import type { Alarm } from "./alarm";
import { back } from "./attempt";
import { bindBy } from "./bind";
import { askedFloor, decide, everything } from "./decide";
import { type Message, ofAlarm, placeOf, sayingSeen, shown } from "./pages";
import { pagedKey, type Seen, seenOf } from "./seen";
import type { AbortConfig, AbortRow } from "./switchConfig";
import { parseAll } from "./terms";

/** What the scheduler calls the switch with: an alarm that only paged, and that somebody had to decide about. */
export const reminder = z.strictObject({
  cutover: z.literal(1),
  remind: z.string().min(1),
  /** When the alarm fired, ISO 8601 in UTC. */
  at: z.iso.datetime(),
  /** The id of its message in the stage's topic, by which the reminder carries the code that its page had. */
  messageId: z.string().min(1).optional(),
});
export type Reminder = z.infer<typeof reminder>;

/** The world that reminders live in. */
export interface ReminderWorld {
  readonly store: Pick<AbortStore, "read" | "entry">;
  publish(topicArn: string, message: Message): Promise<void>;
  /** Has the switch called with it at that time (ms since the epoch). The second time for the same one it does nothing. */
  schedule(reminder: Reminder, at: number): Promise<void>;
  /** Keys of what was kept about a row. */
  decisions(row: string): Promise<ReadonlySet<string>>;
  /** Keeps something, so that its key shows from then on. */
  keep(key: string, text: string): Promise<void>;
  log(entry: object): void;
  now(): number;
}

/** Keys under which it is kept what became of an alarm. By the millisecond, since AWS takes no colon in a name. */
export const remindedKey = (row: string, at: string) => `${row}/reminded/${Date.parse(at)}`;
export const dismissedKey = (row: string, ms: number) => `${row}/dismissed/${ms}`;
export const rolledBackKey = (row: string, at: string) => `${row}/rolled-back/${Date.parse(at)}`;

/** What was decided about an alarm, from what was kept: a dismissal counts for every alarm before it. */
export function decisionOf(kept: ReadonlySet<string>, row: string, at: string): string | undefined {
  const since = Date.parse(at);
  const begins = `${row}/dismissed/`;
  const dismissed = [...kept].some(
    (key) => key.startsWith(begins) && Number(key.slice(begins.length)) >= since,
  );
  if (dismissed) return "it was dismissed";
  return kept.has(rolledBackKey(row, at)) ? "it was rolled back" : undefined;
}

/** Asks to be reminded of an alarm: so long after it fired, however often and late it is delivered. */
export async function scheduleReminder(
  alarm: Pick<AbortRow, "row" | "remind"> & Pick<Alarm, "at" | "messageId">,
  world: Pick<ReminderWorld, "schedule">,
): Promise<void> {
  if (!alarm.remind) return;
  const { row, at, remind, messageId } = alarm;
  const due: Reminder = { cutover: 1, remind: row, at, ...(messageId === undefined ? {} : { messageId }) };
  await world.schedule(due, Date.parse(at) + remind.afterMs);
}

/** A row's alarm that nobody decided about in time. */
export type Undecided = AbortRow & Pick<Alarm, "name" | "at" | "messageId">;

/**
 * Acts on an alarm that nobody decided about: the flags are up, and nobody dismissed it. Reminds on-call, or rolls back
 * where the row says so. Where it cannot be known what was decided, that counts as nothing. Throws where on-call could
 * not be told, or the flags not be lowered, so that the call is repeated.
 *
 * @param rollBack lowers the flags and tells people, as an alarm's answer does
 */
export async function remind(
  { remind: row, at, messageId }: Reminder,
  config: AbortConfig,
  world: ReminderWorld,
  rollBack: (undecided: Undecided) => Promise<void>,
): Promise<void> {
  const [name, known] = Object.entries(config.alarms).find(([, one]) => one.row === row) ?? [];
  const cancel = (why: string) => world.log({ event: "no-reminder", row, at, why });
  if (name === undefined || !known?.remind) return cancel("the row asks for none any more");
  const rollsBack = known.remind.undecided === "rollback";
  const unknown = (what: string) => (error: unknown) => {
    const event = rollsBack ? "rolls-back-all-the-same" : "reminds-all-the-same";
    world.log({ event, row, at, why: `${what} cannot be read: ${reasonOf(error)}` });
    return undefined;
  };
  const kept = await world.decisions(row).catch(unknown("what was decided"));
  const decided = kept && decisionOf(kept, row, at);
  if (decided) return cancel(decided);
  if (kept?.has(remindedKey(row, at))) return cancel("on-call was reminded already");
  const served = await world.store.read().catch(unknown("the flags"));
  const since =
    served && (await downSince(served.newest, { row, at }, config, world).catch(unknown("the ledger")));
  const { floor = config.floor, only } = known;
  const flags = served && (await stateOf({ ...config, floor, only }, served));
  // Its own rollback may have been cut off before people were told of it.
  if (since !== "own") {
    // Where an irreversible stage keeps them up, people hear of that: nothing came down by itself.
    if (flags?.kind === "nothing" && flags.kept === undefined)
      return cancel(`the flags are down: ${shown(flags.before)}`);
    if (since !== undefined) return cancel(`a rollback was asked for since, in deployment ${since}`);
  }
  const keep = (key: string, what: string) =>
    world.keep(key, what).then(
      () => true,
      (error: unknown) => world.log({ event: "unkept", row, at, why: reasonOf(error) }),
    );
  if (rollsBack) {
    await rollBack({ ...known, name, at, messageId });
    await keep(rolledBackKey(row, at), `rolled back: nobody decided about ${row}, which fired at ${at}`);
    return;
  }
  const code = messageId === undefined ? newCode() : codeOf(messageId, { name, at });
  const found = await keep(pagedKey(row, at, codeDigest(config, code)), `on-call was paged of ${name}`);
  await world.publish(
    config.topics.onCall,
    reminderPage(
      config,
      { ...known, name, at },
      {
        ...{ now: world.now(), kept: flags?.kept, code: found ? code : undefined },
        seen: kept && (seenOf(kept, row, at) ?? "nobody"),
      },
    ),
  );
  await keep(remindedKey(row, at), `on-call was reminded of ${row}, which fired at ${at}`);
  world.log({ event: "reminded", row, at });
}

/** So far back it is looked for what brought the flags down since an alarm. */
const REACH = 100;
const LOWERING: readonly string[] = ["abort", "stop", "lower"];

/**
 * The deployment since an alarm that brought flags of the rollout down, or stopped a stage: whoever did it decided,
 * and what is up now was promoted after it. `own` where this very alarm did; undefined where nothing did.
 */
async function downSince(
  newest: number,
  { row, at }: { readonly row: string; readonly at: string },
  { rollout }: AbortConfig,
  { store }: Pick<ReminderWorld, "store">,
): Promise<number | "own" | undefined> {
  for await (const [number, { note, startedAt, rolledBack }] of back(newest, REACH, store)) {
    if (startedAt !== undefined && Date.parse(startedAt) < Date.parse(at)) return undefined;
    if (rolledBack || note?.rollout !== rollout || !LOWERING.includes(note.kind)) continue;
    if (note.row === row && note.reason?.startsWith(at)) return "own";
    if (startedAt !== undefined) return number;
  }
  return undefined;
}

/** What an abort would come to, as far as the flags alone tell. */
async function stateOf(
  { specs, floor, only, doors = [] }: AbortConfig & Pick<AbortRow, "only">,
  served: Served,
) {
  const said = async ({ document }: ServedVersion) => marksIn(document) ?? {};
  const bound = await bindBy({ specs, doors }, served, {}, { said, seen: [] });
  const documents = parseAll(specs, everything(served));
  const asked = askedFloor({ specs, floor }, only, documents);
  const decision = decide({ specs, floor: floorBy(specs, bound, asked, only), served: documents });
  return { ...decision, kept: decision.before && keptAbove(specs, bound, asked, decision.before) };
}

/** What a reminder tells beside its row. */
interface Reminded {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly kept: string | undefined;
  /** Where it is kept. */
  readonly code: string | undefined;
  /** Who saw the alarm's page; undefined where that is not known. */
  readonly seen: Seen | "nobody" | undefined;
}

function showSeen(seen: Seen | "nobody", at: string): string {
  if (seen === "nobody") return "nobody has said that they saw the page";
  const minutes = Math.max(0, Math.round((seen.at - Date.parse(at)) / 60_000));
  return `by ${seen.by}, ${minutes} min after the alarm`;
}

function reminderPage(
  config: AbortConfig,
  row: AbortRow & Pick<Alarm, "name" | "at">,
  { now, kept, code, seen }: Reminded,
): Message {
  const { rollout, stage, attempt } = config;
  const { at } = row;
  const minutes = Math.round((now - Date.parse(at)) / 60_000);
  const text = [
    `${rollout} ${stage} ${row.row}: ${row.title}. Nobody has decided.`,
    "",
    field("Rollout", rollout),
    field("Stage", `${stage}, attempt ${attempt}`),
    field("Row", row.row),
    field("Limit", row.limit),
    field(
      "Since",
      `${at}, ${minutes} min ago; a decision was due within ${row.remind?.after ?? "that time"}`,
    ),
    ...(seen === undefined ? [] : [field("Seen", showSeen(seen, at))]),
    field("Done", "nothing: this row changes no flag, and the flags are up"),
    ...(kept === undefined ? [] : [field("Kept", `${kept}, also by a rollback`)]),
    field("Runbook", row.runbook ?? "no line for this row"),
    field("Next", `To roll back: ${abortAs(placeOf(config), stage, row)}`),
    field("", `To leave it: ${dismiss(placeOf(config), stage, row.row)}`),
    ...(code === undefined ? [] : [field("", sayingSeen(placeOf(config), code))]),
  ].join("\n");
  return {
    subject: subjectOf(`Decide now: ${rollout} ${stage} ${row.row}`),
    text,
    attributes: ofAlarm("reminder", config, row),
  };
}
