import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { openSqlSource } from "../gates/sources/sql";
import { probeNamespace } from "./names";
import { createProbe } from "./probe";
import type { ProbeSettings } from "./settings";

/** The probe's Lambda. `components/probe` puts its settings beside its code. */
const settings = JSON.parse(readFileSync(join(__dirname, "config.json"), "utf8")) as ProbeSettings;

const region = process.env.AWS_REGION ?? settings.secretArn.split(":")[3] ?? "";
const client = {
  region,
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000 },
};
// Made once: a function that is called again while it is warm spares itself the handshakes.
const secrets = new SecretsManagerClient(client);
const cloudwatch = new CloudWatchClient(client);
const Namespace = probeNamespace(settings.rollout);

const probe = createProbe(settings, {
  readSecret: async (SecretId) => {
    const { SecretString = "" } = await secrets.send(new GetSecretValueCommand({ SecretId }));
    return SecretString;
  },
  open: openSqlSource,
  publish: async (MetricData) => {
    await cloudwatch.send(new PutMetricDataCommand({ Namespace, MetricData: [...MetricData] }), {
      abortSignal: AbortSignal.timeout(5_000),
    });
  },
  log: (entry) => console.log(JSON.stringify(entry)),
});

export const handler = () => probe();
