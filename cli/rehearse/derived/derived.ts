import { join } from "node:path";
import type { Progress, Sandbox } from "../../../sandbox";
import type { Rollout } from "../../../src/rollout/rollout";
import type { Timeline } from "../timeline";
import type { World } from "../world";
import { finish, retire } from "./ending";
import { KEPT, openDerived } from "./open";
import { type Mode, startWalk, type Walk } from "./promote";
import { Proofs } from "./proofs";
import { walk } from "./walk";

/** How a rollout is rehearsed. */
export interface Plan {
  readonly rollout: string;
  /** Where its timeline is written, and the page about it. */
  readonly file: string;
  readonly page: string;
  /** A stage to try by hand. */
  readonly stack: string;
  /** Opens its world, and says what is done in it. */
  open(sandbox: Sandbox, progress: Progress): Promise<Opened>;
}

/** A world, and what is done in it: promotions and aborts, then its finish, and in the end nothing of it is left. */
export interface Opened {
  readonly world: World;
  readonly acts: Readonly<Record<"rehearse" | "finish" | "retire", (timeline: Timeline) => Promise<void>>>;
  /** What was seen of each row. */
  readonly proofs: Proofs;
}

/**
 * The rehearsal of any rollout, derived from its config.
 *
 * @param source the folder of its stack files
 */
export function planOf({ name, stages }: Rollout, source: string, mode: Mode): Plan {
  const suffix = mode === "story" ? "" : `-${mode}`;
  return {
    rollout: name,
    file: join(source, KEPT, `rehearsal${suffix}.json`),
    page: join(source, KEPT, `rehearsal${suffix}.html`),
    stack: stages.at(-1)?.name ?? name,
    open: async (sandbox, progress) => {
      const world = await openDerived(sandbox, progress, source, mode);
      const proofs = new Proofs(world.rollout);
      let all: Walk | undefined;
      const on = (act: (walk: Walk) => Promise<void>) => (timeline: Timeline) => {
        all ??= startWalk({ world, timeline }, proofs, mode);
        return act(all);
      };
      return { world, proofs, acts: { rehearse: on(walk), finish: on(finish), retire: on(retire) } };
    },
  };
}
