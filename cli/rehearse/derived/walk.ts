import type { Stage } from "../../../src/rollout/rollout";
import { doctorStep } from "../doctor";
import { upStep } from "../steps";
import { fireAbortRows } from "./aborts";
import { blockedAtFlip, blockedBy } from "./blocked";
import { behindDoor } from "./door";
import { again, askOwnChecks, promote, ready, type Walk } from "./promote";
import { sentStep } from "./sent";
import { smokeRows } from "./smoke";
import { spoiledBackups } from "./spoiled";

/** Rehearses a rollout from its first stage to its finish, by its config. */
export async function walk(all: Walk): Promise<void> {
  const { act } = all;
  const [first, ...others] = act.world.rollout.stages;
  await upStep(act, {
    name: `${first.name} is brought up`,
    stack: first.name,
    expected: "promoted",
    flags: first.flags,
    // Nothing has been restarted yet, and no fault was set.
    givesUp: true,
  });
  await askOwnChecks(act, first);
  for (const stage of others) await through(all, stage);
}

/** One stage: what keeps it from being promoted, its promotion, and what takes it down again. */
async function through(all: Walk, stage: Stage): Promise<void> {
  const { act, mode } = all;
  const said = mode === "quick" ? undefined : await blockedBy(all, stage);
  // Where each gate is rehearsed by itself, what they said before is long ago.
  await ready(all, stage, mode === "rows" ? undefined : said);
  if (mode === "rows") {
    await spoiledBackups(all, stage);
    await blockedAtFlip(all, stage);
  }
  const [, lowest] = act.world.rollout.stages;
  if (mode !== "quick" && stage === lowest) await doctorStep(act, act.world.rollout, stage.name);
  const failed = mode !== "quick" && (await smokeRows(all, stage));
  // Where there is no way back, a stage whose smoke check has failed is up.
  await (failed ? again(all, stage) : promote(all, stage));
  if (mode !== "quick" && stage === lowest)
    await upStep(act, {
      name: `${stage.name}, once more`,
      stack: stage.name,
      expected: "unchanged",
      flags: stage.flags,
    });
  await fireAbortRows(all, stage);
  // What is sent again and again is sent while its stage is live, and the next one may go up at once.
  if (mode === "rows") await sentStep(all, (when, name) => "every" in when && name === stage.name);
  if (mode !== "quick" && stage === act.world.rollout.stages.at(-1)) await behindDoor(all, stage);
}
