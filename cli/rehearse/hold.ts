import { UserError } from "../../src/text/problem";
import type { CheckView } from "../check/schema";
import { checkOf } from "./command";
import { untilSo } from "./pace";
import { doStep, type Stage } from "./steps";

/**
 * Waits until all that a stage may be left by holds, as `cutover check` says: where runs are quick, too little was
 * measured in the time of one to say anything.
 */
export function holdStep(stage: Stage, stack: string): Promise<void> {
  const { world } = stage;
  return doStep(stage, `${stack} is held until every exit gate passes, as cutover check says`, async () => {
    let last: CheckView | undefined;
    const held = await untilSo(async () => {
      last = await checkOf(world, stack);
      return last.passes || undefined;
    }, world.sandbox.closing);
    if (!held)
      throw new UserError(
        `${stack} was held in vain: ${last ? against(last).join("; ") : "nothing was said"}`,
      );
  });
}

/** What speaks against leaving a stage, a gate each. */
function against({ gates }: Pick<CheckView, "gates">): string[] {
  return gates.flatMap(({ id, outcome, observed, tried }) =>
    outcome === "fail" || outcome === "inconclusive"
      ? [`${id}: ${observed}`]
      : tried?.outcome === "broken"
        ? [`${id} lets pass what is known to be bad: ${tried.observed}`]
        : [],
  );
}
