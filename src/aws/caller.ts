import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { awsClient } from "./clients";

/** Break-glass does not wait for a name. */
const PATIENCE_MS = 2_000;

/** Who calls, as AWS knows them: the ARN. Undefined where it does not say in time; never throws. */
export async function callerOf(region: string): Promise<string | undefined> {
  const limits = { connect: PATIENCE_MS, request: PATIENCE_MS, attempts: 1 };
  const client = awsClient(STSClient, { region }, limits);
  try {
    return (await client.send(new GetCallerIdentityCommand({}))).Arn;
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}
