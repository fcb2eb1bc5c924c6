import { kindOf } from "../../../../src/gates/gate";
import type { Rollout } from "../../../../src/rollout/rollout";
import type { SandboxProject } from "../../../sandbox/project";
import { gateOf } from "../rehearsedRows";
import type { Lever } from "./lever";

/** Says, in the copy of the stack file, that the emulator's database is the one that gates read. */
const REACHED_AS = ["cutover:stage", "snapshot", "reachedAs"];

/** For the gate that wants a snapshot of the database that gates read: as RDS has it, it is one of another database. */
export function snapshots(rollout: Rollout, project: Pick<SandboxProject, "edit">): Lever {
  let pulled: { readonly stage: string; readonly was: unknown } | undefined;
  return {
    moves: "whose database it is of",
    can(row) {
      const gate = gateOf(rollout, row);
      const own = rollout.stages.find(({ name }) => name === row.stage);
      // Where gates read no database, a snapshot of any will do.
      if (!gate || !own?.snapshot || rollout.database === undefined) return false;
      return kindOf(gate).atFlip !== undefined;
    },
    async pull({ stage }) {
      pulled = { stage, was: await project.edit(stage, REACHED_AS, undefined) };
    },
    async release() {
      const one = pulled;
      pulled = undefined;
      if (one) await project.edit(one.stage, REACHED_AS, one.was);
    },
  };
}
