import { parseDocument } from "../flags/document";
import { type FlagSpecs, sameFlags } from "../flags/flags";
import type { AbortStore } from "../flags/store";
import type { Live } from "./carry";
import type { Origin } from "./deliver";

/** How many deployments are read at most. Where more carry the same flags on, the oldest of these counts. */
const MOST = 20;

/**
 * Which deployment put the live flags there. A hold or a drill is a deployment of its own with the same flags: whoever has
 * carried on the one before it has carried on what is live. It goes by documents, and not by what notes say of them.
 */
export async function originIn(
  store: Pick<AbortStore, "entry" | "document">,
  specs: FlagSpecs,
  live: Live,
): Promise<Origin> {
  const begun = async (number: number) => {
    const entry = await store.entry(number);
    return { ...entry, at: Date.parse(entry.startedAt ?? "") || 0 };
  };
  let origin: Origin = { deployment: live.deployment, at: (await begun(live.deployment)).at };
  for (let number = live.deployment - 1; number > Math.max(0, live.deployment - MOST); number--) {
    const { version, rolledBack, at } = await begun(number);
    if (rolledBack) continue;
    const parsed = parseDocument(specs, version === undefined ? undefined : await store.document(version));
    if (!parsed.ok || !sameFlags(specs, parsed.flags, live.flags)) break;
    origin = { deployment: number, at };
  }
  return origin;
}
