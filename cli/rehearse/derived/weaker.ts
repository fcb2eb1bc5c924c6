import type { Stage } from "../../../src/rollout/rollout";

/** A change of a stage's config that makes one of its rows easier. */
export interface Eased {
  /** Below `config` of the stack file. */
  readonly path: readonly string[];
  readonly was: number;
  readonly to: number;
  readonly words: string;
}

/** Which way a limit of an abort row is easier: an alarm that fires later. */
const EASIER = { gt: 1, gte: 1, lt: -1, lte: -1 } as const;

/** An abort row of a stage that fires later than it did; undefined where the stage has none with a limit. */
export function weakerOf(stage: Pick<Stage, "abort">): Eased | undefined {
  for (const [row, { threshold }] of Object.entries(stage.abort))
    for (const [operator, by] of Object.entries(EASIER)) {
      const was = threshold?.[operator as keyof typeof EASIER];
      // Below nothing, or above a percentage, the limit itself would be refused.
      if (was === undefined || (by < 0 && was < 1) || (by > 0 && threshold?.quantity !== undefined)) continue;
      return {
        path: ["cutover:stage", "abort", row, "threshold", operator],
        was,
        to: was + by,
        words: `${row} fires at ${was + by} instead of ${was}`,
      };
    }
  return undefined;
}
