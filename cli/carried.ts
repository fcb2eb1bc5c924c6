import { carry } from "../src/abort/carry";
import { AppConfigStore, withAppConfig } from "../src/flags/appConfigStore";
import { findFlagStore } from "../src/flags/find";
import type { Note } from "../src/flags/ledger";
import { UserError } from "../src/text/problem";

/** A deployment under way is waited for so long, in ms: an ordinary one is over in a moment. */
const PATIENCE_MS = 60_000;

/**
 * Puts an entry into the ledger that changes no flag. Returns its number. Throws a `UserError` where the ledger takes none.
 *
 * @param failing what the error begins with
 */
export function carryEntry(region: string, note: Note, failing: string): Promise<number> {
  return withAppConfig(region, async (client) => {
    const ids = await findFlagStore(client, note.rollout);
    const carried = await carry(new AppConfigStore(client, ids), note, PATIENCE_MS);
    if (carried.kind === "recorded") return carried.deployment;
    throw new UserError(failing, [
      {
        where: "ledger",
        what: `takes no entry: ${carried.why}`,
        remedy: "Run the same command again",
      },
    ]);
  });
}
