import { failure, type Known } from "../aws/known";
import type { Plan } from "../rollout/plan";
import type { Stage } from "../rollout/rollout";
import { keptIn } from "./kept";
import type { AttemptRecord } from "./record";
import type { Settings } from "./settings";
import { readResources, unreadable } from "./stackState";

/**
 * Reads what a stage's own stack keeps of its attempts. Where it cannot be read, nothing is raised: throws a
 * `UserError`. Otherwise it is handed on as not known, since lowering is never blocked.
 */
export async function readKept(
  { name }: Pick<Stage, "name">,
  settings: Pick<Settings, "organization" | "project">,
  planned: Pick<Plan, "kind">,
): Promise<Known<readonly AttemptRecord[]>> {
  try {
    return { ok: true, value: keptIn(name, await readResources(settings, name)) };
  } catch (error) {
    if (planned.kind !== "raise" && planned.kind !== "restart") return failure(error);
    throw unreadable("What is kept of earlier attempts would be lost:", name, "state", error);
  }
}
