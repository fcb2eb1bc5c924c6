import { createHash } from "node:crypto";

/** Type tokens of the components, as stacks and policies know them. */
export const TYPE = {
  foundation: "cutover:index:Foundation",
  stage: "cutover:index:Stage",
  database: "cutover:index:GateDatabase",
} as const;

/** SNS topic names. Policies and on-call recognise a topic by the end of its name. */
export const TOPIC_SUFFIX = { onCall: "on-call", ops: "ops", stakeholders: "stakeholders" } as const;
export type TopicName = keyof typeof TOPIC_SUFFIX;

/** AppConfig names, fixed so that `cutover abort` finds the flags without any Pulumi state. */
export const ENVIRONMENT_NAME = "live";
export const PROFILE_NAME = "flags";

/**
 * The alarm of one abort row: unique in an account, and readable in a page. Of dashes only the last two part the
 * names, so that `ops` and `view-a` is another one than `ops-view` and `a`: CloudWatch would overwrite it silently.
 */
export function alarmName(rollout: string, stage: string, row: string): string {
  return [rollout, stage.replaceAll("-", "_"), row.replaceAll("-", "_")].join("-");
}

/** Whether an alarm is that of a row, or of the drill, of a stage of this rollout, and not of one whose name begins so. */
export function isRowAlarmOf(rollout: string, name: string): boolean {
  return name.split("-").slice(0, -2).join("-") === rollout;
}

/** Dashboards are seen from every region of an account. */
export function dashboardName(rollout: string, region: string, stage?: string): string {
  return [rollout, ...(stage === undefined ? [] : [stage]), region].join("-");
}

/** A stage's switch: its topic, role and function. */
export function switchName(rollout: string, stage: string): string {
  return fitting(`${rollout}-${stage}`, "abort");
}

/** The queue that keeps what a stage's switch was given in vain. */
export function switchLettersName(rollout: string, stage: string): string {
  return `${switchName(rollout, stage)}-dlq`;
}

/** The topic of that name beside another one, in the same account and region. */
export function topicBeside(arn: string, name: string): string {
  return [...arn.split(":").slice(0, -1), name].join(":");
}

/** The ARN of one of a rollout's own topics, in the account and partition of a caller's ARN. */
export function topicOf(caller: string, region: string, rollout: string, topic: TopicName): string {
  const [, partition = "aws", , , account = ""] = caller.split(":");
  return `arn:${partition}:sns:${region}:${account}:${rollout}-${TOPIC_SUFFIX[topic]}`;
}

/** The row of a stage's drill. No abort row may be named so. */
export const DRILL_ROW = "drill";

/** What a drill publishes. A name of its own for each stage, and no dimensions: the alarm watches it as it is. */
export function drillMetric(rollout: string, stage: string): { namespace: string; name: string } {
  return { namespace: `cutover/${rollout}`, name: `Drill-${stage}` };
}

/** How long servers took to follow the flags, in ms. No dimensions: every stage's servers are the same. */
export function convergedMetric(rollout: string): { namespace: string; name: string } {
  return { namespace: `cutover/${rollout}`, name: "Converged" };
}

/** What the names of all log groups begin with in which a rollout keeps what people did and were told. */
export function rolloutLogs(rollout: string): string {
  return `/cutover/${rollout}/`;
}

/** The log group in which it is kept what people decided about rows that only page. Found by name, without state. */
export function decisionsGroup(rollout: string, stage: string): string {
  return `/cutover/${rollout}/${stage}/decisions`;
}

/** The snapshot of one promotion. RDS allows letters, digits and single dashes; names may hold several in a row. */
export function snapshotName(rollout: string, stage: string, attempt: number): string {
  return `${rollout}-${stage}-attempt-${attempt}`.toLowerCase().replaceAll(/-+/g, "-");
}

/** What AWS lets a role, a function, a rule or a schedule be named: 64 characters. Longer, it is told apart by a hash. */
export function fitting(name: string, end: string): string {
  const whole = `${name}-${end}`;
  if (whole.length <= 64) return whole;
  const hash = createHash("sha256").update(whole).digest("hex").slice(0, 8);
  return `${name.slice(0, 64 - end.length - 10)}-${hash}-${end}`;
}
