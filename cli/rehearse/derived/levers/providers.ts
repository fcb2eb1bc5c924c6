import type { Rollout } from "../../../../src/rollout/rollout";
import type { SandboxProject } from "../../../sandbox/project";
import { gateOf, type Row } from "../rehearsedRows";
import type { Lever } from "./lever";

/** For the gate that asks a provider for its backups: without the word that says so here, they are of another database. */
export function providers(
  rollout: Pick<Rollout, "stages">,
  project: Pick<SandboxProject, "editGate">,
): Lever {
  let pulled: { readonly row: Row; readonly was: unknown } | undefined;
  return {
    moves: "of which database the provider's backups are",
    can(row) {
      const gate = row.section === "entry" ? gateOf(rollout, row) : undefined;
      return gate !== undefined && "provider" in gate;
    },
    async pull(row) {
      pulled = { row, was: await project.editGate(row, "reachedAs", undefined) };
    },
    async release() {
      const one = pulled;
      pulled = undefined;
      if (one) await project.editGate(one.row, "reachedAs", one.was);
    },
  };
}
