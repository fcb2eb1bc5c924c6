import { parseDocument } from "../flags/document";
import type { FlagSpecs } from "../flags/flags";
import type { AbortStore } from "../flags/store";
import type { Live } from "./carry";

/**
 * What the ledger has live; undefined while a deployment is under way, or where there is none yet. Throws where the document
 * is not to be had, or cannot be read.
 */
export async function readLive(store: Pick<AbortStore, "read">, specs: FlagSpecs): Promise<Live | undefined> {
  const { live, underWay } = await store.read();
  if (underWay || !live) return undefined;
  if (live.document === undefined)
    throw new Error(`AppConfig no longer has the document of deployment ${live.deployment}`);
  const parsed = parseDocument(specs, live.document);
  if (!parsed.ok) throw new Error(`deployment ${live.deployment} cannot be read: ${parsed.problem}`);
  return { deployment: live.deployment, flags: parsed.flags };
}
