/** A mutant that acts as the rollout does: nothing could tell the two apart. */
export interface Accepted {
  /** Which mutants, by their names. */
  readonly mutant: RegExp;
  /** Why nothing can tell it from what is shipped. */
  readonly why: string;
}

/** Mutants that may survive. An entry that no survivor needs is stale, and fails the run. */
export const ACCEPTED: readonly Accepted[] = [];
