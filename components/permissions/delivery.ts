import { placeIn } from "../../src/aws/arn";
import { suffixOf } from "../../src/aws/keyPolicy";
import { type DeliveryMap, secretOf } from "../../src/delivery/registry";
import type { FlagStoreIds } from "../../src/flags/appConfigStore";
import { allow, policyOf } from "./statement";

/** What the function that carries flags on does: reads the ledger, takes calls, reads tokens, changes what it delivers to. */
export function deliveryPolicyOf(on: {
  readonly deliveries: DeliveryMap;
  readonly store: Pick<FlagStoreIds, "applicationId" | "environmentId" | "profileId">;
  readonly queues: readonly string[];
  readonly deadLetterQueues: readonly string[];
  readonly keptArn: string;
  readonly logsArn: string;
}): string {
  const { partition, region, account } = placeIn(on.keptArn);
  const at = (service: string, path: string) => `arn:${partition}:${service}:${region}:${account}:${path}`;
  const application = at("appconfig", `application/${on.store.applicationId}`);
  const environment = `${application}/environment/${on.store.environmentId}`;
  const profile = `${application}/configurationprofile/${on.store.profileId}`;
  const configs = Object.values(on.deliveries);
  const parameters = configs.flatMap((one) =>
    one.kind === "ssm" ? [at("ssm", `parameter${one.path}/*`)] : [],
  );
  const services = configs.flatMap((one) =>
    one.kind === "ssm"
      ? one.ecs.map(({ cluster, service }) => at("ecs", `service/${cluster}/${service}`))
      : [],
  );
  const secrets = configs.flatMap((one) => {
    const name = secretOf(one);
    // Secrets Manager adds a dash and six characters to a name.
    return name === undefined ? [] : [at("secretsmanager", `secret:${name}-??????`)];
  });
  const some = (sid: string, actions: readonly string[], resources: readonly string[]) =>
    resources.length === 0 ? [] : [allow(sid, actions, [...new Set(resources)].sort())];
  return JSON.stringify(
    policyOf([
      allow(
        "ReadLedger",
        ["appconfig:GetDeployment", "appconfig:GetHostedConfigurationVersion", "appconfig:ListDeployments"],
        [
          application,
          environment,
          `${environment}/deployment/*`,
          profile,
          `${profile}/hostedconfigurationversion/*`,
        ],
      ),
      ...some(
        "TakeCalls",
        ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        on.queues,
      ),
      ...some("KeepWhatIsRefused", ["sqs:SendMessage"], on.deadLetterQueues),
      ...some("KeepParameters", ["ssm:GetParameters", "ssm:PutParameter"], parameters),
      ...some("RestartServers", ["ecs:DescribeServices", "ecs:UpdateService"], services),
      ...some("ReadTokens", ["secretsmanager:GetSecretValue"], secrets),
      // Whose key encrypts a secret is known to whoever keeps it: any key of the account, for these secrets alone.
      ...(secrets.length === 0
        ? []
        : [
            allow("DecryptTokens", ["kms:Decrypt"], [at("kms", "key/*")], {
              StringEquals: { "kms:ViaService": `secretsmanager.${region}.${suffixOf(partition)}` },
              ArnLike: { "kms:EncryptionContext:SecretARN": [...new Set(secrets)].sort() },
            }),
          ]),
      allow(
        "KeepHowFarItIs",
        ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        [on.keptArn, `${on.keptArn}:*`],
      ),
      allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], [`${on.logsArn}:*`]),
    ]),
  );
}
