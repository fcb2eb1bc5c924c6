import { gatesFor } from "../../../src/promotion/resolve";
import type { Stage } from "../../../src/rollout/rollout";
import { UserError } from "../../../src/text/problem";
import { drillStep } from "../drill";
import { untilSo } from "../pace";
import { sign } from "../sign";
import { doStep, upStep } from "../steps";
import type { Run } from "../up";
import { untilQuiet } from "../world";
import type { Proofs } from "./proofs";
import { keyOf, signOffsFor } from "./rows";
import { type Derived, gatesOf } from "./world";

/** How much is rehearsed: the story once, every row by itself, or the happy path and one abort. */
export type Mode = "story" | "rows" | "quick";

/** What the steps of one rehearsal share. */
export interface Walk {
  readonly act: Derived;
  readonly proofs: Proofs;
  readonly mode: Mode;
  /** The attempt that each stage is at. */
  readonly attempts: Map<string, number>;
}

/** A rehearsal that begins. */
export function startWalk(act: Derived, proofs: Proofs, mode: Mode): Walk {
  const { stages } = act.world.rollout;
  return { act, proofs, mode, attempts: new Map(stages.map(({ name, attempt }) => [name, attempt])) };
}

/** Brings a stage up with every gate passing. */
export async function promote({ act, proofs, attempts }: Walk, stage: Stage): Promise<Run> {
  const attempt = attempts.get(stage.name) ?? 1;
  const run = await upStep(act, {
    name: `${stage.name}${attempt > 1 ? `, attempt ${attempt}` : ""}, with every gate passing`,
    stack: stage.name,
    expected: "promoted",
    flags: stage.flags,
  });
  for (const [row, { when }] of Object.entries(stage.messages))
    if (when === "before" && heard(act, row)) proofs.add(keyOf(stage.name, row), "sent", "its flip", run.ms);
  return run;
}

/** Whether anybody was sent a message of this row. */
export function heard({ world }: Derived, row: string): boolean {
  return world.webhook.delivered.some(({ subject }) => subject?.includes(` ${row}: `));
}

/** Raises the attempt of a stage, since its last one was stopped. */
export async function nextAttempt({ act, attempts }: Walk, stage: Stage): Promise<number> {
  const attempt = (attempts.get(stage.name) ?? 1) + 1;
  attempts.set(stage.name, attempt);
  await act.world.project.edit(stage.name, ["cutover:stage", "attempt"], attempt);
  return attempt;
}

/** Does all that a promotion waits for: people sign, the abort path is drilled, and what soaks has soaked. */
export async function ready(all: Walk, stage: Stage): Promise<void> {
  const { act, attempts } = all;
  const { world } = act;
  await doStep(act, "every alarm is quiet", () => untilQuiet(world, world.rollout.name));
  const attempt = attempts.get(stage.name) ?? 1;
  await signAll(all, stage, attempt);
  const open = await gatesOf(world, stage.name);
  const undrilled = gatesFor(world.rollout, stage).flatMap(({ id, drill }) =>
    drill && !passes(open.find((gate) => gate.id === id) ?? UNKNOWN) ? [drill.stage] : [],
  );
  for (const path of new Set(undrilled)) await drillStep(act, path);
  if (open.every(passes) && undrilled.length === 0) return;
  await doStep(act, `${stage.name} waits until every gate passes, as cutover status says`, async () => {
    let last = open;
    const held = await untilSo(async () => {
      last = await gatesOf(world, stage.name);
      return last.every(passes) || undefined;
    }, world.sandbox.closing);
    if (held) return;
    const against = last.filter((gate) => !passes(gate)).map(({ id, observed }) => `${id}: ${observed}`);
    throw new UserError(`${stage.name} waited in vain for ${against.join("; ")}`);
  });
}

/** A gate of which nothing is told. */
const UNKNOWN = { outcome: "inconclusive" };

/** What holds already, or is due at the flip alone. */
export const passes = ({ outcome }: { readonly outcome: string }) =>
  outcome === "pass" || outcome === "not-run";

/** Signs all that a stage's promotion asks people for. */
async function signAll({ act }: Walk, stage: Stage, attempt: number): Promise<void> {
  const gates = signOffsFor(act.world.rollout, stage);
  if (gates.length === 0) return;
  await doStep(
    act,
    `${gates.join(", ")} ${gates.length === 1 ? "is" : "are"} signed off for ${stage.name}`,
    async () => {
      for (const gate of gates)
        await sign(act.world, stage.name, { gate, statement: "Looked at, and in order", attempt });
    },
  );
}
