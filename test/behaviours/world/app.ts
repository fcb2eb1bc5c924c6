/** One answer of the app: its body as JSON, or in place of it some text; its status, headers, and how long it takes. */
export interface Answer {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ms?: number;
}

/** A request as it reaches the app: whose token it is asked with, and what it was sent. */
export interface Request {
  readonly method: string;
  readonly url: URL;
  readonly as: string;
  /** The user agent. */
  readonly agent: string;
  /** What was sent as JSON; undefined where nothing was. */
  readonly body?: unknown;
}

export type App = (asked: Request) => Answer;

export const TOKENS = { admin: "token-of-admin", analyst: "token-of-analyst", verifier: "token-of-verifier" };

/**
 * Does something while every request that is sent reaches this app. What takes its time takes none of ours, and no time
 * passes but what its answers take: 490 ms are 490 ms on a busy machine, too.
 */
export async function asked<T>(app: App, work: () => Promise<T>): Promise<T> {
  const real = { fetch: globalThis.fetch, now: performance.now };
  let passed = 0;
  const started = performance.now();
  performance.now = () => started + passed;
  globalThis.fetch = (async (url: string | URL, init: RequestInit = {}) => {
    const sent = new Headers(init.headers);
    const token = sent.get("authorization")?.replace("Bearer ", "");
    const as = Object.entries(TOKENS).find(([, one]) => one === token)?.[0] ?? "nobody";
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    const agent = sent.get("user-agent") ?? "";
    const answer = app({ method: init.method ?? "GET", url: new URL(url), as, agent, body });
    const { status = 200, json, text = null, headers = {}, ms = 1 } = answer;
    passed += ms;
    return new Response(json === undefined ? text : JSON.stringify(json), { status, headers });
  }) as typeof fetch;
  try {
    return await work();
  } finally {
    globalThis.fetch = real.fetch;
    performance.now = real.now;
  }
}
