import { digestOf } from "../text/digest";
import { placeIn } from "./arn";

/** Type tokens of the components, as stacks and policies know them. */
export const TYPE = {
  foundation: "cutover:index:Foundation",
  stage: "cutover:index:Stage",
  database: "cutover:index:GateDatabase",
} as const;

/** SNS topic names. Policies and on-call recognise a topic by the end of its name. */
export const TOPIC_SUFFIX = { onCall: "on-call", ops: "ops", stakeholders: "stakeholders" } as const;
export type TopicName = keyof typeof TOPIC_SUFFIX;
export const TOPICS = Object.keys(TOPIC_SUFFIX) as TopicName[];

/** By which an alarm says which topic of the account's own is on-call's; absent where the rollout makes that topic. */
export const ON_CALL_TAG = "cutover:on-call";

/** AppConfig names, fixed so that `cutover abort` finds the flags without any Pulumi state. */
export const ENVIRONMENT_NAME = "live";
export const PROFILE_NAME = "flags";

/**
 * Names within a rollout as one: of dashes only those between the parts part them. So `ops` and `view-a` is another one
 * than `ops-view` and `a`, whatever is joined to them: names hold no underscore of their own. AWS would take the one for
 * the other silently.
 */
function joined(rollout: string, ...within: readonly string[]): string {
  return [rollout, ...within.map((part) => part.replaceAll("-", "_"))].join("-");
}

/** The alarm of one abort row: unique in an account, and readable in a page. */
export function alarmName(rollout: string, stage: string, row: string): string {
  return joined(rollout, stage, row);
}

/** Whether an alarm is that of a row, or of the drill, of a stage of this rollout, and not of one whose name begins so. */
export function isRowAlarmOf(rollout: string, name: string): boolean {
  return !name.includes(".") && name.split("-").slice(0, -2).join("-") === rollout;
}

/** What a stage has of its own beside its rows, by how it is called: functions, and what calls them. */
export type StagePart = "abort" | "probe" | "messages" | "scheduler" | "reminders";

/** A part of a stage: its function, its topic, its rule, its group of schedules. */
export function partName(rollout: string, stage: string, part: StagePart): string {
  return fitting(joined(rollout, stage), part);
}

/** The role of a part. IAM knows no regions: the same stage of another region has another one. */
export function roleName(rollout: string, stage: string, part: StagePart, region: string): string {
  return fitting(joined(rollout, stage), `${part}-${region}`);
}

/** A rollout's measuring function. No part of a stage ends so. */
export function measureName(rollout: string): string {
  return `${rollout}-measure`;
}

/** The role that a function of a rollout's own runs as. IAM knows no regions: in another one it has another name. */
export function functionRole(functionName: string, region: string): string {
  return `${functionName}-${region}`;
}

/** An alarm on a function of cutover's own, by what it watches. No row's alarm has a dot in its name. */
export function watchName(functionName: string, what: string): string {
  return `${functionName}.${what}`;
}

/** The schedule of one message of a stage's attempt. */
export function messageSchedule(rollout: string, stage: string, row: string, attempt: number): string {
  return fitting(joined(rollout, stage, row), `attempt-${attempt}`);
}

/** The schedules of one message of a stage in any of its first 99 attempts, as IAM's wildcards have it. */
export function messageSchedules(rollout: string, stage: string, row: string): string[] {
  const any = () => `0${"?".repeat(9)}`;
  return ["?", "??"].map((attempt) => fitting(joined(rollout, stage, row), `attempt-${attempt}`, any));
}

/**
 * Dashboards are seen from every region of an account. A region ends in a number, which no stage begins with: so
 * a rollout's is never a stage's.
 */
export function dashboardName(rollout: string, region: string, stage?: string): string {
  return stage === undefined ? `${rollout}-${region}` : joined(`${rollout}-${region}`, stage);
}

/** One of a rollout's own topics. */
export function topicName(rollout: string, topic: TopicName): string {
  return `${rollout}-${TOPIC_SUFFIX[topic]}`;
}

/** A stage's switch: its topic and its function. */
export function switchName(rollout: string, stage: string): string {
  return partName(rollout, stage, "abort");
}

/** The queue that keeps what a stage's switch was given in vain. */
export function switchDeadLetterQueueName(rollout: string, stage: string): string {
  return `${switchName(rollout, stage)}-dlq`;
}

/** The function that sends what lies in the queues of a rollout's channels. */
export function channelsName(rollout: string): string {
  return `${rollout}-channels`;
}

/** A channel's queue, and its own topic where it has one. */
export function channelName(rollout: string, channel: string): string {
  return fitting(joined(rollout, channel), "channel");
}

/** The function that carries flags on to platforms. */
export function deliveriesName(rollout: string): string {
  return `${rollout}-delivery`;
}

/** The queue of one delivery. */
export function deliveryName(rollout: string, delivery: string): string {
  return fitting(joined(rollout, delivery), "delivery");
}

/** The log group in which it is kept how far deliveries have come. Found by name, without state. */
export function deliveriesGroup(rollout: string): string {
  return `${rolloutLogs(rollout)}delivery`;
}

/** The topic of that name beside another one, in the same account and region. */
export function topicBeside(arn: string, name: string): string {
  return [...arn.split(":").slice(0, -1), name].join(":");
}

/** The ARN of one of a rollout's own topics, in the account and partition of a caller's ARN. */
export function topicOf(caller: string, region: string, rollout: string, topic: TopicName): string {
  const { partition, account } = placeIn(caller);
  return `arn:${partition}:sns:${region}:${account}:${topicName(rollout, topic)}`;
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

/**
 * The snapshot of one promotion. RDS allows lower-case letters, digits and single dashes, where names may hold more: what
 * that would make the same is told apart by a hash. Of one rollout no two stages differ by case alone.
 */
export function snapshotName(rollout: string, stage: string, attempt: number): string {
  const plain = `${rollout}-${stage}-attempt-${attempt}`.toLowerCase().replaceAll(/-+/g, "-");
  const exact = !stage.includes("-") && !/[A-Z]|--|-$/.test(rollout);
  return exact ? plain : `${plain}-${hashOf(JSON.stringify([rollout, stage, attempt]))}`;
}

/** What the temporary databases of a rollout's proofs begin with: all that whoever proves may delete. */
export function proofsOf(rollout: string): string {
  const plain = rollout.toLowerCase().replaceAll(/-+/g, "-").replace(/-$/, "");
  // 63 characters are all that RDS takes.
  return `cutover-proof-${plain.length <= 30 ? plain : `${plain.slice(0, 20).replace(/-$/, "")}-${hashOf(plain)}`}`;
}

/** The database that a promotion's snapshot is restored to, to see whether it comes back. */
export function proofName(rollout: string, stage: string, attempt: number): string {
  const own = snapshotName(rollout, stage, attempt);
  const whole = `${proofsOf(rollout)}-${stage.toLowerCase()}-${attempt}`;
  const exact = whole.length <= 63 && !stage.includes("-") && !/[A-Z]|--|-$/.test(rollout);
  return exact ? whole : `${proofsOf(rollout)}-${hashOf(own)}`;
}

/**
 * What AWS lets a role, a function, a rule or a schedule be named: 64 characters. Longer, it is told apart by a hash,
 * which begins with a digit, as no part of a name that is whole does.
 */
function fitting(name: string, end: string, hashed = hashOf): string {
  const whole = `${name}-${end}`;
  if (whole.length <= 64) return whole;
  const hash = hashed(whole);
  return `${name.slice(0, 64 - end.length - hash.length - 2)}-${hash}-${end}`;
}

function hashOf(text: string): string {
  return `0${digestOf(text, 9)}`;
}
