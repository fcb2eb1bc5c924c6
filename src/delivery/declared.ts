import { createHash } from "node:crypto";
import type { FlagSpecs } from "../flags/flags";
import type { DeliveryMap } from "./registry";

/**
 * By what the function that carries flags on says which version of config it goes by: it is told on it, so that whoever
 * only looks sees whether it is the stack files' own.
 */
function declaredAs(specs: FlagSpecs, deliveries: DeliveryMap): string {
  return createHash("sha256")
    .update(JSON.stringify([specs, deliveries]))
    .digest("hex")
    .slice(0, 12);
}

/** What stands in the function's description. */
export function describedAs(rollout: string, specs: FlagSpecs, deliveries: DeliveryMap): string {
  return `Carries flags of ${rollout} on to platforms, by config ${declaredAs(specs, deliveries)}`;
}

/** What a call says: whose flags have changed. */
export const callOf = (rollout: string): string => JSON.stringify({ cutover: 1, rollout });
