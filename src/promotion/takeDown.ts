import { showFlags } from "../flags/flags";
import type { Verdict } from "../gates/judge";
import { floorOf, stagesUpTo } from "../rollout/rollout";
import { abort } from "../text/command";
import { showDuration } from "../text/duration";
import { reasonOf, UserError } from "../text/problem";
import { placeOf } from "./settings";
import type { Situation } from "./sources";
import { NOT_SETTLED, takeBack } from "./takeBack";

/** Down to the stage's floor; says in one sentence what happened. Throws where the flags may still be up. */
export async function takeDown(situation: Situation, verdict: Verdict): Promise<string> {
  const { rollout, stage, settings } = situation;
  const { gate: row } = verdict;
  const reason = `${row} (${verdict.title}): ${verdict.observed}; required ${verdict.required}`;
  try {
    const floor = floorOf(rollout, stage);
    const freeze = stagesUpTo(rollout, stage).some(({ abort }) => abort[row]?.whenIrreversible === "freeze");
    const down = { floor, exact: true, freeze, row, reason };
    const { outcome, warnings } = await takeBack(situation, down, NOT_SETTLED);
    const more = warnings.map((warning) => `. WARNING: ${warning}`).join("");
    const flags = showFlags(outcome.after ?? {});
    const became =
      outcome.kept === undefined
        ? `The flags are down again after ${showDuration(outcome.ms)} (${flags}), and stay down until the attempt rises`
        : `The attempt is stopped, and ${outcome.deployment === undefined ? "THE FLAGS STAY UP" : "NOT EVERY FLAG WENT DOWN"} (${flags}): ${outcome.kept}. Mend it, and raise the attempt`;
    return `${reason}. ${became}${more}`;
  } catch (error) {
    throw new UserError(
      `${stage.name} was promoted, and should have been taken down by ${reason}. THE FLAGS COULD NOT BE TAKEN DOWN:`,
      {
        where: `stage ${stage.name}`,
        what: `may still be live: ${reasonOf(error)}`,
        remedy: `Now: ${abort(placeOf(rollout.name, settings), stage.name)}. Until then, each pulumi up checks it anew`,
      },
    );
  }
}
