import type { Stage } from "../../../src/rollout/rollout";
import { frozenStep, keptStep } from "../doors";
import { untilQuiet } from "../quiet";
import { abortStep, doStep } from "../steps";
import { again, raiseAttempt, type Walk } from "./promote";
import { hasWayBack, type Row, ringsAgainFor, thresholdOf } from "./rehearsedRows";
import { causeOf, leverFor } from "./world";

/**
 * Where there is no way back from the stage that is live: rows that brought flags down before, and a person who aborts,
 * leave every flag, and on-call is paged. One row of each kind is told of.
 */
export async function behindDoor(all: Walk, stage: Stage): Promise<void> {
  const { act, proofs } = all;
  const { world } = act;
  const { rollout } = world;
  if (hasWayBack(rollout, stage)) return;
  const lowering = proofs.rows.filter((row) => row.proves === "aborted" && leverFor(world, row));
  const freezes = (row: Row) => thresholdOf(rollout, row)?.whenIrreversible === "freeze";
  let rings = 0;
  for (const row of [lowering.find((one) => !freezes(one)), lowering.find(freezes)]) {
    const lever = row && leverFor(world, row);
    if (!lever) continue;
    await abortStep(act, {
      name: `${row.id} fires where there is no way back: it pages, and every flag stays`,
      stack: stage.name,
      cause: causeOf(lever, row),
      flags: stage.flags,
      page: new RegExp(`STAY UP.*\\b${row.id}\\b`, "is"),
      notice: false,
      stays: true,
    });
    rings = Math.max(rings, ringsAgainFor(rollout, row));
    if (freezes(row)) await frozenStep(act, rollout.name, row.id);
  }
  await keptStep(act, { stack: stage.name, flags: stage.flags, says: /NO FLAG WENT DOWN/ });
  await doStep(act, "every alarm is quiet", () => untilQuiet(world, rollout, rings));
  // A stop by hand ends the attempt that is live: its time is counted anew.
  await raiseAttempt(all, stage);
  await again(all, stage);
}
