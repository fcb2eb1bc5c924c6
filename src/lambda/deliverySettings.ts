import type { DeliveryMap } from "../delivery/registry";
import type { FlagStoreIds } from "../flags/appConfigStore";
import type { FlagSpecs } from "../flags/flags";
import type { WorkedQueue } from "./queueWorker";

/** All that the function has beside its code which carries flags on to platforms. No secret in it. */
export interface DeliverySettings {
  readonly rollout: string;
  readonly region: string;
  readonly specs: FlagSpecs;
  readonly store: FlagStoreIds;
  readonly deliveries: DeliveryMap;
  /** One for each delivery, under its name. */
  readonly queues: readonly WorkedQueue[];
  /** The log group in which it is kept how far each delivery has come. */
  readonly keptGroup: string;
}
