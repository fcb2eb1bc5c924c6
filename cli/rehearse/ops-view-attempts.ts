import { UserError } from "../../src/text/problem";
import { statusOf } from "./command";
import { type OpsViewWorld, WRITE } from "./ops-view-world";
import { sleepUntil } from "./pace";
import { sign } from "./sign";
import { doStep, type Stage, upStep } from "./steps";

/** A new attempt of stage B with its sign-offs, once what is live has soaked. */
export async function signedAttempt(stage: Stage<OpsViewWorld>, attempt: number): Promise<void> {
  const { world } = stage;
  await world.project.edit("stageB", ["cutover:stage", "attempt"], attempt);
  await doStep(stage, `attempt ${attempt} of stageB is signed off`, () => signOff(world, attempt));
  await soakStep(stage, "the soak of stageA passes once more");
}

/** The same, promoted. */
export async function attemptAgain(stage: Stage<OpsViewWorld>, attempt: number): Promise<void> {
  await signedAttempt(stage, attempt);
  await upStep(stage, {
    name: `stageB, attempt ${attempt}`,
    stack: "stageB",
    expected: "promoted",
    flags: WRITE,
  });
}

/** Waits until stage A has soaked, as its status says. */
export function soakStep(stage: Stage<OpsViewWorld>, name: string): Promise<void> {
  const { world } = stage;
  return doStep(stage, name, async () => {
    const { stages } = await statusOf(world);
    const ends = stages.find((one) => one.name === "stageA")?.soakEnds;
    if (ends === undefined)
      throw new UserError("cutover status does not say when the soak of stageA is over");
    await sleepUntil(ends, world.sandbox.closing);
  });
}

/** What a promotion of stage B waits for from people. */
export async function signOff(world: OpsViewWorld, attempt: number): Promise<void> {
  const statements = { B3: "No incident is open", E4: "Support knows of no anomaly" };
  for (const [gate, statement] of Object.entries(statements))
    await sign(world, "stageB", { gate, statement, attempt });
}
