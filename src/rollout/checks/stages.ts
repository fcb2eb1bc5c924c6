import { allOff, brokenRequirements, entry, fits, sameFlags } from "../../flags/flags";
import { ALL_STAGES } from "../../flags/ledger";
import { kindOf } from "../../gates/gate";
import { short } from "../../text/command";
import { type Locate, type Problem, tellWhere } from "../../text/problem";
import { name } from "../config/stackFile";
import { predecessorOf, type Rollout, type Stage } from "../rollout";
import { contractProblems } from "./contracts";
import { unfit } from "./flags";

/** What is wrong with one stage beside the stages around it: its flags, its soak, and what the first stage cannot have. */
export function stageProblems(
  stage: Stage,
  stages: readonly Stage[],
  specs: Rollout["flags"],
  locate: Locate,
): Problem[] {
  const at = (...path: string[]) => locate(stage.name, ["cutover:stage", ...path]);
  const problems: Problem[] = [];
  if (!name.safeParse(stage.name).success)
    problems.push({
      where: locate(stage.name, ["cutover:stage"]),
      what: "cannot be a stage under this name",
      remedy: "Rename the stack: a lower-case letter, then up to 31 letters, digits or dashes",
    });
  problems.push(...nameProblems(stage, stages, locate));
  for (const [flag, value] of Object.entries(stage.flags)) {
    const spec = entry(specs, flag);
    if (!spec)
      problems.push({
        where: at("flags", flag),
        what: "is not a flag of this rollout",
        remedy: `Correct the name, or declare it; known flags: ${Object.keys(specs).join(", ")}`,
      });
    else if (!fits(spec, value)) problems.push(unfit(spec, value, at("flags", flag)));
  }
  for (const flag of Object.keys(specs)) {
    if (!Object.hasOwn(stage.flags, flag))
      problems.push({
        where: at("flags"),
        what: `does not say what ${flag} is`,
        remedy: "Give every flag a value: all of them change together",
      });
  }
  for (const broken of brokenRequirements(specs, stage.flags))
    problems.push({
      where: at("flags"),
      what: broken,
      remedy: stage.contracts
        ? "Contract what requires it, too, or leave the required flag up"
        : "Raise the required flag in this stage or an earlier one",
    });

  problems.push(...contractProblems(stage, stages, specs, locate));

  if (stage.predecessor === undefined) {
    if (!sameFlags(specs, stage.flags, allOff(specs)))
      problems.push({
        where: at("flags"),
        what: "the first stage raises a flag",
        remedy: "Every flag must be off in the first stage; add a stage for what is raised",
      });
    if (stage.lower)
      problems.push({
        where: at("lower"),
        what: "lowers nothing in the first stage, which is brought up once",
        remedy: `Bring every flag down with ${short.abortAll()}`,
      });
    for (const key of ["entry", "abort"] as const) {
      if (Object.keys(stage[key]).length > 0)
        problems.push({
          where: at(key),
          what: "the first stage cannot have one: it raises nothing",
          remedy:
            key === "entry"
              ? "Move the gates to this stage's exit, or to the next stage's entry"
              : "Move the thresholds to the stage that raises the flag",
        });
    }
    return problems;
  }
  const before = predecessorOf({ stages }, stage);
  if (!before || before === stage) return problems;
  if (sameFlags(specs, before.flags, stage.flags))
    problems.push({
      where: at("flags"),
      what: "are the same as the predecessor's",
      remedy: "A stage raises at least one flag over its predecessor, or lowers one that it contracts",
    });
  const soaks = Object.values(stage.entry).some((gate) => kindOf(gate).soaks);
  if (before.soak !== undefined && !soaks) {
    problems.push({
      where: at("entry"),
      what: `has no gate with source: soak, though ${before.name} soaks for ${before.soak}`,
      remedy: "Add one under the row's id",
    });
  }
  if (before.soak === undefined && before.predecessor !== undefined) {
    problems.push({
      where: locate(before.name, ["cutover:stage", "soak"]),
      what: `is missing, though ${stage.name} follows`,
      remedy: "Say how long the stage must have been live before the next one, such as soak: 24h",
    });
  } else if (before.soak === undefined) {
    for (const [id, gate] of Object.entries(stage.entry)) {
      if (kindOf(gate).soaks?.(gate, before.soak).length === 0)
        problems.push({
          where: at("entry", id),
          what: `waits for nothing: neither the gate nor ${before.name} says how long`,
          remedy: `Write atLeast here, or soak in ${before.name}`,
        });
    }
  }
  return problems;
}

/** Said of a name that every object of JavaScript has by itself, such as `constructor`. */
export const NOT_A_NAME = { what: "is a name that nothing can have", remedy: "Choose another" } as const;

/** Names by which the ledger could take a stage for another, or for all of them. */
function nameProblems(stage: Stage, stages: readonly Stage[], locate: Locate): Problem[] {
  const problems: Problem[] = [];
  if (stage.name in Object.prototype)
    problems.push({ where: locate(stage.name, ["cutover:stage"]), ...NOT_A_NAME });
  if (stage.name === ALL_STAGES)
    problems.push({
      where: locate(stage.name, ["cutover:stage"]),
      what: `cannot be called ${ALL_STAGES}: the ledger calls every stage at once so`,
      remedy: "Rename the stack",
    });
  const alike = stages.find(
    (other) => other.name !== stage.name && other.name.toLowerCase() === stage.name.toLowerCase(),
  );
  if (alike)
    problems.push({
      where: locate(stage.name, ["cutover:stage"]),
      what: `differs from ${alike.name} by case alone: RDS would take the snapshot of one for the other's`,
      remedy: "Rename one of the two stacks",
    });
  for (const former of new Set(stage.formerly)) {
    const sharing = stages.find((other) => other !== stage && other.formerly?.includes(former));
    const what =
      former === ALL_STAGES
        ? `names ${ALL_STAGES}, which the ledger calls every stage at once`
        : stages.some(({ name }) => name === former)
          ? `names ${former === stage.name ? "the stage itself" : `the stage ${former}`}, whose promotions and stops are its own`
          : sharing &&
            `names ${former}, and so does ${sharing.name}: what the ledger says of it is one stage's`;
    if (what !== undefined)
      problems.push({
        where: locate(stage.name, ["cutover:stage", "formerly"]),
        what,
        remedy: `Remove ${former}; only a name that this stage alone had before belongs here`,
      });
  }
  return problems;
}

/** A name that config gives to the snapshot's database has to be the one that the gates go by. */
export function snapshotProblems(
  { name: stage, snapshot }: Stage,
  database: Rollout["database"],
  locate: Locate,
): Problem[] {
  const said = snapshot?.reachedAs?.host;
  return tellWhere(said !== undefined && said !== database?.host, {
    where: locate(stage, ["cutover:stage", "snapshot", "reachedAs", "host"]),
    what: database
      ? `is ${said}, and the gates read ${database.host}`
      : `is ${said}, and no gate reads a database`,
    remedy: database
      ? "Write it as database.host in cutover:rollout has it, or take reachedAs out"
      : "Take reachedAs out, or add database: to cutover:rollout",
  });
}
