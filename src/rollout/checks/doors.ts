import {
  brokenRequirements,
  changes,
  entry,
  type FlagSpecs,
  type Flags,
  fits,
  rank,
  showFlags,
} from "../../flags/flags";
import { PHASES } from "../../gates/common";
import { meant } from "../../text/nearest";
import { type Locate, type Problem, tellAt, tellWhere } from "../../text/problem";
import { DOOR_GATE, doorFloor } from "../doors";
import type { Stage } from "../rollout";
import { unfit } from "./flags";
import type { Rows } from "./ids";

/** What is wrong with stages that there is no way back from, and with rows that say what they do behind one. */
export function doorProblems({ stages, asked, config, locate }: Rows): Problem[] {
  const specs = config.flags;
  const names = asked.flatMap(({ name, config: own }) =>
    PHASES.filter((section) => own.irreversible && Object.hasOwn(own[section], DOOR_GATE)).map(
      (section): Problem => ({
        where: locate(name, ["cutover:stage", section, DOOR_GATE]),
        what: "has the id of the sign-off that an irreversible stage asks for by itself",
        remedy: "Choose another id",
      }),
    ),
  );
  return [
    ...names,
    ...stages.flatMap((stage) => doorFaults(stage, stages, specs, locate)),
    ...(stages.some(({ irreversible }) => irreversible) ? [] : doorless(stages, locate)),
  ];
}

function doorFaults(stage: Stage, stages: readonly Stage[], specs: FlagSpecs, locate: Locate): Problem[] {
  const { irreversible, predecessor } = stage;
  if (!irreversible) return [];
  const at = (...path: string[]) => locate(stage.name, ["cutover:stage", "irreversible", ...path]);
  if (predecessor === undefined)
    return [
      {
        where: at(),
        what: "the first stage cannot be: it raises nothing that there could be no way back from",
        remedy: "Say it in the stage that takes the way back away",
      },
    ];
  const { floor } = irreversible;
  if (typeof floor === "string" && !stages.some(({ name }) => name === floor)) {
    const known = stages.map(({ name }) => name);
    return [
      {
        where: at("floor"),
        what: `names ${floor}, which is no stage of this rollout`,
        remedy: meant(floor, known, `Known stages: ${known.join(", ")}; or write values flag by flag`),
      },
    ];
  }
  const values = typeof floor === "string" ? [] : valueFaults(floor, specs, at);
  if (values.length > 0) return values;
  const whole = doorFloor({ flags: specs, stages }, irreversible);
  return floorFaults(stage, whole, specs, at("floor"));
}

function valueFaults(floor: Flags, specs: FlagSpecs, at: (...path: string[]) => string): Problem[] {
  return Object.entries(floor).flatMap(([flag, value]): Problem[] => {
    const spec = entry(specs, flag);
    if (!spec)
      return [
        {
          where: at("floor", flag),
          what: "is not a flag of this rollout",
          remedy: `Correct the name; known flags: ${Object.keys(specs).join(", ")}`,
        },
      ];
    return fits(spec, value) ? [] : [unfit(spec, value, at("floor", flag))];
  });
}

/** A floor is where an abort can go from here: below, sound, and somewhere. */
function floorFaults(stage: Stage, floor: Flags, specs: FlagSpecs, where: string): Problem[] {
  const wrong = tellAt(where);
  const above = changes(specs, stage.flags, floor).filter(({ direction }) => direction === "raise");
  if (above.length > 0)
    return wrong(
      `lies above the stage's own flags (${above.map(({ flag, from, to }) => `${flag} ${to}, here ${from}`).join("; ")}): an abort raises nothing`,
      "Name this stage or one before it, or write values that are no higher than this stage's",
    );
  if (Object.entries(specs).every(([flag, spec]) => rank(spec, floor[flag] ?? spec.off) === 0))
    return wrong(
      `keeps nothing: ${showFlags(floor)} is every flag off, where an abort goes anyway`,
      "Write what has to stay, or take irreversible out",
    );
  return brokenRequirements(specs, floor).flatMap((broken) =>
    wrong(`is no sound set of flags: ${broken}`, "Keep what the flag requires, too"),
  );
}

function doorless(stages: readonly Stage[], locate: Locate): Problem[] {
  return stages.flatMap(({ name, abort }) =>
    Object.entries(abort).flatMap(([row, { whenIrreversible }]): Problem[] =>
      tellWhere(whenIrreversible !== undefined, {
        where: locate(name, ["cutover:stage", "abort", row, "whenIrreversible"]),
        what: "means nothing: no stage of this rollout is irreversible",
        remedy: "Take it out, or say irreversible: in the stage that there is no way back from",
      }),
    ),
  );
}
