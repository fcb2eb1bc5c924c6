import * as pulumi from "@pulumi/pulumi";
import type { ReachSource } from "../gates/database";
import { excessOf } from "../gates/loginReach";

/** The catalog is read alone: it takes milliseconds. */
const TIMEOUT_MS = 3_000;

/**
 * Warns, before a promotion, where the gates' login may do more than it was made for. It keeps nothing from going up: gates
 * only read whatever their login may. Where the database cannot be asked it says nothing, since gates say that themselves.
 */
export async function warnOfReach(source: ReachSource): Promise<void> {
  const reach = await source.reach(TIMEOUT_MS);
  if (reach === undefined || "refused" in reach) return;
  for (const { what, remedy } of excessOf(reach))
    await pulumi.log.warn(`The gates' login: ${what}. ${remedy}.`);
}
