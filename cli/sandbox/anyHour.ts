import { kindOf } from "../../src/gates/gate";
import type { Rollout } from "../../src/rollout/rollout";
import type { SandboxProject } from "./project";

/**
 * Has gates that go by the hour hold at any: whoever tries a rollout on a Saturday, or in a freeze, is not to wait. In the
 * copy of the stack files alone.
 */
export async function atAnyHour(
  { stages }: Pick<Rollout, "stages">,
  project: Pick<SandboxProject, "editGate">,
): Promise<void> {
  for (const { name: stage, entry } of stages)
    for (const [id, definition] of Object.entries(entry)) {
      const always = kindOf(definition).clock?.always(definition);
      for (const [key, value] of always ? rewritten(definition, always) : [])
        await project.editGate({ stage, section: "entry", id }, key, value);
    }
}

/** What to write where a definition is to be another one. */
export function rewritten(definition: object, other: object): [key: string, value: unknown][] {
  const was: Readonly<Record<string, unknown>> = { ...definition };
  return Object.entries(other).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(was[key]));
}
