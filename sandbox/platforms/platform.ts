import { setTimeout as sleep } from "node:timers/promises";
import type { Answered, Asked } from "../host/http";

/** What goes wrong with a platform, for so many requests that change something. */
export interface Faults {
  /** Answered with 429, and to be asked again after so many seconds. */
  throttled: number;
  /** Answered as taken, and forgotten. */
  lied: number;
  /** Starts of servers that fail. */
  failing: number;
  /** While it is true, no start comes to an end. */
  stuck: boolean;
  /** While it is true, every request is refused, as with a key that counts no more. */
  refusing: boolean;
}

/** Starts a server with these variables in place of the one before, which goes on where that fails. */
type Launch = (variables: Readonly<Record<string, string>>) => Promise<void>;

interface Start {
  readonly id: string;
  readonly with: Record<string, string>;
  /** It is not to come up, whatever happens. */
  readonly fails: boolean;
  state: "starting" | "live" | "failed";
}

/** How often it is looked whether a start that is stuck may go on, in ms. */
const STUCK_MS = 50;

/** Variables of a platform, and servers that were started by them. One service, as far as a delivery sees it. */
export class Hosted {
  readonly variables = new Map<string, string>();
  /** What servers run with. */
  running: Readonly<Record<string, string>> = {};
  readonly starts: Start[] = [];
  readonly faults: Faults = { throttled: 0, lied: 0, failing: 0, stuck: false, refusing: false };
  private readonly asked = new Map<string, number>();
  private launching: Promise<void> = Promise.resolve();

  /**
   * @param askedUntilLive how often a start is asked for before it is live, where nothing is launched: it takes its time
   * @param launch starts a real server. Default: there is none, and only what it would run with is kept
   */
  constructor(
    private readonly askedUntilLive = 1,
    private readonly launch?: Launch,
  ) {}

  set(name: string, value: string): void {
    if (this.faults.lied > 0) this.faults.lied -= 1;
    else this.variables.set(name, value);
  }

  start(id: string): void {
    const fails = this.faults.failing > 0;
    if (fails) this.faults.failing -= 1;
    const start: Start = { id, with: Object.fromEntries(this.variables), fails, state: "starting" };
    this.starts.push(start);
    // One after the other: the newest is what runs in the end.
    if (this.launch) this.launching = this.launching.then(() => this.bringUp(start));
  }

  /** How a start stands, each time that somebody asks. Only the newest becomes what runs. */
  stateOf(id: string): Start["state"] | undefined {
    const start = this.starts.find((one) => one.id === id);
    if (start?.state !== "starting" || this.launch || this.faults.stuck) return start?.state;
    const times = (this.asked.get(id) ?? 0) + 1;
    this.asked.set(id, times);
    if (times > this.askedUntilLive) this.ended(start, !start.fails);
    return start.state;
  }

  private async bringUp(start: Start): Promise<void> {
    while (this.faults.stuck) await sleep(STUCK_MS);
    const up = start.fails ? Promise.reject(new Error("unhealthy")) : this.launch?.(start.with);
    await Promise.resolve(up).then(
      () => this.ended(start, true),
      () => this.ended(start, false),
    );
  }

  private ended(start: Start, live: boolean): void {
    start.state = live ? "live" : "failed";
    if (live) this.running = start.with;
  }

  /** The answer of a platform that takes no more for now, where it does not. */
  throttle(): Answered | undefined {
    if (this.faults.throttled === 0) return undefined;
    this.faults.throttled -= 1;
    return { status: 429, body: "Too Many Requests", headers: { "retry-after": "1" } };
  }
}

export const json = (status: number, body: unknown): Answered => ({ status, body: JSON.stringify(body) });

/** The text after `Bearer`. */
export function bearerOf({ headers }: Asked): string | undefined {
  const { authorization } = headers;
  return typeof authorization === "string" ? /^Bearer (.+)$/.exec(authorization)?.[1] : undefined;
}
