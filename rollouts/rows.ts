import { OPS_VIEW_ROWS } from "./ops-view/rows";
import { PIPELINE_ROWS } from "./v2-pipeline/rows";

/** Why a row has nothing in a column. */
export interface Without {
  readonly why: string;
}

/** One requirement of a cutover plan: what it says, and where in this repository each part of it stands. */
export interface PlanRow {
  /** The plan's own id, or a name for what it has no id for. */
  readonly id: string;
  /** What the plan says, in its words. */
  readonly says: string;
  /**
   * Where the stack files declare what has no id of its own there: `STACK PATH`, such as
   * `stageA cutover:stage.soak`. Default: every place that has the row's id.
   */
  readonly declared?: readonly string[] | Without;
  /** What holds it, `FILE:NAME`. Default: by the section that it is declared in, and the kind of gate. */
  readonly enforced?: readonly string[] | Without;
  /** What fails where it does otherwise, `FILE: the test's title, or how it begins`. Default: the row's behaviours. */
  readonly tested?: readonly string[] | Without;
  /** The steps of the rehearsal that show it, by their titles. */
  readonly rehearsed: readonly string[] | Without;
}

/** A shipped rollout, where its stack files lie from the project's folder, and where its rehearsal is written. */
export interface PlanTable {
  readonly rollout: string;
  readonly folder: string;
  readonly rehearsal: string;
  readonly rows: readonly PlanRow[];
}

/** The rows of both cutover plans. */
export const PLAN_TABLES: readonly PlanTable[] = [
  { rollout: "ops-view", folder: ".", rehearsal: "cli/rehearse/ops-view.ts", rows: OPS_VIEW_ROWS },
  {
    rollout: "v2-pipeline",
    folder: "rollouts/v2-pipeline",
    rehearsal: "cli/rehearse/v2-pipeline.ts",
    rows: PIPELINE_ROWS,
  },
];
