import * as pulumi from "@pulumi/pulumi";
import type { DatabaseConnection } from "../gates/databaseConnection";
import { excessOf, reachOf } from "../gates/loginReach";

/** The catalog is read alone: it takes milliseconds. */
const TIMEOUT_MS = 3_000;

/**
 * Warns, before a promotion, where the gates' login may do more than it was made for. It keeps nothing from going up: gates
 * only read whatever their login may. Where the database cannot be asked it says nothing, since gates say that themselves.
 */
export async function warnOfReach(connection: DatabaseConnection | undefined): Promise<void> {
  if (!connection) return;
  const reach = await reachOf(connection, TIMEOUT_MS).catch(() => undefined);
  if (!reach) return;
  for (const { what, remedy } of excessOf(reach))
    await pulumi.log.warn(`The gates' login: ${what}. ${remedy}.`);
}
