import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type AwsAccess, awsClient } from "../aws/clients";
import { openSqlSource } from "../gates/database";
import type { ProbeWorld } from "./probe";

/** A round has seconds. */
const LIMITS = { connect: 1_000, request: 2_000, attempts: 2 };
const PUBLISH_MS = 5_000;

/** The real world of a probe. Clients are made once: a function that is warm spares itself the handshakes. */
export function awsWorld(namespace: string, access: AwsAccess): ProbeWorld {
  const secrets = awsClient(SecretsManagerClient, access, LIMITS);
  const cloudwatch = awsClient(CloudWatchClient, access, LIMITS);
  return {
    readSecret: async (SecretId) => {
      const { SecretString = "" } = await secrets.send(new GetSecretValueCommand({ SecretId }));
      return SecretString;
    },
    open: openSqlSource,
    publish: async (metrics) => {
      await cloudwatch.send(new PutMetricDataCommand({ Namespace: namespace, MetricData: [...metrics] }), {
        abortSignal: AbortSignal.timeout(PUBLISH_MS),
      });
    },
    log: (entry) => console.log(JSON.stringify(entry)),
  };
}
