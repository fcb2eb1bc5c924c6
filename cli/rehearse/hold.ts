import { UserError } from "../../src/text/problem";
import { type CommandResult, runCutover } from "./command";
import { untilSo } from "./pace";
import { doStep, type Stage } from "./steps";

/**
 * Waits until all that a stage may be left by holds, as `cutover check` says: where runs are quick, too little was
 * measured in the time of one to say anything.
 */
export function holdStep(stage: Stage, stack: string): Promise<void> {
  const { world } = stage;
  return doStep(stage, `${stack} is held until every exit gate passes, as cutover check says`, async () => {
    let last: CommandResult | undefined;
    const held = await untilSo(async () => {
      last = await runCutover(world, ["check", "-s", stack]);
      return last.code === 0 || undefined;
    }, world.sandbox.closing);
    if (!held)
      throw new UserError(`${stack} was held in vain: ${last?.stderr.trim() || last?.stdout.trim()}`);
  });
}
