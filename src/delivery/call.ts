import type { SQSClient } from "@aws-sdk/client-sqs";
import { withClient } from "../aws/clients";
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
  if (!client)
    return withClient(QueueClient, { region }, (own) => callDeliveries(region, rollout, deliveries, own));
  const call = async (delivery: string): Promise<Called> => {
    try {
      await sendTo(client, deliveryName(rollout, delivery), callOf(rollout));
      return { delivery };
    } catch (error) {
      return { delivery, problem: reasonOf(error) };
    }
  };
  return Promise.all(deliveries.map(call));
}
