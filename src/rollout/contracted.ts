import { changes, lowersBeyond, showFlags } from "../flags/flags";
import { predecessorOf, type Rollout, type Stage } from "./rollout";

/**
 * What stays down after an abort of a stage that contracts flags, and how it comes up again: one sentence, without its full
 * stop. Undefined where a stage contracts nothing.
 */
export function staysDown(rollout: Pick<Rollout, "flags" | "stages">, stage: Stage): string | undefined {
  const before = predecessorOf(rollout, stage);
  const down = before && lowersBeyond([], changes(rollout.flags, before.flags, stage.flags));
  if (!before || !down || down.length === 0) return undefined;
  const [stay, them] = down.length > 1 ? ["stay", "them"] : ["stays", "it"];
  const flags = showFlags(Object.fromEntries(down.map((flag) => [flag, stage.flags[flag] ?? false])));
  const words = `${flags} ${stay} down: ${stage.name} contracts ${them}, and no abort raises a flag`;
  if (stage.irreversible) return words;
  return `${words}. A new attempt of ${stage.name} goes on from there, and one of ${before.name} raises ${them} again; either through its gates`;
}
