import type { ClientBase } from "pg";
import type { Rollout } from "../../../src/rollout/rollout";
import { type Edits, editStatements, editsFor, rowsOfEdits } from "./edits";
import { findSpoiled, notGood, type Spoiled, type Trying } from "./find";
import { type Findings, withTwins } from "./findings";
import { declareFunctions } from "./functions";
import { World } from "./world";

/**
 * Finds edits after which a question that reads tables of their owner's is answered badly, from what stands in them now.
 * Within a transaction that is rolled back.
 */
export async function findEdits(
  client: ClientBase,
  id: string,
  rollout: Rollout,
  { live, tables, pools }: Findings,
  timeScale: number,
): Promise<Spoiled<Edits> | undefined> {
  for (const { component, twins } of live) {
    const own = component.find(({ question }) => twins.get(question.id)?.some((twin) => twin.id === id));
    if (!own) continue;
    await declareFunctions(client, rollout);
    const world = await World.open(client, [], timeScale);
    const trying: Trying<Edits> = {
      world,
      lay: (edits, drift) => world.lay(editStatements(edits, tables, drift), rowsOfEdits(edits)),
      moves: (edits, hints) => editsFor(edits, hints, pools),
    };
    await trying.lay([], 0);
    const bad = new Set(await notGood(component, world));
    const others = component.filter((one) => one !== own && !bad.has(one));
    const found = await findSpoiled(own, others, [], trying);
    return found && { ...found, also: withTwins({ ...own.question, id }, found.also, twins) };
  }
  return undefined;
}

/** Whether a question reads tables that were there before. */
export function isLive(id: string, { live }: Pick<Findings, "live">): boolean {
  return live.some(({ component, twins }) =>
    component.some(({ question }) => twins.get(question.id)?.some((twin) => twin.id === id)),
  );
}
