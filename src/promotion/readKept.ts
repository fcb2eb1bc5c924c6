import { failure, type Known } from "../aws/known";
import type { Plan } from "../rollout/plan";
import type { Stage } from "../rollout/rollout";
import { reasonOf, UserError } from "../text/problem";
import { keptIn } from "./kept";
import type { AttemptRecord } from "./record";
import type { Settings } from "./settings";
import { readResources } from "./stackState";

/**
 * Reads what a stage's own stack keeps of its attempts. Where it cannot be read, nothing is raised: throws a
 * `UserError`. Otherwise it is handed on as not known, since lowering is never blocked.
 */
export async function readKept(
  { name }: Pick<Stage, "name">,
  { organization, project }: Pick<Settings, "organization" | "project">,
  planned: Pick<Plan, "kind">,
): Promise<Known<readonly AttemptRecord[]>> {
  try {
    return { ok: true, value: keptIn(name, await readResources(`${organization}/${project}/${name}`)) };
  } catch (error) {
    if (planned.kind !== "raise" && planned.kind !== "restart") return failure(error);
    throw new UserError("What is kept of earlier attempts would be lost:", [
      {
        where: `stack ${name}`,
        what: `its state cannot be read: ${reasonOf(error).slice(0, 300)}`,
        remedy:
          "Use the version of cutover that promoted it, or a newer one, and see to the backend and its secrets",
      },
    ]);
  }
}
