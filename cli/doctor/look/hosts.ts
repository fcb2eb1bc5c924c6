import { AppConfigClient } from "@aws-sdk/client-appconfig";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { RDSClient } from "@aws-sdk/client-rds";
import { SNSClient } from "@aws-sdk/client-sns";
import { STSClient } from "@aws-sdk/client-sts";
import { awsClient } from "../../../src/aws/clients";
import { QueueClient } from "../../../src/aws/queues";

/** What a client of any service resolves a region's endpoint with. */
interface Resolving {
  readonly config: { readonly endpointProvider: (given: { Region: string }) => { readonly url: URL } };
  destroy(): void;
}

/** Where AWS is asked in a region, in whichever partition that is: the endpoints of all services that are asked. */
export function awsHosts(region: string): string[] {
  const clients = [
    AppConfigClient,
    CloudWatchClient,
    CloudWatchLogsClient,
    LambdaClient,
    RDSClient,
    SNSClient,
    QueueClient,
    STSClient,
  ].map((Client) => awsClient(Client as new (config: object) => object, { region }) as unknown as Resolving);
  try {
    return clients.map(({ config }) => config.endpointProvider({ Region: region }).url.href);
  } finally {
    for (const client of clients) client.destroy();
  }
}
