import type { ResourceValidationPolicy } from "@pulumi/policy";
import { TOPIC_SUFFIX, TYPE } from "../../components/names";

const MISSING_DATA = ["breaching", "notBreaching", "ignore", "missing"];

/** An alarm that pages nobody, or whose silence means something nobody chose, is worse than none. */
export const abortAlarmsPageOnCall: ResourceValidationPolicy = {
  name: "page-on-call-from-every-abort-alarm",
  description:
    "Every abort alarm of a stage pages on-call, has its actions enabled, and says what missing data means.",
  enforcementLevel: "mandatory",
  validateResource: (args, reportViolation) => {
    if (args.type !== "aws:cloudwatch/metricAlarm:MetricAlarm" || !args.urn.includes(`${TYPE.stage}$`))
      return;
    const { alarmActions, actionsEnabled, treatMissingData } = args.props;
    const pages =
      Array.isArray(alarmActions) &&
      alarmActions.some((arn) => typeof arn === "string" && arn.endsWith(`-${TOPIC_SUFFIX.onCall}`));
    if (!pages)
      reportViolation(
        `The alarm ${args.name} does not page on-call: nobody would know that it fired. Add the on-call topic to its alarmActions.`,
      );
    if (actionsEnabled !== undefined && actionsEnabled !== true)
      reportViolation(
        `The alarm ${args.name} has its actions disabled: it would fire unheard. Remove actionsEnabled, or set it to true.`,
      );
    if (!MISSING_DATA.includes(treatMissingData)) {
      reportViolation(
        `The alarm ${args.name} does not say what missing data means. Set missingData to breaching for a signal that must be there, to notBreaching for one that only errors publish.`,
      );
    }
  },
};
