import { reactionOf } from "../../../src/abort/reaction";
import type { Flags } from "../../../src/flags/flags";
import type { Stage } from "../../../src/rollout/rollout";
import { breakGlassStep } from "../breakGlass";
import { runCutover } from "../command";
import { frozenStep } from "../doors";
import { untilQuiet } from "../quiet";
import { abortStep, checkStep, doStep, upStep } from "../steps";
import { comparing } from "./compared";
import { again, anew, raiseAttempt, restart, standsAt, type Walk } from "./promote";
import {
  flagsAfterAll,
  flagsAfterStop,
  flagsWaiting,
  hasWayBack,
  type Row,
  ringsAgainFor,
} from "./rehearsedRows";
import { weakerOf } from "./weaker";
import { causeOf, type Derived, type DerivedWorld, leverFor } from "./world";

/** Every row that brings a stage down, or pages: each fired by what it looks at. */
export async function fireAbortRows(all: Walk, stage: Stage): Promise<void> {
  const { act, proofs, mode } = all;
  const rows = proofs.rows.filter(({ stage: of, section }) => of === stage.name && section === "abort");
  // What lowers nothing comes first: the stage stays up for it.
  const ordered = rows.toSorted((a, b) => Number(a.proves === "aborted") - Number(b.proves === "aborted"));
  const fired = proofs.rows.some(({ key, proves }) => proves === "aborted" && proofs.has(key));
  const last = stage === act.world.rollout.stages.at(-1);
  const movable = ordered.filter((row) => leverFor(act.world, row));
  const lowering = movable
    .filter(({ proves }) => proves === "aborted")
    .toSorted(
      (a, b) =>
        toGoUpAgain(all, stage, a) - toGoUpAgain(all, stage, b) || downIn(stage, a) - downIn(stage, b),
    );
  const some = fired && !(last && mode === "story") ? [] : lowering.slice(0, 1);
  // What compares two sources is shown in the story, too: a person has to find the same rows.
  const compares = (row: Row) => mode === "story" && stage.abort[row.id]?.reconcile !== undefined;
  const chosen = movable.filter((row) => mode === "rows" || some.includes(row) || compares(row));
  // Told once: what keeps a new attempt from going up again.
  let telling = last && mode !== "quick";
  for (const row of chosen) {
    if (proofs.has(row.key)) continue;
    await fire(all, stage, row);
    const rings = ringsAgainFor(act.world.rollout, row);
    // Of one that lowers, the new attempt waits for all alarms.
    if (row.proves !== "aborted" || rings > 0)
      await doStep(act, `${row.id} is quiet again`, () => untilQuiet(act.world, act.world.rollout, rings));
    if (row.proves !== "aborted") continue;
    await upAgain(all, stage, telling);
    telling = false;
  }
  // What fired while the stage is live keeps the next one from going up until its time is counted anew.
  const lowered = chosen.some(({ proves }) => proves === "aborted");
  if (chosen.length > 0 && !lowered && !last) {
    await raiseAttempt(all, stage);
    await restart(all, stage);
  }
}

/** How many stages have to go up again once a row has fired while a stage is live. */
function toGoUpAgain({ act: { world } }: Walk, stage: Stage, row: Row): number {
  const before = world.rollout.stages.slice(0, world.rollout.stages.indexOf(stage));
  const left = flagsLeft(world, stage, row);
  return before.length - standsAt(before, left);
}

/** How long a row takes at most until the flags are down, in ms. */
function downIn(stage: Stage, { id }: Row): number {
  const threshold = stage.abort[id];
  return (threshold && reactionOf(threshold).downMs) ?? Number.POSITIVE_INFINITY;
}

/** The flags that a row leaves when it fires, and whatever fires with it. */
function flagsLeft(world: DerivedWorld, stage: Stage, row: Row): Flags {
  return flagsAfterAll(world.rollout, stage, [row.key, ...(leverFor(world, row)?.also?.(row) ?? [])]);
}

async function fire({ act, proofs }: Walk, stage: Stage, row: Row): Promise<void> {
  const { rollout } = act.world;
  const threshold = stage.abort[row.id];
  const lever = leverFor(act.world, row);
  if (!threshold || !lever) return;
  const flags = flagsLeft(act.world, stage, row);
  const lowers = row.proves === "aborted";
  const compared = comparing(act, stage, row.id, threshold);
  await compared?.before();
  const cause = causeOf(lever, row);
  const ms = await abortStep(act, {
    name: `${row.id} fires by ${lever.moves}, and ${lowers ? "the flags come down" : "pages alone"}: ${row.title}`,
    stack: stage.name,
    cause: compared?.around(cause) ?? cause,
    flags,
    page: new RegExp(`\\b${row.id}\\b`),
    notice: lowers,
    stays: !lowers,
  });
  proofs.add(row.key, row.proves, lever.moves, ms);
  await compared?.after(lowers);
  if (!lowers && threshold.action === "rollback" && threshold.whenIrreversible === "freeze")
    await frozenStep(act, rollout.name, row.id);
}

/** A new attempt, with all that it asks for; while it waits, what is weaker and what is held do not pass, where that is told. */
async function upAgain(all: Walk, stage: Stage, telling: boolean): Promise<void> {
  const { rollout } = all.act.world;
  await anew(all, stage);
  if (telling) {
    await weaker(all, stage);
    await held(all, stage);
    if (hasWayBack(rollout, stage)) {
      // On-call types what the runbook prints while the stage is being promoted.
      await breakGlassStep(all.act, { stack: stage.name, flags: flagsAfterStop(rollout, stage) });
      await anew(all, stage);
    }
  }
  await again(all, stage);
}

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
    flags: flagsWaiting(world.rollout, stage),
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
    flags: flagsWaiting(act.world.rollout, stage),
  });
  await typed(act, "release");
}

function typed(act: Derived, ...args: string[]): Promise<void> {
  return checkStep(act, `cutover ${args.join(" ")}`, async () => {
    const { code, stdout, stderr } = await runCutover(act.world, args);
    return code === 0 ? undefined : `it ended with ${code}: ${stderr.trim() || stdout.trim()}`;
  });
}
