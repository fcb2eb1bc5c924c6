import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { RemindersAt } from "../src/abort/switchConfig";
import { placeIn } from "../src/aws/arn";
import { partName, roleName } from "../src/aws/names";
import { schedulerPolicyOf, schedulerTrustOf } from "./permissions/messages";

/** What reminders of an abort switch stand on. */
export interface RemindersArgs {
  readonly rollout: string;
  readonly stage: string;
  readonly region: string;
  /** The switch's function, which schedules call. */
  readonly functionName: string;
  readonly topic: aws.sns.Topic;
  readonly deadLetterQueue: aws.sqs.Queue;
}

export interface Reminders {
  /** For the switch's configuration. */
  readonly at: pulumi.Output<RemindersAt>;
  /** For its role. */
  readonly permits: pulumi.Output<{ group: string; roleArn: string }>;
  readonly ready: pulumi.Resource[];
}

/**
 * What an abort switch needs to remind people: a group for its schedules, which takes them along when it goes, and the
 * role with which they call it.
 */
export function declareReminders(
  name: string,
  { rollout, stage, region, functionName, topic, deadLetterQueue }: RemindersArgs,
  opts: pulumi.CustomResourceOptions,
): Reminders {
  const groupName = partName(rollout, stage, "reminders");
  const group = new aws.scheduler.ScheduleGroup(`${name}-reminders`, { name: groupName }, opts);
  const role = new aws.iam.Role(
    `${name}-reminders`,
    {
      name: roleName(rollout, stage, "reminders", region),
      description: `Reminds on-call of what they have to decide about ${stage} of ${rollout}`,
      assumeRolePolicy: deadLetterQueue.arn.apply((arn) => schedulerTrustOf(arn, groupName)),
    },
    opts,
  );
  // By its name: the function's own configuration holds it, and so it is not there yet.
  const functionArn = topic.arn.apply((arn) => {
    const { partition, region, account } = placeIn(arn);
    return `arn:${partition}:lambda:${region}:${account}:function:${functionName}`;
  });
  const policy = new aws.iam.RolePolicy(
    `${name}-reminders`,
    {
      name: "call-the-switch",
      role: role.name,
      policy: pulumi
        .all([functionArn, deadLetterQueue.arn])
        .apply(([arn, deadLetterQueueArn]) => schedulerPolicyOf({ functionArn: arn, deadLetterQueueArn })),
    },
    opts,
  );
  return {
    at: pulumi.output({
      group: group.name,
      roleArn: role.arn,
      deadLetterQueueArn: deadLetterQueue.arn,
      functionArn,
    }),
    permits: pulumi.output({ group: group.name, roleArn: role.arn }),
    ready: [group, policy],
  };
}
