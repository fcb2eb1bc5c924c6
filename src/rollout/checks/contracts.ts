import { allOff, changes, fits, isAtMost, lowersBeyond, nearer, sameFlags } from "../../flags/flags";
import { type Locate, type Problem, tellWhere } from "../../text/problem";
import { downTo, floorOf, predecessorOf, type Rollout, type Stage } from "../rollout";
import { comesDown } from "./down";
import type { Rows } from "./ids";

/** What is wrong with the flags that a stage says it lowers, and with those that it lowers without saying so. */
export function contractProblems(
  stage: Stage,
  stages: readonly Stage[],
  specs: Rollout["flags"],
  locate: Locate,
): Problem[] {
  const at = (...path: string[]) => locate(stage.name, ["cutover:stage", ...path]);
  const contracts = stage.contracts ?? [];
  if (stage.predecessor === undefined)
    return tellWhere(contracts.length > 0, {
      where: at("contracts"),
      what: "the first stage cannot have any: every flag is off in it",
      remedy: "Say it in the stage in which the flag comes down",
    });
  const unknown = contracts
    .filter((flag) => !Object.hasOwn(specs, flag))
    .map((flag) => ({
      where: at("contracts"),
      what: `names ${flag}, which is not a flag of this rollout`,
      remedy: `Correct the name; known flags: ${Object.keys(specs).join(", ")}`,
    }));
  const before = predecessorOf({ stages }, stage);
  if (!before || before === stage) return unknown;
  const list = changes(specs, before.flags, stage.flags);
  const lowered = lowersBeyond([], list);
  const higher = contracts
    .filter((flag) => Object.hasOwn(specs, flag) && !lowered.includes(flag))
    .map((flag) => ({
      where: at("contracts"),
      what: `names ${flag}, which is no lower here than in ${before.name}`,
      remedy: `Take it out, or lower ${flag} under flags`,
    }));
  const unsaid = lowersBeyond(contracts, list).map((flag) => ({
    where: at("flags", flag),
    what: `is lower than in ${before.name}, and the stage does not say so`,
    remedy: `Leave it where it is, or write contracts: [${[...contracts, flag].join(", ")}], if it is meant to come down in this step`,
  }));
  // What is live after an abort has to be a stage's: min(old, new) is off, which neither of the two has.
  const crossing = list.flatMap(({ flag, from, to }) => {
    const spec = specs[flag];
    if (!spec || !fits(spec, from) || !fits(spec, to)) return [];
    const { off } = spec;
    return tellWhere(from !== off && to !== off && nearer(spec, from, to) === off, {
      where: at("flags", flag),
      what: `goes from ${from} to ${to}, over ${off}, which lies between them: an abort would leave it ${off}, and flags that are no stage's`,
      remedy: `Put a stage between ${before.name} and this one, with ${flag}: "${off}" and contracts: [${flag}]`,
    });
  });
  return [...unknown, ...higher, ...unsaid, ...crossing];
}

/** Rows of a stage that only lowers, and whose rollback would find nothing to lower: the stage is below their floor already. */
export function contractRows({ stages, config, locate }: Rows): Problem[] {
  const specs = config.flags;
  return stages.flatMap((stage) =>
    Object.entries(stage.contracts ? stage.abort : {}).flatMap(([row, threshold]): Problem[] => {
      const { action, remind, whenIrreversible } = threshold;
      const undecided = remind?.undecided === "rollback";
      const holds = stage.irreversible && whenIrreversible === "freeze";
      const floor = floorOf({ ...config, stages }, stage, threshold);
      if ((action !== "rollback" && !undecided) || holds || !isAtMost(specs, stage.flags, floor)) return [];
      // Of some flags alone it is told with them. Of one phase below a later stage, it is known where it is in force.
      if (threshold.flags) return [];
      const later = downTo(config, stage, threshold) === "previous";
      if (later && comesDown({ stages, config }, { ...threshold, stage }).length > 0) return [];
      const off = !stage.irreversible && !sameFlags(specs, stage.flags, allOff(specs));
      const page = undecided ? "Take undecided out" : "Write action: page";
      return [
        {
          where: locate(stage.name, [
            ...["cutover:stage", "abort", row],
            ...(undecided ? ["remind", "undecided"] : ["action"]),
          ]),
          what: `would lower nothing: ${stage.name} raises no flag over ${stage.predecessor}, and an abort raises none either`,
          remedy: off ? `${page}, or to: off, if every flag has to come down` : page,
        },
      ];
    }),
  );
}
