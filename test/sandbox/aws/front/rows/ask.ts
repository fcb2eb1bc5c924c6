import { AppConfig } from "@aws-sdk/client-appconfig";
import { AppConfigData } from "@aws-sdk/client-appconfigdata";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { IAM } from "@aws-sdk/client-iam";
import { KMS } from "@aws-sdk/client-kms";
import { Lambda } from "@aws-sdk/client-lambda";
import { RDS } from "@aws-sdk/client-rds";
import { Scheduler } from "@aws-sdk/client-scheduler";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import { onTestFinished } from "vitest";
import { type FrontUnderTest, settings } from "../world";

/** Clients of every service, for one front. */
export function clients({ endpoint }: FrontUnderTest) {
  const at = settings(endpoint);
  const made = {
    appconfig: new AppConfig(at),
    data: new AppConfigData(at),
    cloudwatch: new CloudWatch(at),
    events: new EventBridge(at),
    iam: new IAM(at),
    kms: new KMS(at),
    lambda: new Lambda(at),
    logs: new CloudWatchLogs(at),
    rds: new RDS(at),
    scheduler: new Scheduler(at),
    secrets: new SecretsManager(at),
    sns: new SNS(at),
    sqs: new SQS(at),
  };
  onTestFinished(() => {
    for (const client of Object.values(made)) client.destroy();
  });
  return made;
}

export type Aws = ReturnType<typeof clients>;
/** A call of a test. */
export type Ask = (aws: Aws, front: FrontUnderTest) => Promise<unknown>;

/** What is tried of one rule. */
export interface Row {
  /** What AWS refuses. */
  readonly refused: readonly Ask[];
  /** The nearest that it takes. */
  readonly taken: readonly Ask[];
  readonly message: RegExp;
}

/** Rows by the rules' ids. */
export type Rows = Readonly<Record<string, Row>>;

export const name = (length: number) => "n".repeat(length);
