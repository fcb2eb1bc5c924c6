import type { Stage } from "../rollout/rollout";
import { type HeldTo, heldTo } from "../rollout/strength/judge";
import type { Settings } from "./settings";
import { readOutputs } from "./stackState";

/** The output in which a stack keeps what its last flip was held to. Secret, so that no display prints all of it. */
export const HELD_TO = "heldTo";

/**
 * Reads what the last flip of a stage was held to, from its own stack; undefined where none was written down. Throws
 * where that cannot be known: what cannot be read is not the same as what is not there.
 */
export async function readHeldTo(
  stage: Pick<Stage, "name">,
  settings: Pick<Settings, "organization" | "project">,
): Promise<HeldTo | undefined> {
  const written = (await readOutputs(settings, stage.name))[HELD_TO];
  return written === undefined || written === null ? undefined : heldTo.parse(written);
}
