import { ALL_STAGES, type Note } from "../flags/ledger";
import type { AbortStore, Served } from "../flags/store";
import { reasonOf } from "../text/problem";
import { attemptToStop, liveAttempt } from "./attempt";
import type { AbortOutcome, AbortRequest } from "./request";

/** So many of the newest entries are asked whether an earlier delivery of the same act made them. */
const OWN = 10;

/** What an abort writes into the ledger: the attempt that it brings down, or stops before it goes up. */
export class Recorder {
  private attempt: number;
  private recorded: number | undefined;
  private unrecorded: string | undefined;

  constructor(
    private readonly store: AbortStore,
    private readonly request: AbortRequest,
  ) {
    this.attempt = request.note.attempt;
  }

  /** The note of a deployment that lowers: of the attempt that is live, where the ledger tells; config may be ahead. */
  async note(newest: number): Promise<Note> {
    const kind = this.request.kind ?? "abort";
    if (kind === "abort" && this.asked.stage !== ALL_STAGES) {
      const live = await liveAttempt(this.asked, newest, this.read).catch(() => undefined);
      this.attempt = live ?? this.attempt;
    }
    return this.noteOf(kind);
  }

  /** Such a deployment was started: it is the record. */
  wrote(deployment: number): void {
    this.recorded = deployment;
    this.unrecorded = undefined;
  }

  /**
   * Carries the live version on with the stop in its note. True once it is recorded, or cannot be. Never throws: the
   * flags are down, whatever becomes of the record.
   */
  async stop(served: Served): Promise<boolean> {
    if (this.request.kind === "lower") return true;
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
    this.recorded = await this.own(newest);
    if (this.recorded !== undefined) return true;
    if (this.asked.stage !== ALL_STAGES) this.attempt = await attemptToStop(this.asked, newest, this.read);
    // It lowers, or it would be stopped: whoever made it wrote an entry of its own.
    this.unrecorded = underWay
      ? `deployment ${underWay.deployment} is under way`
      : "other deployments kept coming first";
    if (underWay) return false;
    const result = await this.store.redeploy(live.version, this.noteOf("stop"), newest);
    if (result.kind === "invalid" || result.kind === "full") {
      this.unrecorded =
        result.kind === "invalid" ? result.problem : "AppConfig keeps no more versions of the document";
      return true;
    }
    if (result.kind === "started") this.wrote(result.deployment);
    return result.kind === "started";
  }

  told(): Pick<AbortOutcome, "attempt" | "recorded" | "unrecorded"> {
    const { attempt, recorded, unrecorded } = this;
    return { attempt, recorded, unrecorded };
  }

  /** The entry of an earlier delivery of this very act. */
  private async own(newest: number): Promise<number | undefined> {
    const { id } = this.request.note;
    if (id === undefined) return undefined;
    for (let number = newest; number > Math.max(0, newest - OWN); number--)
      if ((await this.read(number).catch(() => undefined))?.note?.id === id) return number;
    return undefined;
  }

  private readonly read = (number: number) => this.store.entry(number);

  private get asked() {
    const { note, since } = this.request;
    return { rollout: note.rollout, stage: note.stage, since };
  }

  private noteOf(kind: "abort" | "stop" | "lower"): Note {
    return { cutover: 1, kind, ...this.request.note, attempt: this.attempt };
  }
}
