import { unlessNamed } from "../aws/failure";
import { KeptLog } from "../aws/keptLog";
import { decisionsGroup } from "../aws/names";
import { type KeptPage, keptPagesIn } from "./seen";

/** A page of which the ledger has no entry, with its stage. */
export interface StagePage extends KeptPage {
  readonly stage: string;
}

/** Every page of a rollout that is kept beside what was decided, stage by stage. Throws where they cannot be read. */
export async function readKeptPages(
  { name: rollout, stages }: { readonly name: string; readonly stages: readonly { readonly name: string }[] },
  region: string,
): Promise<StagePage[]> {
  const found = await Promise.all(
    stages.map(async ({ name: stage }) => {
      const log = new KeptLog(region, decisionsGroup(rollout, stage));
      try {
        // A stage that was never brought up has no log yet.
        const kept = await unlessNamed(/^ResourceNotFoundException$/, undefined, log.keys());
        return keptPagesIn(kept?.keys() ?? []).map((page) => ({ ...page, stage }));
      } finally {
        log.close();
      }
    }),
  );
  return found.flat();
}
