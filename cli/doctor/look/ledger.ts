import { withAppConfig } from "../../../src/flags/appConfigStore";
import { findFlagStore, NoFlagStore, PartOfFlagStore } from "../../../src/flags/find";
import type { Ledger } from "../../../src/flags/ledger";
import { readLedger } from "../../../src/flags/readLedger";
import type { Rollout } from "../../../src/rollout/rollout";

/** The ledger, found by the rollout's name alone; undefined where nothing of its flag store is there. */
export async function readLedgerHere(
  rollout: Rollout,
  region: string,
  left: number,
): Promise<Ledger | undefined> {
  try {
    const ids = await withAppConfig(region, (client) => findFlagStore(client, rollout.name, left / 2));
    return await readLedger({ ...ids, region }, rollout.flags);
  } catch (error) {
    if (error instanceof NoFlagStore && !(error instanceof PartOfFlagStore)) return undefined;
    throw error;
  }
}
