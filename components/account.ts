import * as pulumi from "@pulumi/pulumi";
import { ON_CALL_TAG } from "../src/aws/names";
import type { Account } from "../src/rollout/config/account";
import type { Rollout } from "../src/rollout/rollout";

/**
 * Types that are tagged. A deployment is not: any change of it, a tag's as well, would be another deployment of the
 * flags.
 */
const TAGGED = new Set([
  "aws:appconfig/application:Application",
  "aws:appconfig/configurationProfile:ConfigurationProfile",
  "aws:appconfig/deploymentStrategy:DeploymentStrategy",
  "aws:appconfig/environment:Environment",
  "aws:cloudwatch/compositeAlarm:CompositeAlarm",
  "aws:cloudwatch/eventRule:EventRule",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:cloudwatch/metricAlarm:MetricAlarm",
  "aws:iam/role:Role",
  "aws:lambda/function:Function",
  "aws:rds/clusterSnapshot:ClusterSnapshot",
  "aws:rds/snapshot:Snapshot",
  "aws:scheduler/scheduleGroup:ScheduleGroup",
  "aws:secretsmanager/secret:Secret",
  "aws:sns/topic:Topic",
  "aws:sqs/queue:Queue",
]);

const ALARMS = new Set([
  "aws:cloudwatch/compositeAlarm:CompositeAlarm",
  "aws:cloudwatch/metricAlarm:MetricAlarm",
]);

/** What a role calls on what is encrypted, by the key's purpose. */
const USED = { topics: "sns:Publish", secrets: "secretsmanager:GetSecretValue" } as const;

/**
 * What the account asks of everything in it, as a transformation of every child of a component: whatever is declared
 * there, now or later, has it.
 */
export function askedByAccount({
  account,
  existingTopics = {},
}: Pick<Rollout, "account" | "existingTopics">): Pick<pulumi.ComponentResourceOptions, "transformations"> {
  const onCall = existingTopics.onCall?.arn;
  const topicKeys = Object.values(existingTopics).flatMap(({ kmsKey }) => kmsKey ?? []);
  if (!account && topicKeys.length === 0 && onCall === undefined) return {};
  const { permissionsBoundary, kmsKeys = {}, tags = {} } = account ?? {};
  const asked: pulumi.ResourceTransformation = ({ type, props, opts }) => {
    const more = settingsOf({ permissionsBoundary, kmsKeys, topicKeys }, type, props);
    const own = { ...tags, ...(onCall !== undefined && ALARMS.has(type) ? { [ON_CALL_TAG]: onCall } : {}) };
    const tagged = TAGGED.has(type) && Object.keys(own).length > 0;
    if (!more && !tagged) return undefined;
    return { props: { ...props, ...more, ...(tagged ? { tags: { ...own, ...props.tags } } : {}) }, opts };
  };
  return { transformations: [asked] };
}

interface Settings extends Pick<Account, "permissionsBoundary" | "kmsKeys"> {
  /** What topics of the account's own are encrypted with. */
  readonly topicKeys: readonly string[];
}

function settingsOf(
  { permissionsBoundary, kmsKeys, topicKeys }: Settings,
  type: string,
  props: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  switch (type) {
    case "aws:iam/role:Role":
      return permissionsBoundary === undefined ? undefined : { permissionsBoundary };
    case "aws:iam/rolePolicy:RolePolicy":
      if (kmsKeys.topics === undefined && kmsKeys.secrets === undefined && topicKeys.length === 0)
        return undefined;
      return {
        policy: pulumi
          .output(props.policy as pulumi.Input<string>)
          .apply((text) => withKeys(text, kmsKeys, topicKeys)),
      };
    case "aws:sns/topic:Topic":
      return kmsKeys.topics === undefined ? undefined : { kmsMasterKeyId: kmsKeys.topics };
    case "aws:secretsmanager/secret:Secret":
      return kmsKeys.secrets === undefined ? undefined : { kmsKeyId: kmsKeys.secrets };
    case "aws:cloudwatch/logGroup:LogGroup":
      return kmsKeys.logs === undefined ? undefined : { kmsKeyId: kmsKeys.logs };
    default:
      return undefined;
  }
}

interface Document {
  readonly Statement: readonly { readonly Effect: string; readonly Action: string | readonly string[] }[];
}

/** Whoever publishes to an encrypted topic, or reads an encrypted secret, uses its key. */
function withKeys(text: string, kmsKeys: Account["kmsKeys"], topicKeys: readonly string[]): string {
  const policy = JSON.parse(text) as Document;
  const actions = policy.Statement.flatMap(({ Effect, Action }) => (Effect === "Allow" ? Action : []));
  const own = (["topics", "secrets"] as const).flatMap((of) => {
    const key = kmsKeys[of];
    return key !== undefined && actions.includes(USED[of]) ? [key] : [];
  });
  if (actions.includes(USED.topics)) own.push(...topicKeys);
  if (own.length === 0) return text;
  const statement = {
    Sid: "UseKeys",
    Effect: "Allow",
    Action: ["kms:Decrypt", "kms:GenerateDataKey"],
    Resource: [...new Set(own)].sort(),
  };
  return JSON.stringify({ ...policy, Statement: [...policy.Statement, statement] });
}
