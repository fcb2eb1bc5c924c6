import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { withClient } from "../../../src/aws/clients";

/** Who AWS takes this machine for, and what time AWS has. */
export interface Caller {
  readonly arn: string;
  readonly account: string;
  /** Absent where AWS does not say the time. */
  readonly clock?: ClockTold | undefined;
}

/** What time AWS said it was between two moments of this machine's clock, ms since the epoch all. */
export interface ClockTold {
  /** In whole seconds, as headers have it. */
  readonly said: number;
  readonly sent: number;
  readonly came: number;
}

/** Asks AWS who calls. Throws where it does not say. */
export async function readCaller(region: string): Promise<Caller> {
  return withClient(STSClient, { region, limits: { attempts: 2 } }, async (client) => {
    let clock: ClockTold | undefined;
    const told: Parameters<typeof client.middlewareStack.add>[0] = (next) => async (args) => {
      const sent = Date.now();
      const result = await next(args);
      const { headers } = (result.response ?? {}) as { headers?: Readonly<Record<string, string>> };
      const said = Date.parse(headers?.date ?? "");
      if (!Number.isNaN(said)) clock = { said, sent, came: Date.now() };
      return result;
    };
    client.middlewareStack.add(told as never, { step: "deserialize", name: "clock", priority: "low" });
    const { Arn = "", Account = "" } = await client.send(new GetCallerIdentityCommand({}));
    return { arn: Arn, account: Account, clock };
  });
}
