import type { BroughtDown } from "../abort/bringDown";
import { floorIn } from "../abort/inForce";
import { tellEveryone } from "../abort/tellEveryone";
import { field, subjectOf } from "../channels/plain";
import { existingArns } from "../rollout/topics";
import { status } from "../text/command";
import { bringStageDown, type Down } from "./flagStore";
import { placeOf } from "./settings";
import type { Situation } from "./sources";

/** What is taken back, as people read it. */
export interface TakenBack {
  /** The beginning of a subject: `Not settled`. */
  readonly title: string;
  /** What became of the stage, after its name: `was promoted, and did not settle`. */
  readonly became: string;
}

export const NOT_SETTLED: TakenBack = { title: "Not settled", became: "was promoted, and did not settle" };
export const NOT_FINISHED: TakenBack = {
  title: "Not finished",
  became: "was finished, and that is taken back",
};

/**
 * Takes back what just went up or was just finished: brings flags down in the name of a stage. Behind a door something
 * stays up: whoever is on call has to mend it, and is paged; who could not be is among the warnings. Throws where the
 * flags may still be up.
 */
export async function takeBack(situation: Situation, down: Down, what: TakenBack): Promise<BroughtDown> {
  const { outcome, warnings } = await bringStageDown(situation, down);
  const { rollout, stage } = situation;
  // Of a stage that only contracts nothing can be lowered either: somebody has to look all the same.
  const contracted = outcome.deployment === undefined && floorIn(rollout, stage, down.floor).kept;
  const kept = outcome.kept ?? (contracted || undefined);
  if (kept === undefined) return { outcome, warnings };
  const untold = await pageStuck(situation, down.reason, kept, what, outcome.kept !== undefined);
  return { outcome: { ...outcome, kept }, warnings: [...warnings, ...untold] };
}

/** Returns who could not be told. */
function pageStuck(
  { rollout, stage, settings }: Situation,
  reason: string,
  kept: string,
  { title, became }: TakenBack,
  final: boolean,
): Promise<string[]> {
  const { name } = rollout;
  const text = [
    `${name} ${stage.name}, attempt ${stage.attempt}, ${became}: ${reason}`,
    "",
    field("Done", "nothing was lowered, or not all of it; the attempt is stopped"),
    field("Kept", kept),
    field(
      "Next",
      `${final ? "There is no way back: mend" : "No abort goes further: mend"} what is up, now. How it stands: ${status(placeOf(name, settings))}`,
    ),
  ].join("\n");
  const message = {
    subject: subjectOf(`${title}, and flags STAY UP: ${name} ${stage.name}`),
    text,
    attributes: { kind: "stays-up", rollout: name, stage: stage.name },
  } as const;
  return tellEveryone(settings.region, { name, existing: existingArns(rollout) }, message, ["onCall"]);
}
