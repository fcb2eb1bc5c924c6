import { OPS_VIEW_ROWS } from "./ops-view/rows";
import type { PlanRow } from "./planRow";
import { PIPELINE_ROWS } from "./v2-pipeline/rows";

/** A shipped rollout, and where its stack files lie from the project's folder. */
export interface PlanTable {
  readonly rollout: string;
  readonly folder: string;
  readonly rows: readonly PlanRow[];
}

/** The rows of both cutover plans. */
export const PLAN_TABLES: readonly PlanTable[] = [
  { rollout: "ops-view", folder: ".", rows: OPS_VIEW_ROWS },
  { rollout: "v2-pipeline", folder: "rollouts/v2-pipeline", rows: PIPELINE_ROWS },
];
