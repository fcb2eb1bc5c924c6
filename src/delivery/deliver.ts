import { NoSecret } from "../aws/secretText";
import { type FlagChange, type FlagSpecs, sameFlags } from "../flags/flags";
import { secondsAsked } from "../text/askOutside";
import { milliseconds } from "../text/duration";
import { reasonOf } from "../text/problem";
import { secretsOut } from "../text/redact";
import { type Carried, carryOn, type Live, type Memory } from "./carry";
import { type DeliveryKind, type Reach, Unanswered } from "./kind";
import { before, carriedBy } from "./order";
import {
  type DeliveryConfig,
  type DeliveryMap,
  deliveryKindOf,
  keptAs,
  secretOf,
  withinOf,
} from "./registry";

/** The world that flags are delivered in. */
export interface DeliveryWorld extends Reach {
  /** What the ledger has live; undefined while a deployment is under way. Throws where that cannot be read. */
  live(): Promise<Live | undefined>;
  /** The text of a secret, read anew. Throws `NoSecret` where it is not to be had. */
  secret(name: string): Promise<string>;
  /** Which deployment put flags there that are live: later ones that carry the same on are none. */
  origin(live: Live): Promise<Origin>;
  /** Of a delivery, as `keptAs` names it. */
  memory(kept: string): Memory;
  /** The newest deployment that a delivery, as `keptAs` names it, has carried on; undefined where none. */
  delivered(kept: string): Promise<number | undefined>;
  keepDelivered(kept: string, deployment: number): Promise<void>;
  /** How often in a row a delivery went wrong, as far as this function remembers: a new one begins at nothing. */
  readonly failures: Map<string, number>;
  pause(ms: number): Promise<void>;
  log(entry: object): void;
}

/** The deployment that put flags there. */
export interface Origin {
  readonly deployment: number;
  /** When it began, ms since the epoch. */
  readonly at: number;
}

/** What became of one try. */
export type Fate =
  | { readonly kind: "delivered"; readonly deployment: number }
  /** `soon`: nothing went wrong, and it only takes its time. */
  | { readonly kind: "again"; readonly seconds: number; readonly why: string; readonly soon?: true }
  /** No further try can go well: it belongs into the dead-letter queue, where it is seen at once. */
  | { readonly kind: "refused"; readonly why: string };

/** What a queue held: that something has changed. What is to be delivered stands in the ledger. */
export interface Call {
  /** When it was sent, ms since the epoch. */
  readonly sentAt: number;
}

/** Between two looks at what takes its time, in s: as often as a platform's API takes well. */
export const WAIT_S = 5;
/** Before it is put off for so long, it is looked at again after these times, in ms: what is quick waits for nothing. */
const LOOKS_MS = [0, 250, 500, 1_000, 2_000, 4_000];
/** Nothing is looked at again after so long: the function's own time is limited. In ms. */
const LOOKS_FOR_MS = 15_000;
/** After what went wrong, in s: twice the time with each in a row, up to a minute. Flags that come down wait for it. */
const FIRST_S = 2;
const LONGEST_S = 60;
/** What is kept of an answer in a log. Characters. */
const LONGEST = 300;

/**
 * Brings one platform to what the ledger has live now, whatever it was called for. Called twice, at once or one after the
 * other, it ends in the same. Never throws.
 */
export async function deliver(
  name: string,
  declared: { readonly specs: FlagSpecs; readonly deliveries: DeliveryMap },
  call: Call,
  world: DeliveryWorld,
): Promise<Fate> {
  const config = declared.deliveries[name] as DeliveryConfig;
  return new Delivery(name, config, declared, call, world).run();
}

class Delivery {
  private readonly kind: DeliveryKind<DeliveryConfig>;
  /** The name that it is remembered by. */
  private readonly kept: string;
  private secretText = "";

  constructor(
    private readonly name: string,
    private readonly config: DeliveryConfig,
    private readonly declared: { readonly specs: FlagSpecs; readonly deliveries: DeliveryMap },
    private readonly call: Call,
    private readonly world: DeliveryWorld,
  ) {
    this.kind = deliveryKindOf(config);
    this.kept = keptAs(name, config);
  }

  async run(): Promise<Fate> {
    const ends = this.world.now() + LOOKS_FOR_MS;
    try {
      for (const ms of LOOKS_MS) {
        const fate = await this.try();
        if (fate.kind !== "again" || !fate.soon || this.world.now() + ms >= ends) return fate;
        await this.world.pause(ms);
      }
      return await this.try();
    } catch (error) {
      const why = this.plain(reasonOf(error));
      if (error instanceof NoSecret) return { kind: "refused", why };
      if (error instanceof Unanswered && error.forGood) return { kind: "refused", why };
      return this.again(why, error instanceof Unanswered ? error.answer.retryAfter : undefined);
    }
  }

  private async try(): Promise<Fate> {
    const { config, declared, world } = this;
    const live = await world.live();
    if (!live) return this.soon("a deployment is under way");
    const secretName = secretOf(config);
    this.secretText = secretName === undefined ? "" : (await world.secret(secretName)).trim();
    const problem = this.kind.secretProblem?.(this.secretText);
    if (problem !== undefined) return { kind: "refused", why: `the secret ${secretName} ${problem}` };
    const carried = await carryOn(this.kind.open(config, this.secretText, world), {
      carries: config,
      specs: declared.specs,
      live,
      still: async () => {
        const now = await world.live();
        return now !== undefined && sameFlags(declared.specs, now.flags, live.flags);
      },
      waitsFor: (changes) => this.waitsFor(changes, live),
      memory: world.memory(this.kept),
    });
    return this.fateOf(carried, live);
  }

  private async fateOf(carried: Carried, { deployment }: Live): Promise<Fate> {
    const { name, world } = this;
    if (carried.kind === "again") return this.again(this.plain(carried.why), undefined);
    if (carried.kind === "waits") return this.soon(carried.why);
    await world.keepDelivered(this.kept, deployment);
    world.failures.delete(name);
    return { kind: "delivered", deployment };
  }

  /** Why nothing is written yet: another delivery comes first. On the way down it is waited for no longer than it may take. */
  private async waitsFor(changes: readonly FlagChange[], live: Live): Promise<string | undefined> {
    const { name, call, world } = this;
    const { specs, deliveries } = this.declared;
    const carried = carriedBy(specs, deliveries);
    const waits = (["raise", "lower"] as const).flatMap((direction) => {
      const those = changes.filter((change) => change.direction === direction);
      return before(specs, carried, name, those).map((first) => ({ first, direction }));
    });
    if (waits.length === 0) return undefined;
    const origin = await world.origin(live);
    for (const { first, direction } of waits) {
      const other = deliveries[first] as DeliveryConfig;
      if (((await world.delivered(keptAs(first, other))) ?? -1) >= origin.deployment) continue;
      // A call of flags that were live before may still be under way.
      const waited = world.now() - Math.max(call.sentAt, origin.at);
      if (direction === "lower" && waited > milliseconds(withinOf(other))) {
        world.log({ event: "not-waited-for", delivery: name, first, waitedMs: waited });
        continue;
      }
      return `${first} comes first`;
    }
    return undefined;
  }

  private soon(why: string): Fate {
    this.world.failures.delete(this.name);
    return { kind: "again", seconds: WAIT_S, why, soon: true };
  }

  private again(why: string, retryAfter: string | undefined): Fate {
    const { failures } = this.world;
    const failed = failures.get(this.name) ?? 0;
    failures.set(this.name, failed + 1);
    const own = Math.min(LONGEST_S, FIRST_S * 2 ** Math.min(failed, 10));
    const asked = Math.min(LONGEST_S, secondsAsked(retryAfter, this.world.now()));
    return { kind: "again", seconds: Math.max(own, asked), why };
  }

  /** Some platforms quote what they were sent. */
  private plain(text: string): string {
    return secretsOut({ secrets: [this.secretText] }, LONGEST)(text);
  }
}
