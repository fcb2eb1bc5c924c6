import { back } from "../../src/abort/attempt";
import { CARRYING } from "../../src/flags/ledger";
import type { AbortStore } from "../../src/flags/store";

/** So far back it is looked for whose flags are live. */
const REACH = 100;

/** The stage that put the live flags there: holds, drills and acknowledgements that carry them on say nothing of it. */
export async function liveStage(store: Pick<AbortStore, "entry">, live: number): Promise<string | undefined> {
  for await (const [, { note, rolledBack }] of back(live, REACH, store))
    if (!rolledBack && !(note && CARRYING.includes(note.kind))) return note?.stage;
  return undefined;
}
