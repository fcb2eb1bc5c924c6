import type { Stage } from "../rollout/rollout";
import type { HeldTo } from "../rollout/strength/judge";
import { heldToIn } from "./recorded";
import type { Settings } from "./settings";
import { readOutputs } from "./stackState";

/**
 * Reads what the last flip of a stage was held to, from its own stack; undefined where none was written down. Throws
 * where that cannot be known: what cannot be read is not the same as what is not there.
 */
export async function readHeldTo(
  stage: Pick<Stage, "name">,
  settings: Pick<Settings, "organization" | "project">,
): Promise<HeldTo | undefined> {
  return heldToIn(await readOutputs(settings, stage.name));
}
