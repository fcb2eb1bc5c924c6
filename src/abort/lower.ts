import { setTimeout as sleep } from "node:timers/promises";
import { flagDocument, type ParsedDocument, parseDocument } from "../flags/document";
import { type FlagSpecs, type Flags, type FlagValue, lowerTo, showFlags } from "../flags/flags";
import type { Note } from "../flags/ledger";
import { specsOfSchema } from "../flags/specs";
import type { AbortStore, DeployResult, Served, UnderWay } from "../flags/store";
import { decide, isAbove } from "./decide";

/** What to bring down, how far, and what to write into the ledger about it. */
export interface AbortRequest {
  readonly specs: FlagSpecs;
  readonly floor: Flags;
  readonly note: Omit<Note, "cutover" | "kind">;
}

/** What an abort found and did. */
export interface AbortOutcome {
  /** The most that any server may have been given; absent where it could not be read, or nothing was live. */
  readonly before: Flags | undefined;
  /** Absent only where nothing was ever deployed. */
  readonly after: Flags | undefined;
  /** The deployment that brought the flags down; absent where none was needed. */
  readonly deployment?: number | undefined;
  /** The deployment that servers are given in the end; absent where nothing was ever deployed. */
  readonly served: number | undefined;
  /** Deployments under way that were ended. */
  readonly stopped: readonly number[];
  readonly ms: number;
  readonly why: string;
}

/** Limits of one abort, in ms. */
export interface AbortLimits {
  /** All in all. Shorter than the Lambda's timeout, so that a failure is told and not cut off. */
  readonly total: number;
  /** How long a deployment that takes no time by its strategy, and lowers, is waited for before it is stopped. */
  readonly patience: number;
  /** Between two looks. */
  readonly pause: number;
}

const LIMITS: AbortLimits = { total: 45_000, patience: 15_000, pause: 100 };

/** The flags may still be above the floor: the caller must be loud about it, and somebody must try again. */
export class AbortFailed extends Error {
  override readonly name = "AbortFailed";
}

/**
 * Brings the flags down to the floor: reads what is served, decides, deploys, and looks again until nothing is
 * above the floor any more. Each deployment is bound to the one it was decided on, so that any number of callers
 * at once, and promotions between them, end at or below every floor.
 */
export async function lowerFlags(
  store: AbortStore,
  request: AbortRequest,
  limits: AbortLimits = LIMITS,
): Promise<AbortOutcome> {
  return new Abort(store, request, limits).run();
}

type Next = { readonly flags: Flags | undefined } | "look" | "wait";

class Abort {
  private readonly started = performance.now();
  private readonly stopped: number[] = [];
  private specs: FlagSpecs;
  private floor: Flags;
  /** What this abort has seen served is never exceeded by what it deploys, whatever happens in between. */
  private bound: Flags;
  private before: Flags | undefined;
  private looked = false;
  private deployment: number | undefined;
  private why = "";
  private patienceEnds: number | undefined;
  private served: number | undefined;

  constructor(
    private readonly store: AbortStore,
    private readonly request: AbortRequest,
    private readonly limits: AbortLimits,
  ) {
    this.specs = request.specs;
    this.floor = request.floor;
    this.bound = request.floor;
  }

  async run(): Promise<AbortOutcome> {
    // A longer pause each time: many aborts at once must not keep each other from getting through.
    for (let pause = this.limits.pause; ; ) {
      const next = await this.step(await this.store.read());
      if (typeof next === "object") return this.outcome(next.flags);
      const spent = performance.now() - this.started;
      if (spent > this.limits.total)
        throw new AbortFailed(
          `the flags may still be above the floor after ${Math.round(spent)} ms: other deployments kept coming first`,
        );
      if (next === "look") continue;
      await sleep(pause * (0.5 + Math.random() / 2));
      pause = Math.min(pause * 1.5, 2_000);
    }
  }

  /** One look, and what follows from it: the end, another look at once, or one after a pause. */
  private async step(served: Served): Promise<Next> {
    const decision = decide({ specs: this.specs, floor: this.floor, served: this.parse(reaching(served)) });
    if (!this.looked) this.before = decision.before;
    this.looked = true;
    this.served = (served.underWay ?? served.live)?.deployment;
    this.why ||= decision.why;
    // Ours is on its way to the last server; nothing came after it.
    const ours = this.deployment !== undefined && served.newest === this.deployment;
    if (ours && [served.live, served.underWay].some((version) => version?.deployment === this.deployment))
      return { flags: this.bound };
    // A deployment that was ended says nothing of the reason: one more puts it into the ledger.
    const silent = this.stopped.length > 0 && this.deployment === undefined;
    if (decision.kind === "nothing" && !silent) return { flags: decision.before };

    const flags = this.lowest(served, decision.kind === "deploy" ? decision.flags : this.bound);
    const { underWay } = served;
    if (underWay) {
      if (underWay.state === "rolling-back") return "wait";
      const waited = this.waitFor(served, underWay);
      if (waited) return waited;
      await this.store.stop(underWay);
      this.stopped.push(underWay.deployment);
    }
    return this.deploy(flags, served);
  }

  private async deploy(flags: Flags, served: Served): Promise<Next> {
    this.bound = flags;
    const note: Note = { cutover: 1, kind: "abort", ...this.request.note };
    let result = await this.store.deploy(flagDocument(flags), note, served.newest);
    if (result.kind === "full") result = await this.reuse(flags, note, served.newest, "its quota is used up");
    if (result.kind === "invalid") {
      if (await this.adapt(served)) return "look";
      result = await this.reuse(flags, note, served.newest, result.problem);
    }
    if (result.kind !== "started") return "wait";
    this.deployment = result.deployment;
    return "look";
  }

  /** At or below everything that is served and that was seen before. */
  private lowest(served: Served, decided: Flags): Flags {
    return this.parse(everything(served)).reduce(
      (bound, document) => (document.ok ? lowerTo(this.specs, document.flags, bound) : bound),
      lowerTo(this.specs, decided, this.bound),
    );
  }

  /**
   * A deployment that only lowers and is about to end anyway is waited for: stopping it would hand servers the
   * higher flags once more. It is most often another abort.
   */
  private waitFor({ live }: Served, underWay: UnderWay): Next | undefined {
    if (!underWay.brief || underWay.state !== "deploying" || !live) return undefined;
    const [from, to] = this.parse([live.document, underWay.document]);
    if (!from?.ok || !to?.ok || isAbove(this.specs, to.flags, from.flags)) return undefined;
    this.patienceEnds ??= performance.now() + this.limits.patience;
    if (performance.now() < this.patienceEnds) return "wait";
    if (isAbove(this.specs, to.flags, this.floor)) return undefined;
    // It does what we would do, and a second one would not be any faster.
    this.why = `deployment ${underWay.deployment}, under way, brings them down`;
    return { flags: to.flags };
  }

  /**
   * The store may hold documents to another list of flags than ours, because its stack was brought up before or
   * after ours. Goes by the store's from then on: a flag that we do not know stays as it is, unless one that it
   * requires goes off. False where the lists are the same, so that this is not what is wrong.
   */
  private async adapt(served: Served): Promise<boolean> {
    const known = specsOfSchema(await this.store.schema());
    const ours = this.specs;
    if (!known || Object.keys(known).sort().join() === Object.keys(ours).sort().join()) return false;
    this.specs = Object.fromEntries(
      Object.entries(known).map(([flag, spec]) => [flag, (Object.hasOwn(ours, flag) && ours[flag]) || spec]),
    );
    const now = decide({ specs: this.specs, floor: {}, served: this.parse(everything(served)) }).before;
    const widen = (flags: Flags): Flags => {
      const values = Object.keys(this.specs).flatMap((flag): [string, FlagValue][] => {
        const value = (Object.hasOwn(ours, flag) ? flags : now)?.[flag];
        return value === undefined ? [] : [[flag, value]];
      });
      return Object.fromEntries(values);
    };
    this.floor = widen(this.floor);
    this.bound = widen(this.bound);
    return true;
  }

  /** Where AppConfig takes no new version, one that it has and that is as low will do. */
  private async reuse(flags: Flags, note: Note, after: number, problem: string): Promise<DeployResult> {
    for (const { version, document } of await this.store.versions()) {
      const [parsed] = this.parse([document]);
      if (!parsed?.ok || isAbove(this.specs, parsed.flags, flags)) continue;
      const result = await this.store.redeploy(version, note, after);
      if (result.kind === "invalid") continue;
      this.bound = parsed.flags;
      return result;
    }
    throw new AbortFailed(
      `AppConfig does not take the flags ${showFlags(flags)} (${problem}), and has no version that is as low`,
    );
  }

  private parse(documents: readonly (string | undefined)[]): ParsedDocument[] {
    return documents.map((text) =>
      text === undefined
        ? { ok: false, problem: "AppConfig no longer has it" }
        : parseDocument(this.specs, text),
    );
  }

  private outcome(after: Flags | undefined): AbortOutcome {
    const { before, deployment, served, stopped, why } = this;
    return {
      before,
      after,
      deployment,
      served,
      stopped,
      ms: Math.round(performance.now() - this.started),
      why,
    };
  }
}

/** What servers may be given from here on. A baking deployment has reached them all. */
function reaching({ live, underWay }: Served): (string | undefined)[] {
  if (underWay?.state === "baking") return [underWay.document];
  return everything({ live, underWay });
}

/** With what a rollback would bring back. */
function everything({ live, underWay }: Pick<Served, "live" | "underWay">): (string | undefined)[] {
  return [live, underWay].flatMap((version) => (version ? [version.document] : []));
}
