import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type Limits, withClient } from "./clients";

/** Break-glass does not wait for a name. */
const PATIENCE_MS = 2_000;

/** Who calls, as AWS knows them: the ARN. Undefined where it does not say in time; never throws. */
export function callerOf(region: string): Promise<string | undefined> {
  return identify(region, { connect: PATIENCE_MS, request: PATIENCE_MS, attempts: 1 }).catch(() => undefined);
}

/** The same, for whoever has to know: throws what AWS answers instead. */
export async function identify(region: string, limits: Partial<Limits> = {}): Promise<string> {
  const { Arn } = await withClient(STSClient, { region, limits }, (client) =>
    client.send(new GetCallerIdentityCommand({})),
  );
  if (!Arn) throw new Error("STS does not say who calls");
  return Arn;
}
