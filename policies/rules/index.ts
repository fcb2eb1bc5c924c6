import type { ResourceValidationPolicy } from "@pulumi/policy";
import { abortAlarmsPageOnCall } from "./abortAlarmsPageOnCall";
import { evidencePasses } from "./evidencePasses";
import { lowerIsExplicit } from "./lowerIsExplicit";
import { noRawDeployment } from "./noRawDeployment";
import { requirementsHold } from "./requirementsHold";
import { soakMeetsFloor } from "./soakMeetsFloor";
import { stagesInOrder } from "./stagesInOrder";
import { timeIsReal } from "./timeIsReal";
import { weakeningHasReason } from "./weakeningHasReason";
import { writeStageHasSnapshot } from "./writeStageHasSnapshot";

/** Every rule of the pack. All are mandatory. */
export const rules: readonly ResourceValidationPolicy[] = [
  evidencePasses,
  stagesInOrder,
  requirementsHold,
  writeStageHasSnapshot,
  soakMeetsFloor,
  abortAlarmsPageOnCall,
  lowerIsExplicit,
  noRawDeployment,
  timeIsReal,
  weakeningHasReason,
];
