import { type GateDefinition, kindOf } from "../../../../src/gates/gate";
import type { Rollout } from "../../../../src/rollout/rollout";
import { rewritten } from "../../../sandbox/anyHour";
import type { SandboxProject } from "../../../sandbox/project";
import { gateOf, type Row } from "../rehearsedRows";
import type { Lever } from "./lever";

type Project = Pick<SandboxProject, "editGate">;

/**
 * What a gate itself names as what must not pass it, asked in its place: see `cutover prove`. For gates whose sources
 * cannot be moved without an alarm that rings.
 */
export function prove(rollout: Pick<Rollout, "stages">, project: Project): Lever {
  return instead("what it names under prove", rollout, project, (definition) => {
    const bad = kindOf(definition).probe?.(definition);
    // A gate whose known-bad is what it asks itself is refused.
    return bad && { ...bad, prove: undefined };
  });
}

/** A freeze that has begun: for a gate that goes by the hour. */
export function freezes(rollout: Pick<Rollout, "stages">, project: Project): Lever {
  return instead("a freeze that has begun", rollout, project, (definition) =>
    kindOf(definition).clock?.never(definition, Date.now()),
  );
}

/** A gate that is another one for a while, in the stack file. */
function instead(
  moves: string,
  rollout: Pick<Rollout, "stages">,
  project: Project,
  bad: (definition: GateDefinition) => object | undefined,
): Lever {
  const changesOf = (row: Row): (readonly [key: string, value: unknown])[] => {
    // A smoke check is asked once the flags are up, and what it names is no fault of theirs.
    const definition = row.section === "smoke" ? undefined : gateOf(rollout, row);
    const other = definition && bad(definition);
    return other ? rewritten(definition, other) : [];
  };
  const before: { readonly row: Row; readonly key: string; readonly value: unknown }[] = [];
  return {
    moves,
    can: (row) => changesOf(row).length > 0,
    async pull(row) {
      for (const [key, value] of changesOf(row))
        before.push({ row, key, value: await project.editGate(row, key, value) });
    },
    async release() {
      for (const { row, key, value } of before.splice(0)) await project.editGate(row, key, value);
    },
  };
}
