import * as pulumi from "@pulumi/pulumi";
import { showFlags } from "../flags/flags";
import { abort, abortAll } from "../text/command";
import { reasonOf, UserError } from "../text/problem";
import { bringStageDown } from "./flagStore";
import { placeOf } from "./settings";
import type { Situation } from "./sources";

/**
 * Lowers the flags to this stage's, as an abort does: bound, tried again where something came first, servers started
 * anew, people told. Done before anything is declared, so that no resource, policy or lock of a resource is in the way.
 * Throws a `UserError` that says what to type where the flags may still be up.
 */
export async function lowerNow(situation: Situation, reason: string): Promise<void> {
  const { rollout, stage, settings } = situation;
  try {
    const { outcome, warnings } = await bringStageDown(situation, {
      floor: stage.flags,
      kind: "lower",
      reason,
    });
    await pulumi.log.info(`Lowered to ${showFlags(outcome.after ?? {})} in ${outcome.ms} ms: ${reason}`);
    for (const warning of warnings) await pulumi.log.warn(warning);
  } catch (error) {
    const place = placeOf(rollout.name, settings);
    const after = rollout.stages.find(({ predecessor }) => predecessor === stage.name);
    throw new UserError(`THE FLAGS COULD NOT BE LOWERED to ${stage.name}'s:`, {
      where: `stage ${stage.name}`,
      what: reasonOf(error),
      remedy: `Bring them down by hand, now: ${after ? abort(place, after.name) : abortAll(place)}`,
    });
  }
}
