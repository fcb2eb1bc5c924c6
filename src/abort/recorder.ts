import { marksIn, parseDocument } from "../flags/document";
import { type Door, doorOf, type Floor, type Marks } from "../flags/doors";
import { ALL_STAGES, type Note } from "../flags/ledger";
import { type AbortStore, isRefused, type Served, type ServedVersion, type StoreEntry } from "../flags/store";
import type { Finish } from "../rollout/finished";
import { once } from "../text/once";
import { reasonOf } from "../text/problem";
import { within } from "../text/within";
import { type AttemptsRead, attemptIn, back, type Source } from "./attempt";
import { isAbove } from "./decide";
import type { AbortOutcome, AbortRequest } from "./request";
import { standingFinish } from "./standingFinish";

/** So many of the newest entries are asked whether an earlier delivery of the same act made them. */
const OWN = 10;
/** The same of an alarm that a later promotion may have come after: a dead letter is sent again after days. */
const OWN_LATER = 100;

/** How long flags stay up to learn which attempt they are of, in ms: then they come down under config's. */
const PATIENCE_MS = 2_000;
/** The shortest period of an alarm: for so long there is no second transition of it. */
const SAME_MOMENT_MS = 10_000;

/** What an abort writes into the ledger: the attempt that it brings down, or stops before it goes up. */
export class Recorder {
  private attempt: number;
  private recorded: number | undefined;
  private unrecorded: string | undefined;
  private finished: Finish | undefined;
  /** The ledger did not tell in time whether the rollout is finished: it is not asked again. */
  private untold = false;
  private readonly marked = new Map<number, Promise<Marks | undefined>>();
  private readonly entries = new Map<number, Promise<StoreEntry>>();

  constructor(
    private readonly store: AbortStore,
    private readonly request: AbortRequest,
    private readonly patience = PATIENCE_MS,
  ) {
    this.attempt = request.note.attempt;
  }

  /**
   * The note of a deployment that lowers: of the attempt that is live, and of a stage that came down before, of the one
   * after the highest. Config, which may be ahead or behind, is believed only where the ledger does not tell.
   */
  async note(newest: number): Promise<Note> {
    const kind = this.request.kind ?? "abort";
    if (kind === "abort" && this.asksLedger) {
      const told = (await this.inTime(this.told(newest, true))) ?? {};
      this.attempt = attemptOf(told) ?? this.attempt;
    }
    return this.noteOf(kind);
  }

  /** Whether the rollout is finished, and what is asked for yields to that. Not where that is not told in time. */
  async yields(newest: number): Promise<boolean> {
    if (this.request.yields === undefined || this.untold) return false;
    const asked = await this.inTime(this.finishIn(newest));
    this.untold = asked === undefined;
    this.finished = asked === "open" ? undefined : asked;
    return this.finished !== undefined;
  }

  private async finishIn(newest: number): Promise<Finish | "open"> {
    const { note, yields } = this.request;
    const found = await standingFinish(this.source, note.rollout, newest);
    const { rangAt } = yields ?? {};
    const before = rangAt !== undefined && !(Date.parse(rangAt) >= Date.parse(found?.at ?? ""));
    return found === undefined || before ? "open" : found;
  }

  /**
   * What there is no way back from by the time of a deployment: what its own document says, and every one of ours before
   * it, back to the newest promotion, which alone may leave a door behind. Somebody else's says nothing of it, nor does
   * one that nobody can read, or that an abort took for want of another. By the document at hand alone where that is not
   * told in time.
   */
  async marks(of: ServedVersion, doors: readonly Door[]): Promise<Marks> {
    const known = once(this.marked, of.deployment, () => this.inTime(this.marksFrom(of, doors)));
    return { ...(await known), ...marksIn(of.document) };
  }

  private async marksFrom({ deployment, document }: ServedVersion, doors: readonly Door[]): Promise<Marks> {
    const marks: Record<string, Floor> = {};
    for await (const [number, { note, rolledBack, version }] of back(deployment, OWN_LATER, this.source)) {
      if (rolledBack || note?.rollout !== this.request.note.rollout || version === undefined) continue;
      const found = marksIn(number === deployment ? document : await this.store.document(version));
      Object.assign(marks, { ...found, ...marks });
      if (note.kind !== "promote") continue;
      if (found !== undefined) break;
      // Its document is lost; that it went through a door, its note says.
      const own = doorOf(doors, note.stage);
      if (own) marks[own.stage] ??= { floor: own.floor, because: own.because };
    }
    return marks;
  }

  /** Such a deployment was started: it is the record. */
  wrote(deployment: number): void {
    this.recorded = deployment;
    this.unrecorded = undefined;
  }

  /**
   * Whether what is asked for was done before, and the stage promoted anew since: an alarm's message may be delivered
   * once more after days, and speaks of the attempt that it took down then. The number of the deployment that did it;
   * undefined also where that is not told in time.
   */
  answeredBefore(newest: number): Promise<number | undefined> {
    return this.inTime(this.answer(newest));
  }

  private async answer(newest: number): Promise<number | undefined> {
    const { note, since } = this.request;
    if (note.id === undefined || since === undefined) return undefined;
    for await (const [number, { note: found, startedAt }] of back(newest, OWN_LATER, this.source)) {
      if (found?.id === note.id && found.rollout === note.rollout)
        return number < newest ? number : undefined;
      // What began before the alarm rang answers nothing. One that rings within a moment of an answer to it, and of what
      // came after that, may be another: in doubt, the flags come down.
      if (startedAt === undefined || Date.parse(startedAt) < Date.parse(since) + SAME_MOMENT_MS)
        return undefined;
    }
    return undefined;
  }

  /**
   * The deployment by which this very act lowered, where its answer was lost on the way; undefined where it did not.
   * Never throws.
   */
  async lowered(newest: number): Promise<number | undefined> {
    const own = await this.own(newest).catch(() => undefined);
    if (own === undefined) return undefined;
    this.wrote(own);
    const { note } = await this.read(own);
    return note?.kind === "stop" ? undefined : own;
  }

  /**
   * Carries the live version on with the stop in its note. True once it is recorded, or cannot be. Never throws: the
   * flags are down, whatever becomes of the record.
   */
  async stop(served: Served): Promise<boolean> {
    if (this.request.kind === "lower" || this.recorded !== undefined) return true;
    return this.carry(served).catch((error: unknown) => {
      this.unrecorded = reasonOf(error);
      return true;
    });
  }

  private async carry({ live, newest, underWay }: Served): Promise<boolean> {
    if (!live) {
      this.unrecorded = "nothing was ever deployed";
      return true;
    }
    if (this.asksLedger) this.attempt = attemptOf(await this.told(newest, false)) ?? this.attempt;
    else if (this.request.exact) {
      this.recorded = await this.stopped(newest);
      if (this.recorded !== undefined) return true;
    }
    // It lowers, or it would be stopped: whoever made it wrote an entry of its own.
    this.unrecorded = underWay
      ? `deployment ${underWay.deployment} is under way`
      : "other deployments kept coming first";
    if (underWay) return false;
    const result = await this.store.redeploy(live.version, this.noteOf("stop"), newest);
    if (isRefused(result)) {
      this.unrecorded =
        result.kind === "invalid" ? result.problem : "AppConfig keeps no more versions of the document";
      return true;
    }
    if (result.kind === "started") this.wrote(result.deployment);
    return result.kind === "started";
  }

  outcome(): Pick<AbortOutcome, "attempt" | "recorded" | "unrecorded" | "finished"> {
    const { attempt, recorded, unrecorded, finished } = this;
    return { attempt, recorded, unrecorded, ...(finished ? { finished } : {}) };
  }

  /** What is asked while flags are up: nothing where it fails, or does not come in time. */
  private inTime<T>(asked: Promise<T>): Promise<T | undefined> {
    return within(this.patience, asked).catch(() => undefined);
  }

  /** The entry of an earlier delivery of this very act. */
  private own(newest: number): Promise<number | undefined> {
    const { id } = this.request.note;
    return id === undefined ? Promise.resolve(undefined) : this.find(newest, ({ note }) => note?.id === id);
  }

  /** The entry that stopped this very attempt already, whoever asked for it. */
  private stopped(newest: number): Promise<number | undefined> {
    const { rollout, stage, attempt } = this.request.note;
    return this.find(
      newest,
      ({ note }) =>
        (note?.kind === "abort" || note?.kind === "stop") &&
        note.rollout === rollout &&
        note.stage === stage &&
        note.attempt === attempt,
    );
  }

  private async find(newest: number, is: (entry: StoreEntry) => boolean): Promise<number | undefined> {
    const readable = { entry: (number: number) => this.read(number).catch((): StoreEntry => ({})) };
    for await (const [number, entry] of back(newest, OWN, readable)) if (is(entry)) return number;
    return undefined;
  }

  private told(newest: number, urgent: boolean): Promise<AttemptsRead> {
    const { note, since, formerly = [] } = this.request;
    const names = [note.stage, ...formerly];
    return attemptIn({ rollout: note.rollout, names, since }, newest, this.source, urgent);
  }

  private readonly source: Source = {
    entry: (number) => this.read(number),
    isAbove: async (version) => {
      const { specs, floor } = this.request;
      const parsed = parseDocument(specs, await this.store.document(version).catch(() => undefined));
      return parsed.ok ? isAbove(specs, parsed.flags, floor) : undefined;
    },
  };

  /** What an entry says never changes but for its state, which is looked at once. */
  private read(number: number): Promise<StoreEntry> {
    return once(this.entries, number, () => this.store.entry(number));
  }

  /** Of every stage at once, and of one that is known for certain, nothing is asked. */
  private get asksLedger(): boolean {
    return !this.request.exact && this.request.note.stage !== ALL_STAGES;
  }

  private noteOf(kind: "abort" | "stop" | "lower"): Note {
    return { cutover: 1, kind, ...this.request.note, attempt: this.attempt };
  }
}

function attemptOf({ live, highest }: AttemptsRead): number | undefined {
  return live ?? (highest === undefined ? undefined : highest + 1);
}
