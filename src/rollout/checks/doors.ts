import { reaches } from "../../flags/doors";
import {
  brokenRequirements,
  changes,
  entry,
  type FlagSpecs,
  type Flags,
  fits,
  isAtMost,
  lowersBeyond,
  lowerTo,
  rank,
  sameFlags,
  showFlags,
} from "../../flags/flags";
import { PHASES } from "../../gates/common";
import { meant } from "../../text/nearest";
import { type Locate, type Problem, tellAt, tellWhere } from "../../text/problem";
import { DOOR_GATE, doorFloor } from "../doors";
import { floorOf, predecessorOf, type Stage, stagesUpTo } from "../rollout";
import { unfit } from "./flags";
import type { Rows } from "./ids";

/** What is wrong with stages that there is no way back from, and with rows that say what they do behind one. */
export function doorProblems(rows: Rows): Problem[] {
  const { stages, asked, config, locate } = rows;
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
    ...stages.flatMap((stage) => [...untoldDoor(stage, rows), ...belowDoors(stage, rows)]),
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
  const wrong = floorFaults(stage, whole, specs, at("floor"));
  return wrong.length > 0 ? wrong : strandedAt(stage, whole, stages, specs, at("floor"));
}

/** A door whose flags servers may have before anybody went through it: every abort would stop at it. */
function untoldDoor(door: Stage, { stages, config, locate }: Rows): Problem[] {
  if (!door.irreversible) return [];
  const specs = config.flags;
  const had = before(door, stages).flatMap((live) => [
    { flags: live.flags, words: `${live.name} has` },
    ...stagesUpTo({ stages }, live).flatMap((owner) =>
      Object.entries(owner.abort)
        .filter(([, row]) => row.flags)
        .map(([id, row]) => ({
          flags: lowerTo(specs, live.flags, floorOf({ ...config, stages }, owner, row, live)),
          words: `${id} leaves of ${live.name}`,
        })),
    ),
  ]);
  const same = had.find(({ flags }) => reaches(specs, door, flags));
  return tellWhere(same !== undefined, {
    where: locate(door.name, ["cutover:stage", "irreversible"]),
    what: `has no more than what ${same?.words}: nobody could tell whether servers are behind it, and no abort would go below its floor before it is live`,
    remedy: "Change a flag in it that no stage before it has so, such as one of its own",
  });
}

/** Flags of a stage that lie below the floor of a door before it: nothing goes there, says the door. */
function belowDoors(stage: Stage, { stages, config, locate }: Rows): Problem[] {
  const specs = config.flags;
  return before(stage, stages).flatMap(({ name, irreversible }) => {
    if (!irreversible) return [];
    const floor = doorFloor({ flags: specs, stages }, irreversible);
    return lowersBeyond([], changes(specs, floor, stage.flags)).map((flag) => ({
      where: locate(stage.name, ["cutover:stage", "flags", flag]),
      what: `is below the floor of ${name} (${flag} ${floor[flag]}), and once that is live nothing goes below it: ${irreversible.because}`,
      remedy: `Leave ${flag} as it is, or take it out of the floor of ${name}`,
    }));
  });
}

/** The stages before one; where they go round in a circle, without it. */
const before = (stage: Stage, stages: readonly Stage[]) =>
  stagesUpTo({ stages }, predecessorOf({ stages }, stage)).filter((one) => one !== stage);

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

/** A floor that is no stage's flags: no stage goes on from where every abort would end. */
function strandedAt(
  door: Stage,
  floor: Flags,
  stages: readonly Stage[],
  specs: FlagSpecs,
  where: string,
): Problem[] {
  const line = stagesUpTo({ stages }, door);
  const keeping = line.filter(({ flags }) => isAtMost(specs, floor, flags)).map(({ name }) => name);
  return tellWhere(!line.some(({ flags }) => sameFlags(specs, flags, floor)), {
    where,
    what: `is no stage's flags (${showFlags(floor)}): no stage could be promoted from where an abort ends`,
    remedy: `Name a stage that keeps them (${keeping.join(", ")}), or put one with just these flags before ${door.name}`,
  });
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
