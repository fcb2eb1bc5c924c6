import type { Converged } from "../aws/converged";
import type { TopicName } from "../aws/names";
import { type Follower, type Followers, showFollower } from "../delivery/followers";
import { codeDigest, codeOf, newCode } from "../flags/acknowledged";
import { sameFlags } from "../flags/flags";
import type { AbortStore, StoreEntry } from "../flags/store";
import { reasonOf } from "../text/problem";
import { within } from "../text/within";
import { type Alarm, eventRecords, readMessage } from "./alarm";
import { isAbove } from "./decide";
import { type DrillOutcome, deployDrill } from "./deployDrill";
import { drillPage } from "./drillPage";
import { finishedPage } from "./finishedPage";
import { holdFrozen } from "./freeze";
import { incident } from "./incident";
import { lowerFlags } from "./lower";
import { comesDown, type Done, incidentNotice, type Message, page } from "./pages";
import { previousPhase } from "./previous";
import { type ReminderWorld, remind, reminder, scheduleReminder, type Undecided } from "./reminder";
import type { AbortOutcome } from "./request";
import { pagedKey } from "./seen";
import type { AbortConfig } from "./switchConfig";

/** The world that the switch acts on. */
export interface SwitchWorld extends ReminderWorld {
  readonly store: AbortStore;
  /** Never throws: who could not be told is in the answer. */
  follow(followers: Followers): Promise<readonly Follower[]>;
  /** How long servers took the last time that it was measured. Never throws. */
  converged(): Promise<Converged | undefined>;
}

/**
 * What happens when alarms reach the abort topic: flags down first, then servers, then people. Nothing that fails
 * stops what comes after it. Throws in the end where anything failed, so that Lambda delivers the message again,
 * keeps it in the dead-letter queue in the end, and the switch's own alarm pages.
 *
 * The scheduler calls it as well, with what people were to decide: it reminds them, or rolls back undecided.
 */
export async function handleEvent(event: unknown, config: AbortConfig, world: SwitchWorld): Promise<void> {
  const due = reminder.safeParse(event);
  if (due.success)
    return remind(due.data, config, world, async (undecided) => {
      const unanswered = await new Answer(overdue(undecided), config, world).give();
      if (unanswered.length > 0) throw new Error(unanswered.join("; "));
    });
  const failures: string[] = [];
  for (const record of eventRecords(event)) {
    const read = readMessage(record, config);
    if (!read.ok) {
      world.log({ event: "refused", reason: read.refused });
      failures.push(`a message was refused: ${read.refused}`);
    } else if (read.alarm.state !== "ALARM") {
      world.log({ event: "ignored", alarm: read.alarm.name, state: read.alarm.state });
    } else {
      failures.push(...(await new Answer(read.alarm, config, world).give()));
    }
  }
  if (failures.length > 0) throw new Error(failures.join("; "));
}

/** The alarm as one that rolls back. Its incident was opened when it fired. */
function overdue(undecided: Undecided): Alarm {
  const within = undecided.remind?.after ?? "the time for it";
  return {
    ...undecided,
    action: "rollback",
    incident: undefined,
    state: "ALARM",
    reason: `nobody decided within ${within} of the alarm`,
  };
}

/** For so long a page waits to learn whether its code is in the ledger, and as long to keep it elsewhere, in ms. */
const KEPT_MS = 2_000;

type TopicMessage = readonly [topic: string, message: Message];
type Lowered = Extract<Done, { kind: "lowered" }>;

/** The answer to one alarm. */
class Answer {
  private readonly failures: string[] = [];
  /** By which a person says that they saw the page. It stands in pages alone: what is kept of it is a digest. */
  private readonly code: string;

  constructor(
    private readonly alarm: Alarm,
    private readonly config: AbortConfig,
    private readonly world: SwitchWorld,
  ) {
    const { messageId } = alarm;
    this.code = messageId === undefined ? newCode() : codeOf(messageId, alarm);
  }

  async give(): Promise<readonly string[]> {
    const { alarm, config, world } = this;
    if (alarm.action === "drill") return this.giveDrill();
    const done = alarm.action === "page" ? ({ kind: "page-only" } as const) : await this.bringDown();
    this.log("abort", done);
    if ("outcome" in done && done.outcome.finished) {
      const { finished } = done.outcome;
      await this.tell([[config.topics.onCall, finishedPage(config, alarm, finished, await this.keptCode())]]);
      return this.failures;
    }
    const opened = alarm.incident ?? [];
    const code = await this.keptCode("outcome" in done ? done.outcome.recorded : undefined);
    // Who can act hears first: what is still to be asked for C5 delays nobody but its readers.
    await this.tell([
      [config.topics.onCall, page(config, alarm, done, code)],
      ...opened.map((topic): TopicMessage => [config.topics[topic], incident(config, alarm, done)]),
    ]);
    if (done.kind === "lowered") await this.giveNotice(done, opened);
    if (done.kind === "page-only")
      await scheduleReminder(alarm, world).catch((error: unknown) => {
        this.failures.push(`no reminder could be scheduled: ${reasonOf(error)}`);
      });
    return this.failures;
  }

  /** C5. Who reads of the incident reads in it of the rollback. */
  private async giveNotice(done: Lowered, opened: readonly TopicName[]): Promise<void> {
    const { alarm, config, world } = this;
    const readers = (["ops", "stakeholders"] as const).filter((topic) => !opened.includes(topic));
    if (readers.length === 0) return;
    const measured = await world.converged();
    const arrival = { measured, promised: config.promised, followers: done.followers };
    const stage = comesDown(done.step) ?? config.stage;
    const notice = incidentNotice({ ...config, stage }, alarm, done.outcome, arrival);
    await this.tell(readers.map((topic): TopicMessage => [config.topics[topic], notice]));
  }

  /** A drill's answer: the way of an abort, with the flags as they are. One that is refused is no failure. */
  private async giveDrill(): Promise<readonly string[]> {
    const { alarm, config, world } = this;
    const outcome = await deployDrill(world.store, config, alarm, world.now(), this.digest).catch(
      (error: unknown): DrillOutcome => {
        this.failures.push(`the drill failed: ${reasonOf(error)}`);
        return { kind: "failed", why: reasonOf(error) };
      },
    );
    this.log("drill", outcome);
    const code = "deployment" in outcome ? await this.keptCode(outcome.deployment) : undefined;
    await this.tell([[config.topics.onCall, drillPage(config, alarm, outcome, code)]]);
    return this.failures;
  }

  private log(event: string, what: Done | DrillOutcome): void {
    const { alarm, world } = this;
    const sinceAlarmMs = world.now() - Date.parse(alarm.at);
    world.log({ event, alarm: alarm.name, sinceAlarmMs, ...what });
  }

  private async tell(messages: readonly TopicMessage[]): Promise<void> {
    const { world } = this;
    const told = await Promise.allSettled(messages.map(([topic, message]) => world.publish(topic, message)));
    told.forEach((result, index) => {
      if (result.status === "rejected")
        this.failures.push(`${messages[index]?.[0]} could not be told: ${reasonOf(result.reason)}`);
    });
  }

  private async bringDown(): Promise<Done> {
    const { alarm, config, world } = this;
    const { rollout, attempt, doors } = config;
    const { freeze, only, previous } = alarm;
    // What comes down is what was live: the ledger says so of the later stage, by the name that it goes by there.
    const rang = { at: Date.parse(alarm.at), span: previous?.spanMs ?? 0 };
    const below = previous && (await previousPhase(world.store, { rollout, specs: config.specs, rang }));
    const { specs } = below ?? config;
    const own = previous?.floor ?? alarm.floor ?? config.floor;
    // Not below the row's own floor; what came up again since a stage contracted it is above that, and comes down.
    const reached = below && (isAbove(specs, below.floor, own) || sameFlags(specs, below.floor, own));
    const taken = reached ? below : undefined;
    const step = taken ?? (below && "own");
    const floor = taken?.floor ?? own;
    const stage = taken?.stage ?? config.stage;
    const formerly = stage === config.stage ? config.formerly : [];
    // The time tells one event from another: a message that is delivered again finds its own deployment by it.
    const reason = `${alarm.at} ${alarm.title}: ${alarm.reason}`;
    const act = { rollout, stage, attempt, row: alarm.row, reason, id: `${alarm.row} ${alarm.at}` };
    const note = { ...act, digest: codeDigest(act, this.code) };
    let outcome: AbortOutcome;
    try {
      // An alarm that rang before the finish brings down what was finished meanwhile, and so does silence about it.
      outcome = await lowerFlags(world.store, {
        ...{ specs, floor, only, doors, freeze, note, formerly, yields: { rangAt: alarm.at } },
        since: alarm.at,
      });
    } catch (error) {
      this.failures.push(`the flags could not be lowered: ${reasonOf(error)}`);
      return { kind: "failed", reason: reasonOf(error) };
    }
    if (outcome.finished) return { kind: "nothing", outcome };
    // A stop that nobody can read in the ledger is none: delivered again, it is tried again.
    if (outcome.recorded === undefined && outcome.served !== undefined)
      this.failures.push(`the stop could not be recorded: ${outcome.unrecorded}`);
    const held = outcome.frozen ? await holdFrozen(world.store, act) : undefined;
    if (held?.kind === "impossible") this.failures.push(`the rollout could not be held: ${held.why}`);
    const finished = await this.finishesOwn(outcome);
    if (!finished) return { kind: "nothing", outcome, held, step };
    const followers = await world.follow({ restart: config.restart, deliver: config.deliver ?? [] });
    for (const one of followers) if (one.problem !== undefined) this.failures.push(showFollower(one));
    return { kind: "lowered", outcome: finished, followers, held, step };
  }

  /**
   * The code, once its digest is where it is looked for: in the ledger's entry about what was done, else beside what is
   * decided about the row. Undefined where that fails, or does not come in time: nobody's page waits for it.
   */
  private async keptCode(deployment?: number): Promise<string | undefined> {
    const { alarm, world, digest, code } = this;
    if (deployment !== undefined) {
      const told = await within(KEPT_MS, world.store.entry(deployment)).catch(() => undefined);
      if (told?.note && told.note.digest === codeDigest(told.note, code)) return code;
    }
    const keeping = world.keep(pagedKey(alarm.row, alarm.at, digest), `on-call was paged of ${alarm.name}`);
    const kept = keeping.then(
      () => true,
      (error: unknown) => world.log({ event: "page-without-code", alarm: alarm.name, why: reasonOf(error) }),
    );
    return (await within(KEPT_MS, kept)) ? code : undefined;
  }

  private get digest(): string {
    return codeDigest(this.config, this.code);
  }

  /**
   * The outcome where the rest of an abort is still to be done: this one's own, or that of an earlier delivery of
   * the same message, which may have been killed half-way. Better told twice than never.
   */
  private async finishesOwn(outcome: AbortOutcome): Promise<AbortOutcome | undefined> {
    if (outcome.deployment !== undefined || outcome.stopped.length > 0) return outcome;
    if (outcome.served === undefined) return undefined;
    const { note } = await this.world.store.entry(outcome.served).catch((): StoreEntry => ({}));
    const own =
      note?.kind === "abort" && note.row === this.alarm.row && note.reason?.startsWith(this.alarm.at);
    return own ? { ...outcome, before: undefined, deployment: outcome.served } : undefined;
  }
}
