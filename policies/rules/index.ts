import type { ResourceValidationPolicy } from "@pulumi/policy";
import { countTimeAsItPasses } from "./countTimeAsItPasses";
import { deployFlagsThroughStagesOnly } from "./deployFlagsThroughStagesOnly";
import { keepRequiredFlagsOn } from "./keepRequiredFlagsOn";
import { lowerFlagsOnPurpose } from "./lowerFlagsOnPurpose";
import { pageOnCallFromEveryAbortAlarm } from "./pageOnCallFromEveryAbortAlarm";
import { promoteOnlyOnPassingEvidence } from "./promoteOnlyOnPassingEvidence";
import { promoteStagesInOrder } from "./promoteStagesInOrder";
import { snapshotBeforeWrites } from "./snapshotBeforeWrites";
import { soakLongEnough } from "./soakLongEnough";
import { weakenOnPurpose } from "./weakenOnPurpose";

/** Every rule of the pack. All are mandatory. */
export const rules: readonly ResourceValidationPolicy[] = [
  promoteOnlyOnPassingEvidence,
  promoteStagesInOrder,
  keepRequiredFlagsOn,
  snapshotBeforeWrites,
  soakLongEnough,
  pageOnCallFromEveryAbortAlarm,
  lowerFlagsOnPurpose,
  deployFlagsThroughStagesOnly,
  countTimeAsItPasses,
  weakenOnPurpose,
];
