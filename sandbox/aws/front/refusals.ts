/** Where the front is asked, below `/_front/`, what it has refused. */
export const REFUSALS = "refusals";

/** A request that the front has refused. */
export interface Refused {
  /** Milliseconds of the epoch. */
  readonly at: number;
  /** As a signature names it. */
  readonly service: string;
  /** Nothing where a fault was on, which looks at no operation. */
  readonly operation?: string;
  readonly code: string;
  readonly message: string;
}

/** What a front at `endpoint` has refused since it was started or reset, oldest first. */
export async function refusalsOf(endpoint: string): Promise<readonly Refused[]> {
  const response = await fetch(`${endpoint}/_front/${REFUSALS}`, { signal: AbortSignal.timeout(10_000) });
  return (await response.json()) as readonly Refused[];
}
