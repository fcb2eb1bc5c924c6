import { kindOf } from "../../../../src/gates/gate";
import { gatesFor } from "../../../../src/promotion/resolve";
import type { Rollout } from "../../../../src/rollout/rollout";
import type { SandboxProject } from "../../../sandbox/project";
import { gateOf, type Row } from "../rehearsedRows";
import type { Lever } from "./lever";

/** A date that has not come: in the stack file, where the gate has it. */
export function dates(rollout: Rollout, project: SandboxProject): Lever {
  let pulled: { readonly row: Row; readonly after: string } | undefined;
  const definitionOf = (row: Row) => {
    const gate = row.section === "smoke" ? undefined : gateOf(rollout, row);
    return gate && "after" in gate ? gate : undefined;
  };
  const edit = (row: Row, after: string) => project.editGate(row, "after", after);
  return {
    moves: "its date",
    can: (row) => definitionOf(row) !== undefined,
    async pull(row) {
      const { after } = definitionOf(row) ?? {};
      if (after === undefined) return;
      pulled = { row, after };
      await edit(row, new Date(Date.now() + 86_400_000).toISOString());
    },
    async release() {
      const one = pulled;
      pulled = undefined;
      if (one) await edit(one.row, one.after);
    },
  };
}

/** A soak that takes as long as on the clock: for a gate of the stage that would be promoted. */
export function slowClock(rollout: Rollout, project: SandboxProject, timeScale: number): Lever {
  const isSoak = (row: Row) => {
    const gate = row.section === "entry" ? gateOf(rollout, row) : undefined;
    return gate !== undefined && kindOf(gate).soaks !== undefined;
  };
  return {
    moves: "time that passes as on the clock",
    can: isSoak,
    // In every stack: who looks without bringing anything up reads it in the first one.
    pull: () => project.pace(1),
    release: () => project.pace(timeScale),
  };
}

/** A drill that is too old: for a gate whose stage is drilled by then. */
export function oldDrill(rollout: Rollout, project: Pick<SandboxProject, "editGate">): Lever {
  let pulled: { readonly row: Row; readonly was: unknown } | undefined;
  return {
    moves: "how old a drill may be",
    can(row) {
      const stage = rollout.stages.find(({ name }) => name === row.stage);
      const gates = stage ? gatesFor(rollout, stage) : [];
      return gates.some((gate) => gate.stage === row.stage && gate.id === row.id && gate.drill !== undefined);
    },
    async pull(row) {
      pulled = { row, was: await project.editGate(row, "maxAge", "1s") };
    },
    async release() {
      const one = pulled;
      pulled = undefined;
      if (one) await project.editGate(one.row, "maxAge", one.was);
    },
  };
}
