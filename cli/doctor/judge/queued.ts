import { type FunctionNow, KEPT_FROM_RUNNING, notActive } from "../../../src/aws/functions";
import type { SecretFact } from "../look/queued";

/**
 * What is wrong with a secret, in words that do not quote it; undefined where nothing is.
 *
 * @param missing what follows where there is none
 */
export function wrongOf({ name, text }: SecretFact, missing: string): string | undefined {
  if (!text.ok) return `the secret ${name} could not be read: ${text.why}`;
  if (text.value === "none") return `there is no secret ${name}: ${missing}`;
  return text.value.problem === undefined ? undefined : `the secret ${name} ${text.value.problem}`;
}

/** Why a function could not work through its queues; undefined where it could. */
export function functionFault(fn: FunctionNow): string | undefined {
  const { state, lastUpdate, reserved, reason } = fn;
  if (reserved === 0) return KEPT_FROM_RUNNING;
  // After some weeks without a message Lambda puts it to sleep; the next message wakes it.
  if (state !== "Active" && state !== "Inactive") return notActive(fn);
  return lastUpdate === "Failed" ? `could not be updated${reason ? ` (${reason})` : ""}` : undefined;
}
