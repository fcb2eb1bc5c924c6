import { join } from "node:path";
import { loadRollout } from "../../../src/rollout/load";
import type { Rehearsed } from "../rehearsed";
import type { Timeline } from "../timeline";
import { openDerived } from "./open";
import { type Mode, startWalk, type Walk } from "./promote";
import { Proofs } from "./proofs";
import { finishAll, retireAll, walk } from "./walk";

/**
 * The rehearsal of any rollout, derived from its config.
 *
 * @param source the folder of its stack files
 */
export function derived(source: string, mode: Mode): Rehearsed & { readonly rollout: string } {
  const { name, stages } = loadRollout(source);
  const suffix = mode === "story" ? "" : `-${mode}`;
  return {
    rollout: name,
    file: join(source, ".cutover", `rehearsal${suffix}.json`),
    page: join(source, ".cutover", `rehearsal${suffix}.html`),
    pace: "time passes as quickly as this machine allows",
    stack: stages.at(-1)?.name ?? name,
    open: async (sandbox, progress) => {
      const world = await openDerived(sandbox, progress, source, mode);
      const proofs = new Proofs(world.rollout);
      let all: Walk | undefined;
      const on = (act: (walk: Walk) => Promise<void>) => (timeline: Timeline) => {
        all ??= startWalk({ world, timeline }, proofs, mode);
        return act(all);
      };
      return { world, proofs, acts: { rehearse: on(walk), finish: on(finishAll), retire: on(retireAll) } };
    },
  };
}
