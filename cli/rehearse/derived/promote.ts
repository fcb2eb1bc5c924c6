import { together } from "../../../sandbox/host/together";
import type { Flags } from "../../../src/flags/flags";
import { type Gate, kindOf } from "../../../src/gates/gate";
import { gatesFor } from "../../../src/promotion/resolve";
import type { Stage } from "../../../src/rollout/rollout";
import { UserError } from "../../../src/text/problem";
import { backupStep } from "../backupStep";
import { statusOf } from "../command";
import { drillStep } from "../drillStep";
import { untilSo } from "../pace";
import { untilQuiet } from "../quiet";
import { sign } from "../sign";
import { checkStep, doStep, upStep } from "../steps";
import type { Run } from "../up";
import type { Proofs } from "./proofs";
import { hasWayBack, keyOf, signOffsFor } from "./rehearsedRows";
import { type Derived, type GateTold, gatesOf } from "./world";

/** How much is rehearsed: the story once, every row by itself, or the happy path and one abort. */
export type Mode = "story" | "rows" | "quick";

/** What the steps of one rehearsal share. */
export interface Walk {
  readonly act: Derived;
  readonly proofs: Proofs;
  readonly mode: Mode;
  /** The attempt that each stage is at. */
  readonly attempts: Map<string, number>;
  /** The attempts of each stage that were promoted, in their order. */
  readonly promoted: Map<string, number[]>;
  /** The attempts whose way back was drilled. */
  readonly drilled: Set<string>;
}

/** A rehearsal that begins. */
export function startWalk(act: Derived, proofs: Proofs, mode: Mode): Walk {
  const { stages } = act.world.rollout;
  return {
    act,
    proofs,
    mode,
    attempts: new Map(stages.map(({ name, attempt }) => [name, attempt])),
    promoted: new Map(),
    drilled: new Set(),
  };
}

/** Brings a stage up with every gate passing. */
export async function promote({ act, proofs, attempts, promoted }: Walk, stage: Stage): Promise<Run> {
  const attempt = attempts.get(stage.name) ?? 1;
  const run = await upStep(act, {
    name: `${stage.name}${attempt > 1 ? `, attempt ${attempt}` : ""}, with every gate passing`,
    stack: stage.name,
    expected: "promoted",
    flags: stage.flags,
  });
  toldAtFlip({ act, proofs }, stage, run.ms);
  promoted.set(stage.name, [...(promoted.get(stage.name) ?? []), attempt]);
  await askOwnChecks(act, stage);
  return run;
}

/** What a flip has told people, also one that a smoke check has stopped. */
export function toldAtFlip({ act, proofs }: Pick<Walk, "act" | "proofs">, stage: Stage, ms: number): void {
  for (const [row, { when }] of Object.entries(stage.messages))
    if (when === "before" && heard(act, row)) proofs.add(keyOf(stage.name, row), "sent", "its flip", ms);
}

/** Promotes a new attempt; where there is no way back, its flags may never have gone down. */
export async function again(all: Walk, stage: Stage): Promise<void> {
  if (hasWayBack(all.act.world.rollout, stage)) await promote(all, stage);
  else await restart(all, stage);
}

/** Brings a stage that is live up with another attempt: its flags stay, and its time is counted anew. */
export async function restart({ act, attempts }: Walk, stage: Stage): Promise<void> {
  await upStep(act, {
    name: `${stage.name}, attempt ${attempts.get(stage.name)}, with the same flags`,
    stack: stage.name,
    expected: "updated",
    flags: stage.flags,
  });
  await askOwnChecks(act, stage);
}

/** What the rollout itself looks for in its app. */
export async function askOwnChecks(act: Derived, { name }: Stage): Promise<void> {
  for (const { holds, look } of act.world.checksOf(name)) await checkStep(act, holds, look);
}

/** Whether anybody was sent a message of this row. */
export function heard({ world }: Derived, row: string): boolean {
  return world.webhook.delivered.some(({ subject }) => subject?.includes(` ${row}: `));
}

/** Raises the attempt of a stage, since its last one was stopped: an alarm that rang once more has stopped the next, too. */
export async function raiseAttempt({ act, attempts }: Walk, stage: Stage): Promise<number> {
  const { stages } = await statusOf(act.world);
  const known = stages.find(({ name }) => name === stage.name)?.attempts ?? [];
  const attempt = Math.max(attempts.get(stage.name) ?? 1, ...known.map((one) => one.attempt)) + 1;
  attempts.set(stage.name, attempt);
  await act.world.project.edit(stage.name, ["cutover:stage", "attempt"], attempt);
  return attempt;
}

/** A new attempt of a stage that was stopped, with all that it asks for: what came down below it goes up first. */
export async function anew(all: Walk, stage: Stage): Promise<void> {
  const { world } = all.act;
  const { stages } = world.rollout;
  if (!hasWayBack(world.rollout, stage)) {
    // Its flags stayed, so that nothing is asked for: its next attempt is looked at alone.
    await doStep(all.act, "every alarm is quiet", () => untilQuiet(world, world.rollout));
    await raiseAttempt(all, stage);
    return;
  }
  const before = stages.slice(0, stages.indexOf(stage));
  const left = (await world.servedFlags())[0] ?? {};
  const stands = standsAt(before, left);
  for (const lower of before.slice(stands < 0 ? before.length : stands + 1)) {
    await raiseAttempt(all, lower);
    await ready(all, lower);
    await promote(all, lower);
  }
  await raiseAttempt(all, stage);
  await ready(all, stage);
}

/** The last of these stages whose flags are what is left, by its index; -1 where none is. */
export function standsAt(stages: readonly Stage[], left: Flags): number {
  return stages.findLastIndex(({ flags }) =>
    Object.entries(flags).every(([flag, value]) => left[flag] === value),
  );
}

/** What a gate says. */
export type Said = Pick<GateTold, "id" | "outcome">;

/**
 * Does all that a promotion waits for: people sign, backups are taken and proven, the abort path is drilled, and what
 * soaks has soaked.
 *
 * @param said what its gates said before any of it was done. Default: they are asked
 */
export async function ready(all: Walk, stage: Stage, said?: readonly Said[]): Promise<void> {
  const { act } = all;
  const { world } = act;
  const gates = gatesFor(world.rollout, stage);
  const quiet = () => doStep(act, "every alarm is quiet", () => untilQuiet(world, world.rollout));
  await signAll(all, stage);
  await datesCome(all, stage, gates);
  const commands = gates.flatMap(({ definition }) => kindOf(definition).madeBy ?? []);
  await backupStep(act, stage.name, commands.sort());
  const ask = () => (said === undefined ? gatesOf(world, stage.name) : Promise.resolve(said));
  // A path that was never drilled is known to be asked for; one that was may have to be drilled again.
  const paths = gates.flatMap(({ drill }) => drill?.stage ?? []);
  const never = said === undefined ? paths.filter((path) => !all.drilled.has(drillOf(all, path))) : [];
  if (never.length > 0) await quiet();
  await drillAll(all, never);
  // What made an alarm ring has to be well for some seconds. Gates are asked meanwhile: one that does not pass yet is asked again.
  const [open] = await together([ask(), never.length > 0 ? Promise.resolve() : quiet()]);
  const undrilled = gates.flatMap(({ id, drill }) =>
    drill && open.find((gate) => gate.id === id)?.outcome !== "pass" ? [drill.stage] : [],
  );
  await drillAll(all, undrilled);
  if (open.every(passes) && undrilled.length === 0) return;
  await doStep(act, `${stage.name} waits until every gate passes, as cutover status says`, async () => {
    let last: Awaited<ReturnType<typeof gatesOf>> | undefined;
    const held = await untilSo(async () => {
      last = await gatesOf(world, stage.name);
      return last.every(passes) || undefined;
    }, world.sandbox.closing);
    if (held) return;
    const against = (last ?? [])
      .filter((gate) => !passes(gate))
      .map(({ id, observed }) => `${id}: ${observed}`);
    throw new UserError(`${stage.name} waited in vain for ${against.join("; ")}`);
  });
}

/** Drills the ways back of these stages. */
async function drillAll(all: Walk, paths: readonly string[]): Promise<void> {
  for (const path of new Set(paths)) {
    await drillStep(all.act, path);
    all.drilled.add(drillOf(all, path));
  }
}

/** A drill is one of an attempt. */
function drillOf({ attempts }: Walk, stage: string): string {
  return `${stage}, attempt ${attempts.get(stage)}`;
}

/** The dates that gates wait for are long after all rehearsals: in the copy of its stack file they come now. */
export async function datesCome(
  { act: { world }, act }: Walk,
  stage: Stage,
  gates: readonly Gate[],
): Promise<void> {
  const due = gates.flatMap(({ id, stage: of, phase, definition }) =>
    "after" in definition && Date.parse(definition.after) > Date.now() ? [{ id, of, phase }] : [],
  );
  if (due.length === 0) return;
  await doStep(act, `the date of ${due.map(({ id }) => id).join(", ")} comes`, async () => {
    for (const { id, of, phase } of due) {
      // An earlier date than at the last flip is less than what was promised, and has to say why.
      const because = { reason: "In a rehearsal its date comes at once" };
      await world.project.edit(stage.name, ["cutover:stage", "weakened", id], because);
      await world.project.editGate({ stage: of, section: phase, id }, "after", new Date().toISOString());
    }
  });
}

/** What holds already, or is due at the flip alone. */
export const passes = ({ outcome }: { readonly outcome: string }) =>
  outcome === "pass" || outcome === "not-run";

/** Signs these gates, which people are asked for, in a stage's config. */
export async function signAll(
  { act, attempts }: Walk,
  stage: Stage,
  gates: readonly string[] = signOffsFor(act.world.rollout, stage),
): Promise<void> {
  if (gates.length === 0) return;
  const attempt = attempts.get(stage.name) ?? 1;
  const are = gates.length === 1 ? "is" : "are";
  await doStep(act, `${gates.join(", ")} ${are} signed off for ${stage.name}`, async () => {
    for (const gate of gates)
      await sign(act.world, stage.name, { gate, statement: "Looked at, and in order", attempt });
  });
}
