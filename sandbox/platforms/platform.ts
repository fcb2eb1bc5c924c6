/** What a platform's stand-in is asked. */
export interface Asked {
  readonly method: string;
  /** Below the platform's own path, with its slash and its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** What it answers. */
export interface Answered {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What goes wrong with a platform, for so many requests that change something. */
export interface Faults {
  /** Answered with 429, and to be asked again after so many seconds. */
  throttled: number;
  /** Answered as taken, and forgotten. */
  lied: number;
  /** Starts of servers that fail. */
  failing: number;
}

/** Variables of a platform, and servers that were started by them. One service, as far as a delivery sees it. */
export class Hosted {
  readonly variables = new Map<string, string>();
  /** What servers run with. */
  running: Readonly<Record<string, string>> = {};
  readonly starts: {
    readonly id: string;
    readonly with: Record<string, string>;
    state: "starting" | "live" | "failed";
  }[] = [];
  readonly faults: Faults = { throttled: 0, lied: 0, failing: 0 };
  /** Hears of each set of variables that servers start to run with. */
  started: (variables: Readonly<Record<string, string>>) => void = () => {};

  /** @param askedUntilLive how often a start is asked for before it is live: it takes its time */
  constructor(private readonly askedUntilLive = 1) {}

  private readonly asked = new Map<string, number>();

  set(name: string, value: string): void {
    if (this.faults.lied > 0) this.faults.lied -= 1;
    else this.variables.set(name, value);
  }

  start(id: string): void {
    this.starts.push({ id, with: Object.fromEntries(this.variables), state: "starting" });
  }

  /** How a start stands, each time that somebody asks. Only the newest becomes what runs. */
  stateOf(id: string): "starting" | "live" | "failed" | undefined {
    const start = this.starts.find((one) => one.id === id);
    if (start?.state !== "starting") return start?.state;
    const times = (this.asked.get(id) ?? 0) + 1;
    this.asked.set(id, times);
    if (times <= this.askedUntilLive) return "starting";
    if (this.faults.failing > 0) {
      this.faults.failing -= 1;
      start.state = "failed";
      return "failed";
    }
    start.state = "live";
    this.running = start.with;
    this.started(start.with);
    return "live";
  }

  /** The answer of a platform that takes no more for now, where it does not. */
  throttle(): Answered | undefined {
    if (this.faults.throttled === 0) return undefined;
    this.faults.throttled -= 1;
    return { status: 429, body: "Too Many Requests", headers: { "retry-after": "1" } };
  }
}

export const json = (status: number, body: unknown): Answered => ({ status, body: JSON.stringify(body) });

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The text after `Bearer`. */
export function bearerOf({ headers }: Asked): string | undefined {
  const { authorization } = headers;
  return typeof authorization === "string" ? /^Bearer (.+)$/.exec(authorization)?.[1] : undefined;
}
