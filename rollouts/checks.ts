import type { Check } from "../src/gates/smokeCheck";
import * as opsView from "./ops-view/checks";
import * as pipeline from "./v2-pipeline/checks";

/** By rollout, then by the name that stack config calls a check. */
const CHECKS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  "ops-view": {
    "analyst-sees-own-items": opsView.analystSeesOwnItems,
    "role-scoping": opsView.roleScoping,
    "queue-matches-items": opsView.queueMatchesItems,
    "patch-is-written": opsView.patchIsWritten,
    "rfi-is-written": opsView.rfiIsWritten,
    "stale-version-is-refused": opsView.staleVersionIsRefused,
    "batches-are-deduplicated": opsView.batchesAreDeduplicated,
  },
  "v2-pipeline": {
    "sunset-is-ahead": pipeline.sunsetIsAhead,
    "v1-is-deprecated": pipeline.v1IsDeprecated,
    "v1-still-announces": pipeline.v1StillAnnounces,
    "v1-is-gone": pipeline.v1IsGone,
  },
};

/** The checks of a rollout; none for one that wrote none. */
export function checksOf(rollout: string): Readonly<Record<string, Check>> {
  return CHECKS[rollout] ?? {};
}
