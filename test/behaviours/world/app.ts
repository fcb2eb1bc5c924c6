/** One answer of the app: its body as JSON, its status and how long it takes. */
interface Answer {
  readonly status?: number;
  readonly json?: unknown;
  readonly ms?: number;
}

/** How an app answers: by method, address and whose token it is asked with. */
export type App = (asked: { readonly method: string; readonly url: URL; readonly as: string }) => Answer;

export const TOKENS = { admin: "token-of-admin", analyst: "token-of-analyst", verifier: "token-of-verifier" };

/** Does something while every request that is sent reaches this app. What takes its time takes none of ours. */
export async function asked<T>(app: App, work: () => Promise<T>): Promise<T> {
  const real = { fetch: globalThis.fetch, now: performance.now };
  let passed = 0;
  performance.now = () => real.now.call(performance) + passed;
  globalThis.fetch = (async (url: string | URL, init: RequestInit = {}) => {
    const token = new Headers(init.headers).get("authorization")?.replace("Bearer ", "");
    const as = Object.entries(TOKENS).find(([, one]) => one === token)?.[0] ?? "nobody";
    const { status = 200, json, ms = 1 } = app({ method: init.method ?? "GET", url: new URL(url), as });
    passed += ms;
    return new Response(json === undefined ? null : JSON.stringify(json), { status });
  }) as typeof fetch;
  try {
    return await work();
  } finally {
    globalThis.fetch = real.fetch;
    performance.now = real.now;
  }
}
