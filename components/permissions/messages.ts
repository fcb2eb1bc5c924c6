import { placeIn } from "../../src/aws/arn";
import type { FlagStoreIds } from "../../src/flags/appConfigStore";
import { networkStatements } from "./probe";
import { allow, type IamAccess, logInByIam, policyOf } from "./statement";

/** What the messages function does: reads the ledger, looks at gates, tells people, and keeps that it did. */
export function messagesPolicyOf(on: {
  readonly store: Pick<FlagStoreIds, "applicationId" | "environmentId" | "profileId">;
  /** The topics that some timed message goes to. */
  readonly topics: readonly string[];
  /** What looking at gates calls on AWS. */
  readonly looks: readonly string[];
  /** The secret with the login and the tokens. */
  readonly secretArn?: string | undefined;
  /** The login that IAM vouches for; absent where the secret holds one, or nobody logs in. */
  readonly iam?: IamAccess | undefined;
  /** The function's own name, where it runs in a VPC. */
  readonly inVpc?: string | undefined;
  readonly deadLetterQueueArn: string;
  readonly logsArn: string;
  readonly sentArn: string;
}): string {
  const { partition, region, account } = placeIn(on.deadLetterQueueArn);
  const application = `arn:${partition}:appconfig:${region}:${account}:application/${on.store.applicationId}`;
  const environment = `${application}/environment/${on.store.environmentId}`;
  const profile = `${application}/configurationprofile/${on.store.profileId}`;
  return policy([
    allow(
      "ReadTheLedger",
      ["appconfig:GetDeployment", "appconfig:ListDeployments"],
      [application, environment, `${environment}/deployment/*`],
    ),
    allow(
      "ReadTheFlags",
      ["appconfig:GetHostedConfigurationVersion"],
      [application, profile, `${profile}/hostedconfigurationversion/*`],
    ),
    // CloudWatch knows no resources for what it is asked, and a task of ECS no name beforehand.
    ...(on.looks.length > 0 ? [allow("LookAtGates", [...new Set(on.looks)].sort(), ["*"])] : []),
    ...(on.secretArn === undefined
      ? []
      : [allow("LogIn", ["secretsmanager:GetSecretValue"], [on.secretArn])]),
    ...(on.iam === undefined ? [] : [logInByIam(placeIn(on.logsArn), on.iam)]),
    ...(on.inVpc === undefined ? [] : networkStatements(on.deadLetterQueueArn, on.inVpc)),
    allow("TellPeople", ["sns:Publish"], [...new Set(on.topics)].sort()),
    allow(
      "KeepWhatWasSent",
      ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      [on.sentArn, `${on.sentArn}:*`],
    ),
    allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], [`${on.logsArn}:*`]),
    allow("KeepWhatFailed", ["sqs:SendMessage"], [on.deadLetterQueueArn]),
  ]);
}

/** Only the account's own schedules take the role: the service calls on behalf of all its customers. */
export function schedulerTrustOf(deadLetterQueueArn: string, group = "default"): string {
  const { partition, region, account } = placeIn(deadLetterQueueArn);
  return policy([
    {
      Effect: "Allow",
      Principal: { Service: "scheduler.amazonaws.com" },
      Action: "sts:AssumeRole",
      Condition: {
        StringEquals: {
          "aws:SourceAccount": account,
          "aws:SourceArn": `arn:${partition}:scheduler:${region}:${account}:schedule-group/${group}`,
        },
      },
    },
  ]);
}

/** A schedule calls its function, and keeps what it could not deliver. */
export function schedulerPolicyOf(on: {
  readonly functionArn: string;
  readonly deadLetterQueueArn: string;
}): string {
  return policy([
    allow("CallTheMessagesFunction", ["lambda:InvokeFunction"], [on.functionArn]),
    allow("KeepWhatFailed", ["sqs:SendMessage"], [on.deadLetterQueueArn]),
  ]);
}

function policy(statements: readonly object[]): string {
  return JSON.stringify(policyOf(statements));
}
