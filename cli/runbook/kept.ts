import { floorIn } from "../../src/abort/inForce";
import { changes, lowerTo, showValue } from "../../src/flags/flags";
import { floorOf, type Rollout, type Stage } from "../../src/rollout/rollout";
import { quoted as code, words as text } from "../../src/text/markdown";

/**
 * What an abort of a stage leaves where an irreversible stage keeps flags above its floor, in whole sentences: which stay and
 * why, and which go down all the same. Undefined where an abort brings all of them down.
 */
export function keptBy(rollout: Rollout, stage: Stage): string | undefined {
  const { floor, kept } = floorIn(rollout, stage, floorOf(rollout, stage));
  if (kept === undefined) return undefined;
  const down = changes(rollout.flags, stage.flags, lowerTo(rollout.flags, stage.flags, floor))
    .map(({ flag, from, to }) => `${code(flag)} ${showValue(from)} → ${showValue(to)}`)
    .join(", ");
  return `${text(kept)}. ${down === "" ? "No flag goes down" : `What goes down: ${down}`}.`;
}
