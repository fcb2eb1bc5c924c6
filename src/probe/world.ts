import {
  CloudWatchClient,
  type CloudWatchClientConfig,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { openSqlSource } from "../gates/database";
import type { ProbeWorld } from "./probe";

/** Where and as whom AWS is called. Default: as the environment says, which in Lambda is as the function's role. */
export type AwsAccess = Pick<CloudWatchClientConfig, "region" | "credentials"> & { endpoint?: string };

const LIMITS = { maxAttempts: 2, requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000 } };
const PUBLISH_MS = 5_000;

/** The real world of a probe. Clients are made once: a function that is warm spares itself the handshakes. */
export function awsWorld(namespace: string, access: AwsAccess): ProbeWorld {
  const secrets = new SecretsManagerClient({ ...LIMITS, ...access });
  const cloudwatch = new CloudWatchClient({ ...LIMITS, ...access });
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
