/** What traffic saw. Pure: times come in with the observations. */

interface Flags {
  OPS_VIEW_DB_READ: boolean;
  OPS_VIEW_DB_WRITE: boolean;
}

export interface Exchange {
  at: number;
  method: string;
  url: string;
  /** Null where no answer came: refused, reset, timed out. */
  status: number | null;
  ms: number;
}

interface Second {
  at: string;
  /** Answers by status code; "none" where no answer came. */
  byStatus: Record<string, number>;
  p95Ms: number;
  maxMs: number;
}

/** What a server says of its flags. */
export interface FlagAnswer {
  server: string;
  flags: Flags;
  version: string | null;
  drill?: unknown;
}

/** A server's flags changed, or were seen for the first time. */
export interface FlagChange extends FlagAnswer {
  at: string;
  url: string;
}

export interface TrafficReport {
  from: string;
  until: string;
  requests: number;
  byStatus: Record<string, number>;
  seconds: Second[];
  /** Requests that failed on the server's side or got no answer; the first ones, as examples. */
  failures: { at: string; method: string; url: string; status: number | null }[];
  /** How many flag answers were looked at: none in zero proves nothing. */
  flagAnswers: number;
  flagChanges: FlagChange[];
  /** Answers with write without read. Must stay empty. */
  violations: FlagChange[];
}

const MAX_FAILURES = 200;

export class TrafficLog {
  private readonly seconds = new Map<number, Exchange[]>();
  private readonly failures: Exchange[] = [];
  private readonly flagChanges: FlagChange[] = [];
  private readonly violations: FlagChange[] = [];
  private readonly lastSeen = new Map<string, string>();
  private flagAnswers = 0;

  constructor(private readonly startedAt: number) {}

  exchange(seen: Exchange): void {
    const second = Math.floor(seen.at / 1_000);
    const bucket = this.seconds.get(second) ?? [];
    bucket.push(seen);
    this.seconds.set(second, bucket);
    const failed = seen.status === null || seen.status >= 500;
    if (failed && this.failures.length < MAX_FAILURES) this.failures.push(seen);
  }

  flags(at: number, url: string, answer: FlagAnswer): void {
    this.flagAnswers++;
    const seen: FlagChange = { at: iso(at), url, ...answer };
    if (seen.flags.OPS_VIEW_DB_WRITE && !seen.flags.OPS_VIEW_DB_READ) this.violations.push(seen);
    const state = JSON.stringify(answer);
    if (this.lastSeen.get(url) === state) return;
    this.lastSeen.set(url, state);
    this.flagChanges.push(seen);
  }

  report(until: number): TrafficReport {
    const exchanges = [...this.seconds.values()].flat();
    return {
      from: iso(this.startedAt),
      until: iso(until),
      requests: exchanges.length,
      byStatus: countStatuses(exchanges),
      seconds: [...this.seconds]
        .sort(([a], [b]) => a - b)
        .map(([second, bucket]) => {
          const times = bucket.map(({ ms }) => ms);
          const [p95Ms, maxMs] = [percentile(times, 0.95), Math.max(...times)];
          return { at: iso(second * 1_000), byStatus: countStatuses(bucket), p95Ms, maxMs };
        }),
      failures: this.failures.map(({ at, method, url, status }) => ({ at: iso(at), method, url, status })),
      flagAnswers: this.flagAnswers,
      flagChanges: [...this.flagChanges],
      violations: [...this.violations],
    };
  }
}

/** Nearest rank. */
export function percentile(values: readonly number[], rank: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)] ?? 0;
}

function countStatuses(exchanges: readonly Exchange[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of exchanges) {
    const key = String(status ?? "none");
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
