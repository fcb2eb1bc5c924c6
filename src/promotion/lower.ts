import { randomUUID } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { bringDown, restartsOf } from "../abort/bringDown";
import { AppConfigStore, appConfigClient } from "../flags/appConfigStore";
import { showFlags } from "../flags/flags";
import { abort, abortAll } from "../text/command";
import { reasonOf, UserError } from "../text/problem";
import type { Situation } from "./sources";

/**
 * Lowers the flags to this stage's, as an abort does: bound, tried again where something came first, servers started
 * anew, people told. Done before anything is declared, so that no resource, policy or lock of a resource is in the way.
 * Throws a `UserError` that says what to type where the flags may still be up.
 */
export async function lowerNow(
  { rollout, stage, foundation, settings }: Situation,
  reason: string,
): Promise<void> {
  const client = appConfigClient(settings.region);
  try {
    const store = new AppConfigStore(client, { ...foundation.store, strategyId: foundation.strategyId });
    const { outcome, warnings } = await bringDown(store, {
      region: settings.region,
      specs: rollout.flags,
      floor: stage.flags,
      kind: "lower",
      title: reason,
      note: { rollout: rollout.name, stage: stage.name, attempt: stage.attempt, reason, id: randomUUID() },
      formerly: stage.formerly,
      restart: restartsOf(rollout),
    });
    await pulumi.log.info(`Lowered to ${showFlags(outcome.after ?? {})} in ${outcome.ms} ms: ${reason}`);
    for (const warning of warnings) await pulumi.log.warn(warning);
  } catch (error) {
    const place = { rollout: rollout.name, region: settings.region };
    const after = rollout.stages.find(({ predecessor }) => predecessor === stage.name);
    throw new UserError(`THE FLAGS COULD NOT BE LOWERED to ${stage.name}'s:`, [
      {
        where: `stage ${stage.name}`,
        what: reasonOf(error),
        remedy: `Bring them down by hand, now: ${after ? abort(place, after.name) : abortAll(place)}`,
      },
    ]);
  } finally {
    client.destroy();
  }
}
