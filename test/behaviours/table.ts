import { ABORTS } from "./aborts";
import { ANSWERS } from "./answers";
import type { Behaviour, Shipped } from "./behaviour";
import { CALENDAR } from "./calendar";
import { CHECKS } from "./checks";
import { CONVERGENCE } from "./convergence";
import { DRILLS } from "./drills";
import { EXITS } from "./exits";
import { MESSAGES } from "./messages";
import { OPS_VIEW_ALARMS } from "./opsView.alarms";
import { OPS_VIEW_METRICS } from "./opsView.metrics";
import { OPS_VIEW_REQUESTS } from "./opsView.requests";
import { OPS_VIEW_SQL } from "./opsView.sql";
import { PIPELINE_REQUESTS } from "./pipeline.requests";
import { PIPELINE_SIGNALS } from "./pipeline.signals";
import { PIPELINE_SQL } from "./pipeline.sql";
import { PLANS } from "./plans";
import { PROOFS } from "./proofs";
import { QUIET_ALARMS } from "./quietAlarms";
import { SIGN_OFFS } from "./signOffs";
import { SNAPSHOTS } from "./snapshots";
import { WAYS } from "./ways";

/** What the rows of both plans do, each shown by a scenario that must go and by one that must not. */
export const BEHAVIOURS: readonly Behaviour[] = [
  ...OPS_VIEW_METRICS,
  ...OPS_VIEW_ALARMS,
  ...PIPELINE_SIGNALS,
  ...ABORTS,
  ...PLANS,
  ...MESSAGES,
  ...PROOFS,
  ...SIGN_OFFS,
  ...QUIET_ALARMS,
  ...DRILLS,
  ...CONVERGENCE,
  ...ANSWERS,
  ...SNAPSHOTS,
  ...EXITS,
  ...CALENDAR,
  ...CHECKS,
  ...OPS_VIEW_REQUESTS,
  ...PIPELINE_REQUESTS,
  ...WAYS,
  ...OPS_VIEW_SQL,
  ...PIPELINE_SQL,
];

/** Where the stack files of each rollout lie, from the project's folder. */
export function foldersOf(): Readonly<Record<Shipped, string>> {
  return { "ops-view": ".", "v2-pipeline": "rollouts/v2-pipeline" };
}
