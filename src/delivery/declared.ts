import type { FlagSpecs } from "../flags/flags";
import { digestOf } from "../text/digest";
import type { DeliveryMap } from "./registry";

/**
 * What stands in the description of the function that carries flags on. It says which version of config that goes by, so
 * that whoever only looks sees whether it is the stack files' own.
 */
export function describedAs(rollout: string, specs: FlagSpecs, deliveries: DeliveryMap): string {
  const config = digestOf(JSON.stringify([specs, deliveries]), 12);
  return `Carries flags of ${rollout} on to platforms, by config ${config}`;
}

/** What a call says: whose flags have changed. */
export const callOf = (rollout: string): string => JSON.stringify({ cutover: 1, rollout });
