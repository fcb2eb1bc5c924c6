import type { Stage } from "../../../src/rollout/rollout";
import { upStep } from "../steps";
import { anew, toldAtFlip, type Walk } from "./promote";
import { flagsAfterStop, type Row, waitsForServers } from "./rehearsedRows";
import { causeOf, leverFor } from "./world";

/**
 * Smoke checks that fail: the flags come down by themselves, where there is a way back, and a new attempt is due. The story
 * tells one of the first stage that has any.
 *
 * @returns whether any has failed
 */
export async function smokeRows(all: Walk, stage: Stage): Promise<boolean> {
  const { act, proofs, mode } = all;
  const rows = proofs.rows.filter(({ stage: of, section }) => of === stage.name && section === "smoke");
  const told = proofs.rows.some(({ key, section }) => section === "smoke" && proofs.has(key));
  const movable = rows.filter((row) => leverFor(act.world, row));
  const waits = (row: Row) => Number(waitsForServers(act.world.rollout, row));
  // One that is waited for fails late: the story tells another, where there is one.
  const [soonest] = movable.toSorted((a, b) => waits(a) - waits(b));
  const chosen = mode === "rows" ? movable : told || !soonest ? [] : [soonest];
  for (const row of chosen) {
    const lever = leverFor(act.world, row);
    if (!lever || proofs.has(row.key)) continue;
    const run = await upStep(act, {
      name: `${stage.name}, and ${row.id} fails after the flip: ${row.title}`,
      stack: stage.name,
      expected: "aborted",
      flags: flagsAfterStop(act.world.rollout, stage),
      during: causeOf(lever, row),
    });
    toldAtFlip(all, stage, run.ms);
    for (const { gate, outcome } of run.verdicts) {
      const failed = rows.find(({ id }) => id === gate);
      if (failed && outcome !== "pass") proofs.add(failed.key, "failed", lever.moves, run.ms);
    }
    await anew(all, stage);
  }
  return rows.some(({ key }) => proofs.has(key));
}
