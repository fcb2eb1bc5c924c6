import { changes, type Flags, lowersBeyond, sameFlags, showFlags } from "../flags/flags";
import { floorOf, predecessorOf, type Rollout, type Stage, stagesUpTo } from "./rollout";

/**
 * What stays down after an abort of a stage, since that stage or one before it contracted it, and how it comes up again: one
 * sentence, without its full stop. Undefined where nothing does.
 *
 * @param floor how far down the abort goes. Default: as far as the stage says
 */
export function staysDown(
  rollout: Pick<Rollout, "flags" | "stages" | "abortTo">,
  stage: Stage,
  floor: Flags = floorOf(rollout, stage),
): string | undefined {
  const { flags: specs } = rollout;
  const down = lowersBeyond([], changes(specs, floor, stage.flags));
  if (down.length === 0) return undefined;
  const by = stagesUpTo(rollout, stage).filter(({ contracts = [] }) =>
    contracts.some((flag) => down.includes(flag)),
  );
  const [stay, them] = down.length > 1 ? ["stay", "them"] : ["stays", "it"];
  const flags = showFlags(Object.fromEntries(down.map((flag) => [flag, stage.flags[flag] ?? false])));
  const whose = `${by.map(({ name }) => name).join(" and ")} contract${by.length > 1 ? "" : "s"}`;
  const words = `${flags} ${stay} down: ${whose} ${them}, and no abort raises a flag`;
  const before = predecessorOf(rollout, stage);
  // From further down, stages go up in their order, as after any abort.
  if (stage.irreversible || !before || !sameFlags(specs, floor, before.flags)) return words;
  return `${words}. A new attempt of ${stage.name} goes on from there, and one of ${before.name} raises ${them} again; either through its gates`;
}
