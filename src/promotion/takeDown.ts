import { field, subject } from "../abort/pages";
import { tellEveryone } from "../abort/tell";
import { showFlags } from "../flags/flags";
import type { Verdict } from "../gates/judge";
import { floorOf, stagesUpTo } from "../rollout/rollout";
import { abort, status } from "../text/command";
import { showDuration } from "../text/duration";
import { reasonOf, UserError } from "../text/problem";
import { bringStageDown } from "./flagStore";
import { placeOf } from "./settings";
import type { Situation } from "./sources";

/** Behind a door nothing came down: whoever is on call has to mend what is up. Returns who could not be told. */
function pageStuck({ rollout, stage, settings }: Situation, reason: string, kept: string): Promise<string[]> {
  const { name } = rollout;
  const place = placeOf(name, settings);
  const text = [
    `${name} ${stage.name}, attempt ${stage.attempt}, was promoted, and did not settle: ${reason}`,
    "",
    field("Done", "nothing was lowered, or not all of it; the attempt is stopped"),
    field("Kept", kept),
    field("Next", `There is no way back: mend what is up, now. How it stands: ${status(place)}`),
  ].join("\n");
  const message = { subject: subject(`Not settled, and flags STAY UP: ${name} ${stage.name}`), text };
  return tellEveryone(settings.region, name, message, ["onCall"]);
}

/** Down to the stage's floor; says in one sentence what happened. Throws where the flags may still be up. */
export async function takeDown(situation: Situation, verdict: Verdict): Promise<string> {
  const { rollout, stage, settings } = situation;
  const { gate: row } = verdict;
  const reason = `${row} (${verdict.title}): ${verdict.observed}; required ${verdict.required}`;
  try {
    const floor = floorOf(rollout, stage);
    const freeze = stagesUpTo(rollout, stage).some(({ abort }) => abort[row]?.whenIrreversible === "freeze");
    const { outcome, warnings } = await bringStageDown(situation, {
      floor,
      exact: true,
      freeze,
      row,
      reason,
    });
    const untold = outcome.kept === undefined ? [] : await pageStuck(situation, reason, outcome.kept);
    const more = [...warnings, ...untold].map((warning) => `. WARNING: ${warning}`).join("");
    const flags = showFlags(outcome.after ?? {});
    const became =
      outcome.kept === undefined
        ? `The flags are down again after ${showDuration(outcome.ms)} (${flags}), and stay down until the attempt rises`
        : `The attempt is stopped, and ${outcome.deployment === undefined ? "THE FLAGS STAY UP" : "NOT EVERY FLAG WENT DOWN"} (${flags}): ${outcome.kept}. Mend it, and raise the attempt`;
    return `${reason}. ${became}${more}`;
  } catch (error) {
    throw new UserError(
      `${stage.name} was promoted, and should have been taken down by ${reason}. THE FLAGS COULD NOT BE TAKEN DOWN:`,
      [
        {
          where: `stage ${stage.name}`,
          what: `may still be live: ${reasonOf(error)}`,
          remedy: `Now: ${abort(placeOf(rollout.name, settings), stage.name)}. Until then, each pulumi up checks it anew`,
        },
      ],
    );
  }
}
