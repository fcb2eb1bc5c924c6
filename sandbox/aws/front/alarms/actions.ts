import type { Input, Scope } from "../call";
import { listOf } from "../rule";
import type { Upstream } from "../upstream";
import { type Hears, heardBy } from "./heard";

type Put = "PutMetricAlarm" | "PutCompositeAlarm";

/** An alarm as it was put, and as the emulator has it. */
interface Held {
  readonly by: Put;
  readonly given: Input;
  /** Those of its actions that the emulator may run, as one text. */
  left: string;
}

const ACTIONS = ["AlarmActions", "OKActions", "InsufficientDataActions"] as const;

/**
 * The actions of the alarms of one account in one region. The emulator runs them, and lets every alarm publish to every topic:
 * so it is told only of those that AWS would let through, and that again before any state changes.
 */
export class AlarmActions {
  readonly #held = new Map<string, Held>();
  #turn: Promise<unknown> = Promise.resolve();
  /** The review that has not begun yet. */
  #waiting: Promise<void> | undefined;

  constructor(
    private readonly upstream: Upstream,
    private readonly scope: Scope,
  ) {}

  /** Puts an alarm with the actions that get through. */
  put(by: Put, given: Input): Promise<void> {
    return this.#inTurn(async () => {
      const name = String(given.AlarmName);
      const left = await this.#heard(given, this.#asking());
      await this.upstream.call("monitoring", by, { ...given, ...left }, this.scope);
      this.#held.set(name, { by, given, left: JSON.stringify(left) });
    });
  }

  /** What was put of an alarm. */
  get(name: string): Input | undefined {
    return this.#held.get(name)?.given;
  }

  delete(names: readonly string[]): void {
    for (const name of names) this.#held.delete(name);
  }

  /**
   * Puts each alarm anew whose actions get through otherwise than before: policies change as people like. Alarms change
   * their states together, as when a metric begins: one review that has not begun yet is for all that wait for it.
   */
  review(): Promise<void> {
    this.#waiting ??= this.#inTurn(() => {
      this.#waiting = undefined;
      return this.#review();
    });
    return this.#waiting;
  }

  /** One at a time: a review would put an alarm over its new definition. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #review(): Promise<void> {
    const asking = this.#asking();
    for (const [name, held] of this.#held) {
      const left = await this.#heard(held.given, asking);
      const now = JSON.stringify(left);
      if (now === held.left) continue;
      const asked = { AlarmNames: [name], AlarmTypes: ["MetricAlarm", "CompositeAlarm"] };
      const seen = await this.upstream.call("monitoring", "DescribeAlarms", asked, this.scope);
      // Somebody may have switched its actions off since.
      const [there] = [...listOf(seen.MetricAlarms), ...listOf(seen.CompositeAlarms)];
      if (there === undefined) continue;
      const { ActionsEnabled } = there;
      await this.upstream.call("monitoring", held.by, { ...held.given, ActionsEnabled, ...left }, this.scope);
      held.left = now;
    }
  }

  /** Asks each topic once. */
  #asking(): (topic: string) => Promise<Hears> {
    const asked = new Map<string, Promise<Hears>>();
    return (topic) => {
      const hears = asked.get(topic) ?? heardBy(topic, this.scope, this.upstream);
      asked.set(topic, hears);
      return hears;
    };
  }

  async #heard(given: Input, ask: (topic: string) => Promise<Hears>): Promise<Input> {
    const each = ACTIONS.flatMap((kind) => (given[kind] === undefined ? [] : [kind])).map(async (kind) => {
      const kept = listOf<string>(given[kind]).map(async (arn) =>
        !/^arn:[\w-]+:sns:/.test(arn) || (await ask(arn))(String(given.AlarmName)) ? [arn] : [],
      );
      return [kind, (await Promise.all(kept)).flat()] as const;
    });
    return Object.fromEntries(await Promise.all(each));
  }
}
