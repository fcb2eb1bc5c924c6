import { join } from "node:path";
import type { Rollout } from "../../../src/rollout/rollout";
import type { Mode } from "./promote";

/** The folder that is no part of a repository. */
export const KEPT = ".cutover";

/** How a rollout is rehearsed. */
export interface Plan {
  readonly rollout: Rollout;
  /** The folder of its stack files. */
  readonly source: string;
  readonly mode: Mode;
  /** Where its timeline is written, and the page about it. */
  readonly file: string;
  readonly page: string;
  /** Where all that the engine printed goes, where a run of it comes out otherwise than expected. */
  readonly log: string;
  /** A stage to try by hand. */
  readonly stack: string;
}

/**
 * The rehearsal of any rollout, derived from its config.
 *
 * @param source the folder of its stack files
 */
export function planOf(rollout: Rollout, source: string, mode: Mode): Plan {
  const suffix = mode === "story" ? "" : `-${mode}`;
  return {
    rollout,
    source,
    mode,
    file: join(source, KEPT, `rehearsal${suffix}.json`),
    page: join(source, KEPT, `rehearsal${suffix}.html`),
    log: join(source, KEPT, `rehearsal${suffix}.log`),
    stack: rollout.stages.at(-1)?.name ?? rollout.name,
  };
}
