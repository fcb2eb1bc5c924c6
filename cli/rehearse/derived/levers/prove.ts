import { kindOf } from "../../../../src/gates/gate";
import type { Rollout } from "../../../../src/rollout/rollout";
import type { SandboxProject } from "../../../sandbox/project";
import { gateOf, type Row } from "../rehearsedRows";
import type { Lever } from "./lever";

/**
 * What a gate itself names as what must not pass it, asked in its place: see `cutover prove`. For gates whose sources
 * cannot be moved without an alarm that rings.
 */
export function prove(rollout: Pick<Rollout, "stages">, project: Pick<SandboxProject, "editGate">): Lever {
  const changesOf = (row: Row): (readonly [key: string, value: unknown])[] => {
    // A smoke check is asked once the flags are up, and what it names under prove is no fault of theirs.
    const definition = row.section === "smoke" ? undefined : gateOf(rollout, row);
    const bad = definition && kindOf(definition).probe?.(definition);
    if (!bad) return [];
    const was: Readonly<Record<string, unknown>> = definition;
    // A gate whose known-bad is what it asks itself is refused.
    const written = Object.entries({ ...bad, prove: undefined });
    return written.filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(was[key]));
  };
  const before: { readonly row: Row; readonly key: string; readonly value: unknown }[] = [];
  return {
    moves: "what it names under prove",
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
