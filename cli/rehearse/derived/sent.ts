import type { Stage } from "../../../src/rollout/rollout";
import { untilSo } from "../pace";
import { checkStep } from "../steps";
import { heard, type Walk } from "./promote";

/** When a message that a schedule sends goes out. */
type Timed = Extract<Stage["messages"][string]["when"], object>;

/**
 * What is sent by a schedule was sent by now, or is waited for.
 *
 * @param which of those that nobody was sent yet
 */
export async function sentStep(
  { act, proofs }: Pick<Walk, "act" | "proofs">,
  which: (when: Timed, stage: string) => boolean,
): Promise<void> {
  const { closing } = act.world.sandbox;
  const { stages } = act.world.rollout;
  const timed = proofs.rows.filter(({ section, stage, id, key }) => {
    const when = stages.find(({ name }) => name === stage)?.messages[id]?.when;
    return section === "messages" && typeof when === "object" && !proofs.has(key) && which(when, stage);
  });
  if (timed.length === 0) return;
  await checkStep(act, `${timed.map(({ id }) => id).join(", ")} went out by schedule`, async () => {
    const started = Date.now();
    const missing = () => timed.filter(({ id }) => !heard(act, id)).map(({ id }) => id);
    await untilSo(async () => missing().length === 0 || undefined, closing);
    for (const { key, id } of timed)
      if (heard(act, id)) proofs.add(key, "sent", "its schedule", Date.now() - started);
    return missing().length === 0 ? undefined : `nobody was sent ${missing().join(", ")}`;
  });
}
