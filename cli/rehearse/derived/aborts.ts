import { sameFlags } from "../../../src/flags/flags";
import type { Rollout, Stage } from "../../../src/rollout/rollout";
import { breakGlassStep } from "../breakGlass";
import { runCutover } from "../command";
import { frozenStep, keptStep } from "../doors";
import { abortStep, checkStep, doStep, upStep } from "../steps";
import { untilQuiet } from "../world";
import { nextAttempt, ownChecks, promote, ready, type Walk } from "./promote";
import { flagsAfterAll, flagsAfterStop, type Row } from "./rows";
import { weakerOf } from "./weaker";
import { causeOf, type Derived, leverFor } from "./world";

/** Every row that brings a stage down, or pages: each fired by what it looks at. */
export async function abortRows(all: Walk, stage: Stage): Promise<void> {
  const { act, proofs, mode } = all;
  const rows = proofs.rows.filter(({ stage: of, section }) => of === stage.name && section === "abort");
  // What lowers nothing comes first: the stage stays up for it.
  const ordered = rows.toSorted((a, b) => Number(a.proves === "aborted") - Number(b.proves === "aborted"));
  const fired = proofs.rows.some(({ key, proves }) => proves === "aborted" && proofs.has(key));
  const last = stage === act.world.rollout.stages.at(-1);
  const movable = ordered.filter((row) => leverFor(act.world, row));
  const lowering = movable.filter(({ proves }) => proves === "aborted");
  const chosen = mode === "rows" ? movable : fired && !(last && mode === "story") ? [] : lowering.slice(0, 1);
  for (const row of chosen) {
    if (proofs.has(row.key)) continue;
    await fire(all, stage, row);
    if (row.proves === "aborted") await upAgain(all, stage);
    else await doStep(act, `${row.id} is quiet again`, () => untilQuiet(act.world, act.world.rollout.name));
  }
}

async function fire({ act, proofs }: Walk, stage: Stage, row: Row): Promise<void> {
  const { rollout } = act.world;
  const threshold = stage.abort[row.id];
  const lever = leverFor(act.world, row);
  if (!threshold || !lever) return;
  const flags = flagsAfterAll(rollout, stage, [row.key, ...(lever.also?.(row) ?? [])]);
  const lowers = row.proves === "aborted";
  const ms = await abortStep(act, {
    name: `${row.id} fires by ${lever.moves}, and ${lowers ? "the flags come down" : "pages alone"}: ${row.title}`,
    stack: stage.name,
    cause: causeOf(lever, row),
    flags,
    page: new RegExp(`\\b${row.id}\\b`),
    notice: lowers,
    stays: !lowers,
  });
  proofs.add(row.key, row.proves, lever.moves, ms);
  if (!lowers && threshold.action === "rollback" && threshold.whenIrreversible === "freeze")
    await frozenStep(act, rollout.name, row.id);
}

/** A new attempt, with all that it asks for; while it waits, once, what is weaker and what is held do not pass. */
async function upAgain(all: Walk, stage: Stage): Promise<void> {
  const { act, proofs, mode } = all;
  await nextAttempt(all, stage);
  await ready(all, stage);
  const last = stage === act.world.rollout.stages.at(-1);
  if (mode !== "quick" && last && !told.has(proofs)) {
    told.add(proofs);
    await weaker(all, stage);
    await held(all, stage);
    await byHand(all, stage);
    await nextAttempt(all, stage);
    await ready(all, stage);
  }
  await again(all, stage);
}

/** On-call types what the runbook prints: while the stage is promoted, or where there is no way back. */
function byHand({ act }: Walk, stage: Stage): Promise<void> {
  const { rollout } = act.world;
  return lowersByHand(rollout, stage)
    ? breakGlassStep(act, { stack: stage.name, flags: flagsAfterStop(rollout, stage) })
    : keptStep(act, { stack: stage.name, flags: stage.flags, says: /NO FLAG WENT DOWN/ });
}

/** Rehearsals that have shown a hold, and a row that is weaker than it was. */
const told = new WeakSet<object>();

/** Promotes it anew; behind an irreversible stage its flags may never have gone down. */
async function again(all: Walk, stage: Stage): Promise<void> {
  const { act, attempts } = all;
  if (lowersByHand(act.world.rollout, stage)) {
    await promote(all, stage);
    return;
  }
  await upStep(act, {
    name: `${stage.name}, attempt ${attempts.get(stage.name)}, with the same flags`,
    stack: stage.name,
    expected: "updated",
    flags: stage.flags,
  });
  await ownChecks(act, stage);
}

const lowersByHand = (rollout: Rollout, stage: Stage) =>
  !sameFlags(rollout.flags, flagsAfterStop(rollout, stage), stage.flags);

/** A row that became easier since the last flip, and nobody says why. */
async function weaker({ act }: Walk, stage: Stage): Promise<void> {
  const eased = weakerOf(stage);
  if (!eased) return;
  const { world } = act;
  await world.project.edit(stage.name, eased.path, eased.to);
  await upStep(act, {
    name: `${stage.name}, while ${eased.words}, and nobody says why`,
    stack: stage.name,
    preview: true,
    expected: "blocked",
    flags: flagsAfterStop(world.rollout, stage),
  });
  await world.project.edit(stage.name, eased.path, eased.was);
}

/** Somebody holds everything: what passes every gate waits until it is released. */
async function held({ act }: Walk, stage: Stage): Promise<void> {
  await typed(act, "hold", "--reason", "the database is being moved");
  await upStep(act, {
    name: `${stage.name}, while it is held`,
    stack: stage.name,
    preview: true,
    expected: "blocked",
    flags: flagsAfterStop(act.world.rollout, stage),
  });
  await typed(act, "release");
}

function typed(act: Derived, ...args: string[]): Promise<void> {
  return checkStep(act, `cutover ${args.join(" ")}`, async () => {
    const { code, stdout, stderr } = await runCutover(act.world, args);
    return code === 0 ? undefined : `it ended with ${code}: ${stderr.trim() || stdout.trim()}`;
  });
}
