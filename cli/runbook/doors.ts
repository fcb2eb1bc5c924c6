import { abortsOf } from "../../src/abort/inForce";
import { changes, showValue } from "../../src/flags/flags";
import { doorsUpTo } from "../../src/rollout/doors";
import type { Rollout, Stage } from "../../src/rollout/rollout";
import { type Place, release } from "../../src/text/command";
import { quoted as code, shell, words as text } from "../../src/text/markdown";

/** The first section of a stage behind a door, its own or an earlier one: what is no way back, and what there is to do. */
export function doorSection(rollout: Rollout, stage: Stage, place: Place): string[] {
  const doors = doorsUpTo(rollout, stage);
  if (doors.length === 0) return [];
  const frozen = abortsOf(rollout, stage).filter(({ behindDoor }) => behindDoor === "freeze");
  const rows = frozen.map(({ row }) => text(row)).join(", ");
  return [
    "## There is no way back",
    "",
    ...doors.map(({ stage: name, because, floor }) => {
      const stay = changes(rollout.flags, {}, floor).map(({ flag, to }) => `${code(flag)} ${showValue(to)}`);
      return `- Once ${text(name)} is live, nothing goes below ${stay.join(", ")}: **${text(because)}**`;
    }),
    "",
    `So it is for every abort below, for ${code("--all")} and for a lowering in config: what is at the floor stays, the stop is recorded, on-call is paged. Mend what is up.`,
    ...(frozen.length === 0
      ? []
      : [
          "",
          `${rows} ${frozen.length === 1 ? "freezes" : "freeze"}: no flag moves at all, and the rollout is held. Once somebody has looked:`,
          "",
          ...shell([release(place)]),
        ]),
    "",
  ];
}
