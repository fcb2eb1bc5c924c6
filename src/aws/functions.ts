import { GetFunctionCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { unlessNamed } from "./failure";

/** Whether a function could run if it were called now. */
export interface FunctionNow {
  readonly arn: string;
  /** `Active`, `Pending`, `Inactive` or `Failed`. */
  readonly state: string;
  /** `Successful`, `InProgress` or `Failed`. */
  readonly lastUpdate: string;
  /** Why it is not active, or was not updated, in Lambda's own words. */
  readonly reason?: string | undefined;
  /** How many runs are kept free for it, and how many it may have at most; absent where none are. */
  readonly reserved?: number | undefined;
  /** What is said of it; absent where nothing is. */
  readonly description?: string | undefined;
}

/** What Lambda says of one that is kept from running, in words that go on "the function …". */
export const KEPT_FROM_RUNNING = "may not run: its reserved concurrency is 0";

/** Why a function is not active, in words that go on "the function …". */
export function notActive({ state, reason }: Pick<FunctionNow, "state" | "reason">): string {
  return `is not active but ${state || "in an unknown state"}${reason ? ` (${reason})` : ""}`;
}

/** A function as it is now. Undefined where there is none of that name. */
export async function functionNow(client: LambdaClient, name: string): Promise<FunctionNow | undefined> {
  const call = client.send(new GetFunctionCommand({ FunctionName: name }));
  const answer = await unlessNamed(/^ResourceNotFoundException$/, undefined, call);
  if (!answer) return undefined;
  const { Configuration = {}, Concurrency: { ReservedConcurrentExecutions: reserved } = {} } = answer;
  const { FunctionArn = "", State = "", LastUpdateStatus = "", Description } = Configuration;
  const reason = Configuration.StateReason || Configuration.LastUpdateStatusReason;
  return {
    arn: FunctionArn,
    state: State,
    lastUpdate: LastUpdateStatus,
    ...(reason ? { reason } : {}),
    ...(Description ? { description: Description } : {}),
    ...(reserved === undefined ? {} : { reserved }),
  };
}
