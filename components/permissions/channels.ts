import { placeIn } from "../../src/aws/arn";
import { suffixOf } from "../../src/aws/keyPolicy";

/** What the function that delivers to channels does: takes messages, reads keys, and keeps what it sent. */
export function channelsPolicyOf(on: {
  readonly queues: readonly string[];
  readonly deadLetterQueues: readonly string[];
  /** Names of secrets. */
  readonly secrets: readonly string[];
  /** Topics of channels' own. */
  readonly topics: readonly string[];
  readonly sentArn: string;
  readonly logsArn: string;
}): string {
  const { partition, region, account } = placeIn(on.sentArn);
  const secretArns = [
    ...new Set(
      on.secrets.map((name) => `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}-??????`),
    ),
  ].sort();
  const allow = (Sid: string, Action: readonly string[], Resource: readonly string[]) =>
    Resource.length === 0 ? [] : [{ Sid, Effect: "Allow", Action, Resource: [...new Set(Resource)].sort() }];
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      ...allow(
        "TakeMessages",
        ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        on.queues,
      ),
      ...allow("KeepWhatIsRefused", ["sqs:SendMessage"], on.deadLetterQueues),
      // Secrets Manager adds a dash and six characters to a name.
      ...allow("ReadKeys", ["secretsmanager:GetSecretValue"], secretArns),
      // Whose key encrypts a secret is known to whoever keeps it: any key of the account, for these secrets alone.
      ...(on.secrets.length === 0
        ? []
        : [
            {
              Sid: "DecryptKeys",
              Effect: "Allow",
              Action: ["kms:Decrypt"],
              Resource: [`arn:${partition}:kms:${region}:${account}:key/*`],
              Condition: {
                StringEquals: { "kms:ViaService": `secretsmanager.${region}.${suffixOf(partition)}` },
                ArnLike: { "kms:EncryptionContext:SecretARN": secretArns },
              },
            },
          ]),
      ...allow("TellByTopic", ["sns:Publish"], on.topics),
      ...allow(
        "KeepWhatWasSent",
        ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        [on.sentArn, `${on.sentArn}:*`],
      ),
      ...allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], [`${on.logsArn}:*`]),
    ],
  });
}
