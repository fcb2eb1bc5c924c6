import { awsClient } from "../../src/aws/clients";
import { KeptLog } from "../../src/aws/keptLog";
import { deliveriesGroup, deliveryName } from "../../src/aws/names";
import { messagesIn, QueueClient } from "../../src/aws/queues";
import { deliveredIn } from "../../src/delivery/kept";
import { type DeliveryConfig, keptAs } from "../../src/delivery/registry";
import type { Rollout } from "../../src/rollout/rollout";
import type { DeliveryFact } from "./facts";

/** How far each delivery of a rollout has come, by its name. The platforms are not asked. */
export async function carriedSoFar(
  { name: rollout, delivery = {} }: Rollout,
  region: string,
): Promise<Record<string, DeliveryFact>> {
  const all = Object.entries(delivery);
  if (all.length === 0) return {};
  const sqs = awsClient(QueueClient, { region });
  const kept = new KeptLog(region, deliveriesGroup(rollout));
  const one = async ([name, config]: [string, DeliveryConfig]): Promise<[string, DeliveryFact]> => {
    const queue = deliveryName(rollout, name);
    const [waiting, refused, delivered] = await Promise.all([
      messagesIn(sqs, queue),
      messagesIn(sqs, `${queue}-dlq`),
      deliveredIn(kept, keptAs(name, config)).catch((error: unknown) => {
        // Before the first `up` there is nothing that it could be kept in.
        if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
        throw error;
      }),
    ]);
    return [name, { waiting, refused, delivered }];
  };
  try {
    return Object.fromEntries(await Promise.all(all.map(one)));
  } finally {
    sqs.destroy();
    kept.close();
  }
}
