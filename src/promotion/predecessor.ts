import type { Predecessor } from "../rollout/planRaise";
import { predecessorOf, type Rollout, type Stage } from "../rollout/rollout";
import { reasonOf } from "../text/problem";
import { predecessorIn } from "./recorded";
import type { Settings } from "./settings";
import { readOutputs } from "./stackState";

/** Reads what became of the predecessor's newest finished `up`, from its own stack. Never rejects. */
export async function readPredecessor(
  rollout: Rollout,
  stage: Stage,
  settings: Pick<Settings, "organization" | "project">,
): Promise<Predecessor> {
  const before = predecessorOf(rollout, stage);
  // The foundation was read already: it stands, or nothing of this would be known.
  if (!before || before === rollout.stages[0]) return { kind: "unasked" };
  try {
    return predecessorIn(before.name, await readOutputs(settings, before.name));
  } catch (error) {
    return { kind: "unreadable", why: reasonOf(error) };
  }
}
