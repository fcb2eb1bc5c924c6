import type { Stage } from "../../../src/rollout/rollout";
import { milliseconds, showDuration } from "../../../src/text/duration";
import { timeScaleFor } from "../pace";
import { doStep, upStep } from "../steps";
import { abortRows } from "./aborts";
import { blockedBy } from "./blocked";
import { end } from "./ending";
import { promote, ready, type Walk } from "./promote";
import { smokeRows } from "./smoke";

/** How much faster than the clock declared durations pass at most: a day in a second. */
const FASTEST = 86_400;
/** A soak that has to be found not yet over takes so many runs of `pulumi`. */
const RUNS_OF_SOAK = 1.5;

/** Rehearses a rollout from its first stage to its finish, by its config. */
export async function walk(all: Walk): Promise<void> {
  const { act } = all;
  const [first, ...others] = act.world.rollout.stages;
  const { ms } = await upStep(act, {
    name: `${first.name} is brought up`,
    stack: first.name,
    expected: "promoted",
    flags: first.flags,
  });
  await setPace(all, ms);
  for (const stage of others) await through(all, stage);
}

/** One stage: what keeps it from being promoted, its promotion, and what takes it down again. */
async function through(all: Walk, stage: Stage): Promise<void> {
  const { act, mode } = all;
  if (mode !== "quick") await blockedBy(all, stage);
  await ready(all, stage);
  if (mode !== "quick") await smokeRows(all, stage);
  await promote(all, stage);
  if (mode !== "quick" && stage === act.world.rollout.stages[1])
    await upStep(act, {
      name: `${stage.name}, once more`,
      stack: stage.name,
      expected: "unchanged",
      flags: stage.flags,
    });
  await abortRows(all, stage);
}

/** The end of a rollout that went well: finished, and in the end nothing of it is left. */
export const finishAll = (all: Walk) => end(all).finish();
export const retireAll = (all: Walk) => end(all).retire();

/** Sets how fast time passes, by how long runs take here: the shortest soak has to be found not yet over. */
async function setPace({ act, mode }: Walk, runMs: number): Promise<void> {
  const soaks = act.world.rollout.stages.flatMap(({ soak }) => {
    const length = /^\d/.test(soak ?? "") && !/cycle/.test(soak ?? "") ? soak : undefined;
    return length === undefined ? [] : [length];
  });
  const shortest = soaks.toSorted((a, b) => milliseconds(a) - milliseconds(b))[0];
  if (shortest === undefined) return;
  const runs = mode === "quick" ? 0.5 : RUNS_OF_SOAK;
  const timeScale = timeScaleFor({ notYet: shortest, runMs, atMost: FASTEST, runs });
  await doStep(
    act,
    `a soak of ${shortest} takes ${showDuration(milliseconds(shortest) / timeScale)} here`,
    () => act.world.project.pace(timeScale),
  );
}
