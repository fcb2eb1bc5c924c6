import { snapshotName } from "../../src/aws/names";
import type { Plan } from "../../src/rollout/plan";
import type { Rollout, Stage } from "../../src/rollout/rollout";

/** The snapshot that a promotion takes before the flags change. */
export interface SnapshotView {
  readonly id: string;
  readonly kind: "instance" | "cluster";
  /** The instance or cluster it is of. */
  readonly of: string;
}

/** What is snapshot for this plan. A lower takes none: the last is from before the writes that it ends. */
export function plannedSnapshot(
  rollout: Rollout,
  stage: Stage,
  kind: Plan["kind"],
): SnapshotView | undefined {
  if (!stage.snapshot || (kind !== "raise" && kind !== "restart")) return undefined;
  const { instance, cluster } = stage.snapshot;
  return {
    id: snapshotName(rollout.name, stage.name, stage.attempt),
    kind: instance === undefined ? "cluster" : "instance",
    of: instance ?? cluster ?? "",
  };
}
