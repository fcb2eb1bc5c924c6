import { pace } from "../service/pace";
import { type Landing, Landings, type LandingsReport } from "./landings";

export interface TrafficOptions {
  /** The servers. Requests go to them in turn: a user has no server of their own. */
  urls: readonly string[];
  /** How many people import. */
  users?: number;
  /** All of them together. */
  ratePerSecond?: number;
}

export interface Traffic {
  /** Lets some callers use v1's own endpoint, or none. */
  legacy(on: boolean): void;
  snapshot(): LandingsReport;
  /** Lets requests under way finish, and tells what was seen. */
  stop(): Promise<LandingsReport>;
}

const TIMEOUT_MS = 10_000;
const LEGACY_PER_SECOND = 5;

/** People who import files all the while, and callers of v1's own endpoint for as long as they are let. */
export function startTraffic({ urls, users = 200, ratePerSecond = 25 }: TrafficOptions): Traffic {
  const seen = new Landings();
  const abort = new AbortController();
  let [sent, old, legacy] = [0, 0, false];
  const running = [
    pace(1_000 / ratePerSecond, 0, abort.signal, async () => {
      const turn = sent++;
      // Not waited for: people do not wait for each other.
      void post(urls, turn, "/process", `user-${(turn * 7) % users}`).then((landing) => seen.add(landing));
    }),
    pace(1_000 / LEGACY_PER_SECOND, 0, abort.signal, async () => {
      if (legacy) await post(urls, old++, "/process-full", `old-${old % 5}`);
    }),
  ];
  return {
    legacy: (on) => {
      legacy = on;
    },
    snapshot: () => seen.report(),
    async stop() {
      abort.abort();
      await Promise.all(running);
      return seen.report();
    },
  };
}

/** Where an import landed; undefined where no answer came, or not a 202. */
async function post(
  urls: readonly string[],
  turn: number,
  path: string,
  user: string,
): Promise<Landing | undefined> {
  const at = Date.now();
  try {
    const answer = await fetch(`${urls[turn % urls.length]}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ user, file: `${user}-${turn}.csv` }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = (await answer.json()) as { data?: { pipeline: "v1" | "v2"; percent: number } };
    return answer.status === 202 && body.data ? { user, at, ...body.data } : undefined;
  } catch {
    return undefined;
  }
}
