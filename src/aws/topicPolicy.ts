import { placeIn } from "./arn";
import { statementsIn } from "./policyStatements";
import { asRoleOf, asService, type PolicyVerdict, verdictOf } from "./policyVerdict";

const PUBLISH = "sns:Publish";
/** Both call AWS by TLS alone. Source: SNS's guide, "Security best practices". */
const ENCRYPTED = { "aws:securetransport": ["true"] };

/**
 * Whether a topic's policy lets alarms of its own account publish. The account is told under both names: the policy that AWS
 * makes with a topic has the older one. Sources: CloudWatch's guide, "Notifying users on alarm changes"; IAM's guide, "AWS
 * global condition context keys".
 *
 * @param alarms the ARNs of those that are to publish
 */
export function alarmsMayPublish(policy: string, topicArn: string, alarms: readonly string[]): PolicyVerdict {
  const { account } = placeIn(topicArn);
  return verdictOf(statementsIn(policy), {
    isWho: asService("cloudwatch.amazonaws.com"),
    action: PUBLISH,
    resource: topicArn,
    given: {
      ...ENCRYPTED,
      "aws:sourceaccount": [account],
      "aws:sourceowner": [account],
      "aws:sourcearn": alarms,
      "aws:principalisawsservice": ["true"],
      "aws:principalservicename": ["cloudwatch.amazonaws.com"],
      // A service is nobody of an account's. Source: AWS's whitepaper, "Building a data perimeter on AWS".
      "aws:principalaccount": [],
      "aws:principalarn": [],
      "aws:principalorgid": [],
    },
  });
}

/** What a topic's policy says to roles of its own account. Where it does not deny it, their own policies let them publish. */
export function rolesMayPublish(policy: string, topicArn: string): PolicyVerdict {
  const { account } = placeIn(topicArn);
  return verdictOf(statementsIn(policy), {
    isWho: asRoleOf(account),
    action: PUBLISH,
    resource: topicArn,
    given: {
      ...ENCRYPTED,
      "aws:principalaccount": [account],
      "aws:sourceowner": [account],
      "aws:principalisawsservice": ["false"],
      "aws:sourcearn": [],
      "aws:sourceaccount": [],
    },
  });
}
