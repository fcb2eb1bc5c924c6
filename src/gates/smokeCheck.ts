import type { Answer } from "./answer";

/** A request of a smoke check. */
interface CheckRequest {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path on the service. */
  readonly path: string;
  /** Whose bearer token to send. Left out, none is sent. */
  readonly as?: string;
  readonly body?: Record<string, unknown>;
}

/** What a check works with. */
export interface CheckContext {
  /** The rollout's parameters. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** How much faster declared durations pass than the clock. 1 on any real account. */
  readonly timeScale: number;
  /**
   * Sends a request. Throws where no complete answer comes in time, and, without sending it, where it would change
   * something and the gate does not say `writes: true`, or nobody acts on it.
   */
  send(request: CheckRequest): Promise<Answer>;
  /** The one value of a read-only query, as the gate role sees it. */
  sql(query: string, values?: readonly (string | number | boolean)[]): Promise<unknown>;
  /** Runs after the check, whatever came of it, last one first: what a check creates it takes away again. */
  cleanUp(work: () => Promise<unknown>): void;
}

/**
 * A smoke check: a sequence of requests with its own assertions. It says what it saw; where something does not
 * hold it throws `CheckFailed` with a sentence for people.
 */
export type Check = (context: CheckContext) => Promise<string>;

/** Marks what a check threw, whichever copy of this module it was made with: a rollout's code may load one of its own. */
const FAILED = Symbol.for("cutover.CheckFailed");

/** What a check found not to hold. Any other error means that the check could not be made. */
export class CheckFailed extends Error {
  readonly [FAILED] = true;

  static override [Symbol.hasInstance](error: unknown): boolean {
    return typeof error === "object" && error !== null && FAILED in error;
  }
}

/** Throws `CheckFailed` unless the condition holds. */
export function hold(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new CheckFailed(sentence);
}
