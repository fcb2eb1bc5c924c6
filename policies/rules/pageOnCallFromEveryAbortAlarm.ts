import type { ResourceValidationPolicy } from "@pulumi/policy";
import { DRILL_ROW, ON_CALL_TAG, TOPIC_SUFFIX, TYPE } from "../../src/aws/names";

const METRIC = "aws:cloudwatch/metricAlarm:MetricAlarm";
/** Follows another alarm, which knows what silence means. */
const COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm";
const MISSING_DATA = ["breaching", "notBreaching", "ignore", "missing"];

/** An alarm that pages nobody, or whose silence means something nobody chose, is worse than none. */
export const pageOnCallFromEveryAbortAlarm: ResourceValidationPolicy = {
  name: "page-on-call-from-every-abort-alarm",
  description:
    "Every abort alarm of a stage pages on-call, has its actions enabled, and says what missing data means.",
  enforcementLevel: "mandatory",
  validateResource: (args, reportViolation) => {
    if (![METRIC, COMPOSITE].includes(args.type) || !args.urn.includes(`${TYPE.stage}$`)) return;
    const { actionsEnabled } = args.props;
    // A drill's action is not known in the first preview, and a rule that reads what is not known is only advice.
    if (!isDrill(args.props) && !pagesOnCall(args.props))
      reportViolation(
        `The alarm ${args.name} does not page on-call: nobody would know that it fired. Add the on-call topic to its alarmActions.`,
      );
    if (actionsEnabled !== undefined && actionsEnabled !== true)
      reportViolation(
        `The alarm ${args.name} has its actions disabled: it would fire unheard. Remove actionsEnabled, or set it to true.`,
      );
    if (args.type === METRIC && !MISSING_DATA.includes(args.props.treatMissingData)) {
      reportViolation(
        `The alarm ${args.name} does not say what missing data means. Set missingData to breaching for a signal that must be there, to notBreaching for one that only errors publish.`,
      );
    }
  },
};

/**
 * The rollout's own on-call topic is known by its name. One of the account's own has any name: an alarm that pages it says
 * by a tag which one config names, and that very one has to be among its actions.
 */
function pagesOnCall({ alarmActions, tags }: Record<string, unknown>): boolean {
  const declared = (tags as Record<string, unknown> | undefined)?.[ON_CALL_TAG];
  return (
    Array.isArray(alarmActions) &&
    alarmActions.some(
      (arn) =>
        typeof arn === "string" &&
        (declared === undefined ? arn.endsWith(`-${TOPIC_SUFFIX.onCall}`) : arn === declared),
    )
  );
}

/** The drill's alarm is about nothing that could be wrong; the abort switch pages on-call about it, and calls it a drill. */
function isDrill({ name, namespace, metricName }: Record<string, unknown>): boolean {
  return (
    String(name).endsWith(`-${DRILL_ROW}`) &&
    String(namespace).startsWith("cutover/") &&
    String(metricName).startsWith("Drill-")
  );
}
