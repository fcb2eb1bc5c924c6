import { GetFunctionCommand, type LambdaClient } from "@aws-sdk/client-lambda";

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
}

/** A function as it is now. Undefined where there is none of that name. */
export async function functionNow(client: LambdaClient, name: string): Promise<FunctionNow | undefined> {
  try {
    const { Configuration = {}, Concurrency } = await client.send(
      new GetFunctionCommand({ FunctionName: name }),
    );
    const { FunctionArn = "", State = "", LastUpdateStatus = "" } = Configuration;
    const reason = Configuration.StateReason || Configuration.LastUpdateStatusReason;
    return {
      arn: FunctionArn,
      state: State,
      lastUpdate: LastUpdateStatus,
      ...(reason ? { reason } : {}),
      ...(Concurrency?.ReservedConcurrentExecutions === undefined
        ? {}
        : { reserved: Concurrency.ReservedConcurrentExecutions }),
    };
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
    throw error;
  }
}
