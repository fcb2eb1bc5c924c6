import { AsyncLocalStorage } from "node:async_hooks";
import { createHash } from "node:crypto";
import { allOff, type Declarations, mistakes } from "./declare";
import { parseDocument } from "./document";
import { pauseBefore, wait, within } from "./pace";
import type { FlagsReport } from "./report";
import { type Key, Snapshot, type Use } from "./snapshot";
import { type Reading, type Source, Throttled } from "./sources/source";

/** No look takes longer, in ms. */
const LOOK_MS = 5_000;

/** How flags are opened. */
export interface FlagsOptions<D extends Declarations> {
  /** The flags that the app reads. */
  readonly flags: D;
  readonly source: Source;
  /** Ms between two looks; AppConfig's shortest by default, and never less. `false`: `refresh` is called instead. */
  readonly pollMs?: number | false;
  /** How long opening waits for a first document, in ms; all flags are off until there is one. Default: 3 s. */
  readonly waitMs?: number;
  /** Whether a document that lacks a declared flag is refused. By default that flag is off. */
  readonly whole?: boolean;
  /** Hears of changes and of problems, each once. Default: stderr. */
  readonly log?: (message: string) => void;
}

/** The document that was last not taken, and why. */
interface Refused {
  readonly version: string;
  readonly problem: string;
  readonly at: string;
}

/**
 * The flags as this process sees them: all off until a document could be read, then the last good one. Neither an outage
 * of the source nor a broken document moves a flag, and nothing here throws into the app but a flag that nobody declared.
 */
export class Flags<D extends Declarations = Declarations> {
  private readonly requests = new AsyncLocalStorage<Snapshot<D>>();
  private readonly uses = new Map<string, Use>();
  private readonly listeners = new Set<(changed: string[]) => void>();
  private readonly ended = new AbortController();
  private current: Snapshot<D>;
  private text: string | undefined;
  private drill: unknown;
  private since: string | undefined;
  private missing: readonly string[] = [];
  private refused: Refused | undefined;
  private problem: string | undefined;
  private readAt: string | undefined;
  private looking: Promise<boolean> | undefined;
  /** How long the source wants to be left alone, in ms, and how often it said that it is asked too often. */
  private pause = { ms: 0, throttled: 0 };

  /** Opens nothing yet: see `openFlags`. */
  constructor(private readonly options: FlagsOptions<D>) {
    const wrong = mistakes(options.flags);
    if (wrong.length > 0)
      throw new TypeError(`The flags cannot be opened:\n${wrong.map((one) => `  ${one}`).join("\n")}`);
    this.current = new Snapshot(options.flags, allOff(options.flags), null);
  }

  /** What the app declared. */
  get declared(): D {
    return this.options.flags;
  }

  /** Whether the source has answered at all, be it that nothing was deployed yet. */
  get answered(): boolean {
    return this.readAt !== undefined;
  }

  /** Why the source could not be asked when it last was; undefined where it could. */
  get trouble(): string | undefined {
    return this.problem;
  }

  /** The flags of this request (see `during`), or of this moment. */
  snapshot(): Snapshot<D> {
    return this.requests.getStore() ?? this.current;
  }

  /** `snapshot().isOn(flag, key)`. */
  isOn(flag: keyof D & string, key?: Key): boolean {
    return this.snapshot().isOn(flag, key);
  }

  /** `snapshot().percentage(flag)`. */
  percentage(flag: keyof D & string): number {
    return this.snapshot().percentage(flag);
  }

  /** `snapshot().state(flag, key)`. */
  state<F extends keyof D & string>(flag: F, key?: Key) {
    return this.snapshot().state(flag, key);
  }

  /** Runs a request's work, all of it, with the flags of one document; also what it awaits, and OpenFeature in it. */
  during<T>(work: () => T): T {
    return this.requests.run(this.current, work);
  }

  /** Calls `listener` with the flags that changed, after each change. Returns what ends that. */
  onChange(listener: (changed: string[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Looks at the source now. Resolves to whether it answered; never rejects. Looks never overlap. */
  refresh(): Promise<boolean> {
    this.looking ??= this.look().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  /** Waits for a first document, for as long as the options say, and goes on looking. */
  async start(): Promise<this> {
    const { source, pollMs } = this.options;
    const waitMs = this.options.waitMs ?? 3_000;
    const ends = performance.now() + waitMs;
    const left = () => Math.max(0, ends - performance.now());
    let answered = await this.answersWithin(waitMs);
    for (let pause = 100; !answered && left() > 0; pause = Math.min(pause * 2, 2_000)) {
      await wait(Math.min(pause, left()), this.ended.signal, true);
      if (left() > 0) answered = await this.answersWithin(left());
    }
    if (pollMs !== false && !(source.once && this.answered)) void this.poll();
    return this;
  }

  /** Ends looking. What was read stays. */
  stop(): void {
    this.ended.abort();
    this.options.source.close?.();
  }

  /** What this process knows of its flags, for whoever waits for servers to converge. */
  report(): FlagsReport {
    const { source, flags } = this.options;
    const iso = (ms: number) => new Date(ms).toISOString();
    const evaluated = Object.keys(flags).map((flag) => {
      const use = this.current.useOf(flag) ?? this.uses.get(flag);
      return [
        flag,
        use ? { version: use.version, count: use.count, at: iso(use.at), last: use.last ?? null } : null,
      ];
    });
    return {
      flags: this.current.values,
      version: this.current.version,
      source: source.name,
      ...(this.since === undefined ? {} : { since: this.since }),
      ...(this.readAt === undefined ? {} : { read: this.readAt }),
      ...(this.drill === undefined ? {} : { drill: this.drill }),
      ...(this.missing.length === 0 ? {} : { missing: this.missing }),
      ...(this.problem === undefined ? {} : { problem: this.problem }),
      ...(this.refused === undefined ? {} : { refused: this.refused }),
      evaluated: Object.fromEntries(evaluated) as FlagsReport["evaluated"],
    };
  }

  /** Whether a look answers in time. One that takes longer goes on. */
  private async answersWithin(ms: number): Promise<boolean> {
    const done = new AbortController();
    const late = wait(ms, done.signal, true).then(() => false);
    const answered = await Promise.race([this.refresh(), late]);
    done.abort();
    return answered;
  }

  private async poll(): Promise<void> {
    const { source, pollMs } = this.options;
    while (!this.ended.signal.aborted && !(source.once && this.answered)) {
      await wait(pauseBefore(Number(pollMs ?? 0), this.pause), this.ended.signal);
      if (!this.ended.signal.aborted) await this.refresh();
    }
  }

  private async look(): Promise<boolean> {
    try {
      const { source, flags } = this.options;
      const reading = await within(LOOK_MS, (signal) => source.read(flags, signal), this.ended.signal);
      this.pause = { ms: reading.pauseMs ?? 0, throttled: 0 };
      this.readAt = new Date().toISOString();
      this.note(reading.none ?? undefined);
      this.take(reading);
      return true;
    } catch (error) {
      if (this.ended.signal.aborted) return false;
      if (error instanceof Throttled) this.pause = { ...this.pause, throttled: this.pause.throttled + 1 };
      this.note(`the source cannot be asked: ${reasonOf(error)}`);
      return false;
    }
  }

  private note(problem: string | undefined): void {
    if (problem === this.problem) return;
    this.say(problem ?? "the source answers again");
    this.problem = problem;
  }

  private take({ text, version }: Reading): void {
    // Sources in plain JavaScript say null, too.
    if (text === undefined || text === null) return;
    const called = version ?? digest(text);
    if (text === this.text && called === this.current.version) {
      this.refused = undefined;
      return;
    }
    const { flags, whole, source } = this.options;
    const parsed = parseDocument(flags, text, whole ?? false);
    if (!parsed.ok) {
      // What was cut short on its way comes whole with the next look.
      source.forget?.();
      if (this.refused?.version !== called || this.refused.problem !== parsed.problem) {
        this.say(
          `the document ${called} is not taken: ${parsed.problem}; kept: ${this.current.version ?? "all off"}`,
        );
        this.refused = { version: called, problem: parsed.problem, at: new Date().toISOString() };
      }
      return;
    }
    const before = this.current;
    for (const flag of Object.keys(flags)) {
      const use = before.useOf(flag);
      if (use) this.uses.set(flag, use);
    }
    this.current = new Snapshot(flags, parsed.values, called);
    this.text = text;
    this.drill = parsed.drill;
    this.missing = parsed.missing;
    this.refused = undefined;
    this.since = new Date().toISOString();
    this.say(`${called}: ${JSON.stringify(parsed.values)}`);
    const changed = Object.keys(flags).filter((flag) => parsed.values[flag] !== before.values[flag]);
    if (changed.length > 0) this.tell(changed);
  }

  private tell(changed: string[]): void {
    for (const listener of this.listeners) {
      try {
        listener(changed);
      } catch (error) {
        this.say(`a listener failed: ${reasonOf(error)}`);
      }
    }
  }

  private say(message: string): void {
    const log = this.options.log ?? ((line) => console.error(line));
    log(`flags: ${message}`);
  }
}

/**
 * Opens the flags: looks at the source, and goes on looking. Resolves also where the source does not answer; every flag is
 * off then, until it does.
 *
 * @throws TypeError where the declarations contradict each other; all problems at once
 */
export function openFlags<const D extends Declarations>(options: FlagsOptions<D>): Promise<Flags<D>> {
  return new Flags(options).start();
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
