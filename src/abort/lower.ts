import { setTimeout as sleep } from "node:timers/promises";
import { flagDocument } from "../flags/document";
import { type Bound, doorOf, floorBy, furthest, keptAbove, type Marks } from "../flags/doors";
import { allOff, type Flags } from "../flags/flags";
import type { Note } from "../flags/ledger";
import { type AbortStore, type DeployResult, isRefused, type Served, type UnderWay } from "../flags/store";
import { reasonOf } from "../text/problem";
import { within } from "../text/within";
import { bindBy } from "./bind";
import { askedFloor, decide, everything, isAbove, least, most, reaching } from "./decide";
import { Recorder } from "./recorder";
import { AbortFailed, type AbortLimits, type AbortOutcome, type AbortRequest, givingUp } from "./request";
import { versionsThatDo } from "./reuse";
import { naming, ownTerms, parseAll, shapedLike, storesTerms, type Terms, worthTelling } from "./terms";

const LIMITS: AbortLimits = { total: 45_000, patience: 15_000, pause: 100 };

/** How long the flags stay up for want of the store's own list, in ms: they come down without it. */
const SCHEMA_PATIENCE = 2_000;

/**
 * Brings the flags down to the floor: reads what is served, decides, deploys, and looks again until nothing is
 * above the floor any more. Each deployment is bound to the one it was decided on, so that any number of callers
 * at once, and promotions between them, end at or below every floor; but behind a stage that is irreversible, none goes
 * below that stage's floor, whoever asks. Goes by the store's own list of flags, and by ours where that cannot be read.
 */
export async function lowerFlags(
  store: AbortStore,
  request: AbortRequest,
  limits: AbortLimits = LIMITS,
): Promise<AbortOutcome> {
  return new Abort(store, request, limits).run();
}

type Next = { readonly flags: Flags | undefined } | "look" | "wait";

/** A document that was offered to the store, and what came of it. */
interface Offer {
  readonly document: string;
  readonly flags: Flags;
  readonly result: DeployResult;
}

class Abort {
  private readonly started = performance.now();
  private readonly stopped: number[] = [];
  private terms: Terms;
  /** The store's schema that these terms are by. */
  private schema: string | undefined;
  private unread: string | undefined;
  /** What this abort has seen served is never exceeded by what it deploys, whatever happens in between. */
  private readonly seen = new Set<string | undefined>();
  /** What servers may have been given before it did anything. */
  private readonly given = new Set<string | undefined>();
  private deployed: { readonly number: number; readonly flags: Flags } | undefined;
  private why = "";
  /** What there is no way back from as things are. Nothing that is kept is above what any server has. */
  private bound: Bound = { behind: {}, kept: {}, contracted: {} };
  /** What servers were behind at any look: by what this very abort ends, nobody is led back. */
  private passed: Marks = {};
  /** As far down as is asked for, as things are. */
  private asked: Flags;
  /** Whether it was looked up that an earlier delivery did all of it. */
  private looked = false;
  private patienceEnds: number | undefined;
  private served: number | undefined;
  private readonly recorder: Recorder;
  /** Why it deployed, where it did not hear what became of it. */
  private whyDeployed: string | undefined;

  constructor(
    private readonly store: AbortStore,
    private readonly request: AbortRequest,
    private readonly limits: AbortLimits,
  ) {
    this.terms = ownTerms(request);
    this.asked = request.floor;
    this.recorder = new Recorder(store, request, limits.ledger);
  }

  async run(): Promise<AbortOutcome> {
    let [served] = await Promise.all([this.store.read(), this.adapt(SCHEMA_PATIENCE)]);
    // A longer pause each time: many aborts at once must not keep each other from getting through.
    for (let pause = this.limits.pause; ; served = await this.store.read()) {
      const next = await this.step(served);
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
    const { specs } = this.terms;
    const reached = reaching(served);
    this.bound = await bindBy(this.terms, served, this.passed, {
      ...{ seen: this.seen, freeze: this.request.freeze },
      said: (of, doors) => this.recorder.marks(of, doors),
    });
    this.passed = this.bound.behind;
    this.asked = askedFloor(this.terms, this.request.only, parseAll(specs, everything(served)));
    const decision = decide({ specs, floor: this.floor, served: parseAll(specs, reached) });
    for (const document of everything(served)) this.seen.add(document);
    this.served = (served.underWay ?? served.live)?.deployment;
    if (!this.deployed && this.stopped.length === 0) {
      for (const document of reached) this.given.add(document);
      this.why = decision.why;
    }
    if (this.isOurs(served)) return { flags: this.deployed?.flags };
    // A deployment that was ended says nothing of the reason: one more puts it into the ledger.
    const silent = this.stopped.length > 0 && !this.deployed;
    if (!silent && !this.deployed && (await this.recorder.yields(served.newest)))
      return { flags: decision.before };
    if (decision.kind === "nothing" && !silent)
      return this.watch(served) ?? this.record(served, decision.before);
    if (!this.looked) {
      this.looked = true;
      const before = await this.recorder.answeredBefore(served.newest);
      if (before !== undefined) return this.answered(before, decision.before);
    }

    const { underWay } = served;
    if (underWay) {
      if (underWay.state === "rolling-back") return "wait";
      const waited = this.waitFor(served, underWay);
      if (waited) return waited;
      await this.store.stop(underWay);
      this.stopped.push(underWay.deployment);
      // It may have come to its end meanwhile: what there is no way back from is asked anew.
      return "look";
    }
    return this.deploy(served.newest);
  }

  /**
   * The stop goes into the ledger also where nothing is to be lowered: a promotion under way then finds another
   * deployment than the one that it looked at. Bound like any other, so that nothing was raised in between.
   */
  private async record(served: Served, flags: Flags | undefined): Promise<Next> {
    const own = this.deployed ? undefined : await this.recorder.lowered(served.newest);
    if (own !== undefined && flags) {
      this.deployed = { number: own, flags };
      this.why = this.whyDeployed ?? this.why;
    }
    const done = this.deployed !== undefined || (await this.recorder.stop(served));
    // What is under way may bake for long; whoever asked is told that the stop is not in the ledger.
    return done || !this.isPatient() ? { flags } : "wait";
  }

  /** Done by an earlier delivery, and the stage promoted anew since: nothing is done again. */
  private answered(deployment: number, flags: Flags | undefined): Next {
    this.recorder.wrote(deployment);
    this.why = `deployment ${deployment} answered it already, and the stage was promoted anew since`;
    return { flags };
  }

  /** Ours is on its way to the last server, and nothing came after it. */
  private isOurs({ newest, live, underWay }: Served): boolean {
    const number = this.deployed?.number;
    if (number === undefined || newest !== number) return false;
    return (
      live?.deployment === number || (underWay?.deployment === number && underWay.state !== "rolling-back")
    );
  }

  /** Deploys the least of the floor and of all that was seen, or what is lower still where that is refused. */
  private async deploy(after: number): Promise<Next> {
    const note = await this.recorder.note(after);
    this.whyDeployed ??= this.why;
    const { terms, bound } = this;
    const { kept, behind: doors } = bound;
    const { specs } = terms;
    const offer = async (
      flags: Flags,
      document = flagDocument(naming(terms, flags), doors),
    ): Promise<Offer> => ({
      document,
      flags,
      result: await this.store.deploy(document, note, after),
    });
    // What is kept is below nothing that servers have, and so raises nothing.
    const flags = furthest(specs, least(specs, parseAll(specs, [...this.seen]), this.floor), kept);
    let { result, ...offered } = await offer(flags);
    if (isRefused(result)) {
      // The store's list may have come too late, or be another by now.
      if (await this.adapt(this.limits.patience)) return "look";
      const refusal = result.kind === "full" ? "its quota of versions is used up" : result.problem;
      const shaped = shapedLike(specs, flags, [...this.seen], doors);
      const further = [
        async () => (shaped === undefined ? undefined : offer(flags, shaped)),
        () => this.reuse(flags, note, after),
        () => offer(furthest(specs, allOff(specs), kept)),
      ];
      for (const next of further)
        if (isRefused(result)) ({ result, ...offered } = (await next()) ?? { result, ...offered });
      if (isRefused(result)) throw givingUp(flags, refusal, this.unread);
    }
    if (result.kind !== "started") return "wait";
    this.deployed = { ...offered, number: result.deployment };
    this.recorder.wrote(result.deployment);
    this.seen.add(offered.document);
    return "look";
  }

  /** One that bakes at the floor has reached every server, but may be taken back: then what it replaced is up again. */
  private watch({ live, underWay }: Served): Next | undefined {
    if (underWay?.state !== "baking" || !live) return undefined;
    const { specs } = this.terms;
    const [before] = parseAll(specs, [live.document]);
    if (before?.ok && !isAbove(specs, before.flags, this.floor)) return undefined;
    if (this.isPatient()) return "wait";
    this.why = `deployment ${underWay.deployment}, which bakes still, brought them down; were it rolled back, the flags of ${live.deployment} would be up again`;
    return undefined;
  }

  /**
   * A deployment that only lowers and is about to end anyway is waited for: stopping it would hand servers the
   * higher flags once more. It is most often another abort.
   */
  private waitFor({ live }: Served, underWay: UnderWay): Next | undefined {
    const { specs } = this.terms;
    if (!underWay.brief || underWay.state !== "deploying" || !live) return undefined;
    const [from, to] = parseAll(specs, [live.document, underWay.document]);
    if (!from?.ok || !to?.ok || isAbove(specs, to.flags, from.flags)) return undefined;
    if (this.isPatient()) return "wait";
    if (isAbove(specs, to.flags, this.floor)) return undefined;
    // It does what we would do, and a second one would not be any faster.
    this.why = `deployment ${underWay.deployment}, under way, brings them down`;
    return { flags: to.flags };
  }

  /** As far down as it goes as things are. */
  private get floor(): Flags {
    return floorBy(this.terms.specs, this.bound, this.asked, this.request.only);
  }

  private isPatient(): boolean {
    this.patienceEnds ??= performance.now() + this.limits.patience;
    return performance.now() < this.patienceEnds;
  }

  /**
   * Goes by the store's own list of flags from now on. True where that is another than until now; false where it
   * is not, or cannot be read in time. Never throws.
   */
  private async adapt(patience: number): Promise<boolean> {
    const asked = this.store
      .schema()
      .then((schema) => {
        this.unread = undefined;
        const terms = schema === this.schema ? undefined : storesTerms(this.request, schema);
        if (!terms) return false;
        this.schema = schema;
        this.terms = terms;
        return true;
      })
      .catch((error: unknown) => {
        this.unread = reasonOf(error);
        return false;
      });
    this.unread = "it has not come yet";
    return within(patience, asked, false);
  }

  /** Where AppConfig takes no new version, one that it has and that is as low in every flag will do. */
  private async reuse(flags: Flags, note: Note, after: number): Promise<Offer | undefined> {
    const wanted = { flags, kept: this.bound.kept, seen: [...this.seen] };
    for await (const { version, ...found } of versionsThatDo(this.store, this.terms.specs, wanted)) {
      const result = await this.store.redeploy(version, note, after);
      if (!isRefused(result)) return { ...found, result };
    }
    return undefined;
  }

  private outcome(after: Flags | undefined): AbortOutcome {
    const { terms, bound, deployed, given, served, stopped, why, request, asked } = this;
    const before = most(terms.specs, parseAll(terms.specs, [...given]));
    return {
      before: before && worthTelling(terms, before),
      after: after && naming(terms, after),
      deployment: deployed?.number,
      ...this.recorder.outcome(),
      served,
      stopped,
      ms: Math.round(performance.now() - this.started),
      why,
      ...(request.freeze && Object.keys(bound.behind).length > 0 ? { frozen: true as const } : {}),
      kept: after && keptAbove(terms.specs, bound, asked, after, doorOf(terms.doors, request.note.stage)),
    };
  }
}
