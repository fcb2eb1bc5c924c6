import { readKeptPages, type StagePage } from "../../src/abort/readSeen";
import { codeDigest, readCode } from "../../src/flags/acknowledged";
import { withAppConfig } from "../../src/flags/appConfigStore";
import { findFlagStore } from "../../src/flags/find";
import { readLedger } from "../../src/flags/readLedger";
import type { Rollout } from "../../src/rollout/rollout";

/** A page of which the ledger has no entry. */
export interface FoundPage extends StagePage {
  /** Of the code that was typed. */
  readonly digest: string;
}

/** Holds a code against the ledger's pages. Throws where the ledger cannot be read. */
export async function inLedger(rollout: Rollout, region: string, code: string) {
  const ids = await withAppConfig(region, (client) => findFlagStore(client, rollout.name));
  const { history } = await readLedger({ ...ids, region }, rollout.flags);
  return readCode(history, { rollout: rollout.name, code, now: Date.now() });
}

/** The page with that code among those that are kept beside what was decided. Throws where they cannot be read. */
export async function inLogs(rollout: Rollout, region: string, code: string): Promise<FoundPage | undefined> {
  const pages = await readKeptPages(rollout, region);
  const [found] = pages.flatMap((page) => {
    const digest = codeDigest({ rollout: rollout.name, stage: page.stage }, code);
    return page.digests.includes(digest) ? [{ ...page, digest }] : [];
  });
  return found;
}
