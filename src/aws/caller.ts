import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

/** Break-glass does not wait for a name. */
const PATIENCE_MS = 2_000;

/** Who calls, as AWS knows them: the ARN. Undefined where it does not say in time; never throws. */
export async function callerOf(region: string): Promise<string | undefined> {
  const client = new STSClient({
    region,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: PATIENCE_MS, requestTimeout: PATIENCE_MS },
  });
  try {
    return (await client.send(new GetCallerIdentityCommand({}))).Arn;
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}
