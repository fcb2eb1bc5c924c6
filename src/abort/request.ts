import type { Door } from "../flags/doors";
import { type FlagSpecs, type Flags, showFlags } from "../flags/flags";
import type { Note } from "../flags/ledger";
import type { Finish } from "../rollout/finished";

/** What to bring down, how far, and what to write into the ledger about it. */
export interface AbortRequest {
  readonly specs: FlagSpecs;
  readonly floor: Flags;
  /** The only flags that go down to it, with what requires them: the others stay as servers have them. Default: all. */
  readonly only?: readonly string[] | undefined;
  /** What there is no way back from, beside what the flag store knows of. */
  readonly doors?: readonly Door[] | undefined;
  /** Behind any of these no flag is lowered, not even to the door's floor. Default: they go down to it. */
  readonly freeze?: boolean | undefined;
  /** `attempt` is the one to go by where the ledger does not tell which one is live. */
  readonly note: Omit<Note, "cutover" | "kind">;
  /** Former names of the stage: what the ledger says of them is said of it. */
  readonly formerly?: readonly string[] | undefined;
  /** The note's attempt is known for certain: the caller has just promoted it. Default: the ledger is asked. */
  readonly exact?: boolean | undefined;
  /** When what it answers happened, ISO 8601: of a stage that came down since, it still stops the attempt of then. */
  readonly since?: string | undefined;
  /**
   * Where the rollout is finished, nothing is lowered or stopped; but for an alarm that rang before the finish, which
   * says when (ISO 8601). Absent: a finish keeps nothing up. Where it is not told in time whether it is finished, it
   * counts as not finished.
   */
  readonly yields?: { readonly rangAt?: string | undefined } | undefined;
  /** A lowering that was asked for stops nothing. Default: `abort`, which is recorded also where nothing is to be lowered. */
  readonly kind?: "abort" | "lower" | undefined;
}

/** What an abort found and did. */
export interface AbortOutcome {
  /** The most that any server may have been given; absent where it could not be read, or nothing was live. */
  readonly before: Flags | undefined;
  /** Absent only where nothing was ever deployed. */
  readonly after: Flags | undefined;
  /** The deployment that brought the flags down; absent where none was needed. */
  readonly deployment?: number | undefined;
  /** The attempt that the ledger's entry names, and so stops. */
  readonly attempt: number;
  /** The deployment whose note records the stop; absent where it could not be recorded, for the reason that follows. */
  readonly recorded?: number | undefined;
  readonly unrecorded?: string | undefined;
  /** The deployment that servers are given in the end; absent where nothing was ever deployed. */
  readonly served: number | undefined;
  /** Deployments under way that were ended. */
  readonly stopped: readonly number[];
  readonly ms: number;
  readonly why: string;
  /** True where nothing was lowered behind a door, as the request asks. */
  readonly frozen?: true | undefined;
  /** The finish that it yielded to: then nothing was done. */
  readonly finished?: Finish | undefined;
  /** What an irreversible stage kept above the floor, and why, in words; absent where everything is at or below it. */
  readonly kept?: string | undefined;
}

/** Limits of one abort, in ms. */
export interface AbortLimits {
  /** All in all. Shorter than the Lambda's timeout, so that a failure is told and not cut off. */
  readonly total: number;
  /**
   * How long a deployment that takes no time by its strategy, and lowers, is waited for before it is stopped; and how
   * long one that bakes at the floor is watched.
   */
  readonly patience: number;
  /** Between two looks. */
  readonly pause: number;
  /** How long flags stay up to learn from the ledger which attempt they are of. Default: 2 s. */
  readonly ledger?: number;
}

/** The flags may still be above the floor: the caller must be loud about it, and somebody must try again. */
export class AbortFailed extends Error {
  override readonly name = "AbortFailed";
}

/**
 * Nothing of what was offered to the flag store was taken.
 *
 * @param unread why its own list of flags could not be read
 */
export function givingUp(flags: Flags, refusal: string, unread: string | undefined): AbortFailed {
  const list = unread === undefined ? "" : `, its schema cannot be read (${unread})`;
  return new AbortFailed(
    `AppConfig does not take the flags ${showFlags(flags)} (${refusal}), nor what is lowest of all, and has no version that is as low in every flag${list}`,
  );
}
