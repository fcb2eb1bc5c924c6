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
        return keptPagesIn((await log.keys()).keys()).map((page) => ({ ...page, stage }));
      } catch (error) {
        // A stage that was never brought up has no log yet.
        if (error instanceof Error && error.name === "ResourceNotFoundException") return [];
        throw error;
      } finally {
        log.close();
      }
    }),
  );
  return found.flat();
}
