import type { Rollout } from "../../../../src/rollout/rollout";
import type { SandboxProject } from "../../../sandbox/project";
import { gateOf } from "../rows";
import type { Lever } from "./lever";

/** In the stack file, whose database the snapshot is of. */
const REACHED_AS = ["cutover:stage", "snapshot", "reachedAs"];
const ANOTHER = { host: "another-database.internal", because: "A rehearsal takes it for another one" };

/** For the gate that wants a snapshot of the database that gates read: it is one of another database. */
export function snapshots(rollout: Rollout, project: Pick<SandboxProject, "edit">): Lever {
  let pulled: { readonly stage: string; readonly was: unknown } | undefined;
  return {
    moves: "whose database it is of",
    // Where gates read none, any will do.
    can: (row) => rollout.database !== undefined && gateOf(rollout, row)?.source === "snapshot",
    async pull({ stage }) {
      pulled = { stage, was: await project.edit(stage, REACHED_AS, ANOTHER) };
    },
    async release() {
      const one = pulled;
      pulled = undefined;
      if (one) await project.edit(one.stage, REACHED_AS, one.was);
    },
  };
}
