import { PHASES } from "../../../src/gates/common";
import { kindOf } from "../../../src/gates/gate";
import type { Rollout } from "../../../src/rollout/rollout";

/** A statement that a row asks of the database. */
export interface AskedHere {
  readonly stage: string;
  readonly row: string;
  /** Below `config:` of the stage's file. */
  readonly path: readonly string[];
  readonly query: string;
  readonly values: readonly unknown[];
  /** True where it is meant to count only the rows that a policy shows. */
  readonly filtered: boolean;
}

/** Every statement that a rollout's gates, smoke checks and probes ask, their known-bad ones among them. Pure. */
export function askedOf(rollout: Pick<Rollout, "stages">): AskedHere[] {
  return rollout.stages.flatMap((stage) => [
    ...PHASES.flatMap((phase) =>
      Object.entries(stage[phase]).flatMap(([row, definition]) =>
        (kindOf(definition).queries?.(definition) ?? []).map(({ path, query, values, filtered = false }) => ({
          stage: stage.name,
          row,
          path: ["cutover:stage", phase, row, ...path],
          query,
          values,
          filtered,
        })),
      ),
    ),
    ...Object.entries(stage.abort).flatMap(([row, { probe, reconcile }]) =>
      probe && "query" in probe
        ? [
            {
              stage: stage.name,
              row,
              path: ["cutover:stage", "abort", row, ...(reconcile ? ["reconcile"] : ["probe", "query"])],
              query: probe.query,
              values: probe.values,
              filtered: false,
            },
          ]
        : [],
    ),
  ]);
}
