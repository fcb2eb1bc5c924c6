import type { SQSClient } from "@aws-sdk/client-sqs";
import { awsClient } from "../aws/clients";
import { deliveryName } from "../aws/names";
import { QueueClient, sendTo } from "../aws/queues";
import { reasonOf } from "../text/problem";
import { callOf } from "./declared";

/** What came of calling a delivery. */
export interface Called {
  readonly delivery: string;
  /** Why it could not be called. Absent where it was. */
  readonly problem?: string | undefined;
}

/**
 * Calls deliveries: what is live has changed, and is to be carried on. All at once, and one that cannot be called keeps no
 * other from it. What they carry on is not said: they read it in the ledger. Never throws.
 *
 * @param client default: one of its own, closed when the work has ended
 */
export async function callDeliveries(
  region: string,
  rollout: string,
  deliveries: readonly string[],
  client?: SQSClient,
): Promise<Called[]> {
  if (deliveries.length === 0) return [];
  const sqs = client ?? awsClient(QueueClient, { region });
  const body = callOf(rollout);
  try {
    return await Promise.all(
      deliveries.map(async (delivery): Promise<Called> => {
        try {
          await sendTo(sqs, deliveryName(rollout, delivery), body);
          return { delivery };
        } catch (error) {
          return { delivery, problem: reasonOf(error) };
        }
      }),
    );
  } finally {
    if (!client) sqs.destroy();
  }
}
