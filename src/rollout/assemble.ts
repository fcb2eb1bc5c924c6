import {
  allOff,
  brokenRequirements,
  changes,
  direction,
  fits,
  requiredFlag,
  sameFlags,
} from "../flags/flags";
import { withSignals } from "../probe/rows";
import type { Problem } from "../text/problem";
import { rowProblems } from "./checks/rows";
import { resolveShared, sharedProblems } from "./checks/shared";
import { name } from "./config/stackFile";
import type { Rollout, StackConfig, Stage } from "./rollout";

/** Where something is written: turned into file, line and YAML path by whoever knows the files. */
export type Locate = (stack: string, path: readonly (string | number)[]) => string;

export type Assembled =
  | { readonly ok: true; readonly rollout: Rollout }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Puts the stacks of one project together into a rollout. Reports every problem that the stacks have between
 * them at once: flags that nobody declared, stages out of order, rows declared twice.
 */
export function assemble(stacks: readonly StackConfig[], locate: Locate): Assembled {
  const problems: Problem[] = [];
  const owners = stacks.filter((stack) => stack.rollout);
  const owner = owners[0];
  if (!owner?.rollout) {
    return {
      ok: false,
      problems: [
        {
          where: locate("", []),
          what: "no stack declares cutover:rollout",
          remedy: "Declare it in the first stage's stack file, such as Pulumi.baseline.yaml",
        },
      ],
    };
  }
  for (const other of owners.slice(1)) {
    problems.push({
      where: locate(other.stack, ["cutover:rollout"]),
      what: `the rollout is declared twice: ${owner.stack} declares it too`,
      remedy: "Keep it in the first stage's stack only",
    });
  }
  const config = owner.rollout;
  const stages = stacks.flatMap((stack): Stage[] => {
    if (!stack.stage) return [];
    const stage = {
      name: stack.stack,
      ...stack.stage,
      ...resolveShared(stack.stage, config.gates),
      abort: withSignals(config.name, stack.stage.abort),
    };
    if (stack !== owner || stage.predecessor === undefined) return [stage];
    problems.push({
      where: locate(stack.stack, ["cutover:stage", "predecessor"]),
      what: `is ${stack.stage.predecessor}, but ${stack.stack} declares the rollout and so is the first stage`,
      remedy: "Remove predecessor, or move cutover:rollout to the first stage's stack",
    });
    return [{ ...stage, predecessor: undefined }];
  });
  problems.push(...flagProblems(owner.stack, config.flags, locate));

  const order = inOrder(stages, owner.stack, locate);
  problems.push(...order.problems);
  for (const stage of stages) problems.push(...stageProblems(stage, stages, config.flags, locate));
  const asked = stacks.flatMap(({ stack, stage }) => (stage ? [{ name: stack, config: stage }] : []));
  problems.push(...sharedProblems(asked, owner.stack, config, locate));
  problems.push(...rowProblems({ stages, asked, owner: owner.stack, config, locate }));

  const [first, ...rest] = order.stages;
  if (problems.length > 0 || !first) return { ok: false, problems };
  const { gates: _, ...rollout } = config;
  return { ok: true, rollout: { ...rollout, stages: [first, ...rest] } };
}

function flagProblems(stack: string, specs: Rollout["flags"], locate: Locate): Problem[] {
  return Object.entries(specs).flatMap(([flag, spec]): Problem[] => {
    const where = locate(stack, ["cutover:rollout", "flags", flag]);
    const found: Problem[] = [];
    if (!fits(spec, spec.off))
      found.push({
        where,
        what: `off must be a ${spec.kind}, got ${spec.off}`,
        remedy: spec.kind === "boolean" ? "Write off: false" : "Write off: 0",
      });
    // From a value in between, both ways would lead up, and a change across it would be neither up nor down.
    else if (typeof spec.off === "number" && spec.off !== 0 && spec.off !== 100)
      found.push({ where, what: `off must be 0 or 100, got ${spec.off}`, remedy: "Write off: 0" });
    for (const requirement of spec.requires) {
      const needed = requiredFlag(requirement);
      const other = Object.hasOwn(specs, needed) ? specs[needed] : undefined;
      if (!other)
        found.push({
          where,
          what: `requires ${needed}, which is not declared`,
          remedy: `Declare it, or correct the name; known flags: ${Object.keys(specs).join(", ")}`,
        });
      else if (typeof requirement !== "string" && other.kind !== "percentage")
        found.push({
          where,
          what: `requires ${needed} at ${requirement.atLeast} or more, but that is a boolean`,
          remedy: `Write requires: [${needed}]`,
        });
    }
    if (requiresItself(specs, flag))
      found.push({
        where,
        what: "requires itself, directly or through others",
        remedy: "Break the circle: a flag may only require flags that can be raised before it",
      });
    return found;
  });
}

function requiresItself(specs: Rollout["flags"], flag: string): boolean {
  const visited = new Set<string>();
  const queue = (specs[flag]?.requires ?? []).map(requiredFlag);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next === flag) return true;
    if (visited.has(next)) continue;
    visited.add(next);
    queue.push(...(specs[next]?.requires ?? []).map(requiredFlag));
  }
  return false;
}

/** Stages from first to last by their predecessors, and what keeps them from standing in one line. */
function inOrder(
  stages: readonly Stage[],
  owner: string,
  locate: Locate,
): { stages: Stage[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const at = (stage: Stage) => locate(stage.name, ["cutover:stage", "predecessor"]);
  const successors = new Map<string, Stage[]>();
  for (const stage of stages) {
    if (stage.predecessor === undefined) {
      if (stage.name !== owner)
        problems.push({
          where: at(stage),
          what: "is missing",
          remedy: `Name the stage before this one; only ${owner}, which declares the rollout, has none`,
        });
    } else if (!byName.has(stage.predecessor)) {
      problems.push({
        where: at(stage),
        what: `names ${stage.predecessor}, for which there is no stack file with a cutover:stage`,
        remedy: `Known stages: ${[...byName.keys()].join(", ")}`,
      });
    } else {
      successors.set(stage.predecessor, [...(successors.get(stage.predecessor) ?? []), stage]);
    }
  }
  if (!byName.has(owner))
    problems.push({
      where: locate(owner, ["cutover:stage"]),
      what: "is missing",
      remedy: "Declare the first stage beside cutover:rollout, with every flag at its off value",
    });
  for (const [name, after] of successors) {
    if (after.length > 1)
      problems.push({
        where: at(after[1] as Stage),
        what: `${after.map((stage) => stage.name).join(" and ")} both follow ${name}`,
        remedy: "Put the stages in one line: each follows another",
      });
  }
  const line: Stage[] = [];
  for (let stage = byName.get(owner); stage && !line.includes(stage); stage = successors.get(stage.name)?.[0])
    line.push(stage);
  const adrift = stages.filter(
    (stage) => !line.includes(stage) && stage.predecessor !== undefined && byName.has(stage.predecessor),
  );
  const circle = adrift.filter((stage) => leadsBackTo(stage, byName));
  if (circle.length > 0) {
    problems.push({
      where: at(circle[0] as Stage),
      what:
        circle.length === 1
          ? "is the stage itself"
          : `${circle.map((stage) => stage.name).join(" and ")} follow each other in a circle`,
      remedy: `Let the chain of predecessors end at ${owner}`,
    });
  }
  return { stages: line, problems };
}

function leadsBackTo(stage: Stage, byName: ReadonlyMap<string, Stage>): boolean {
  const visited = new Set<string>();
  for (
    let next = stage.predecessor;
    next !== undefined && !visited.has(next);
    next = byName.get(next)?.predecessor
  ) {
    if (next === stage.name) return true;
    visited.add(next);
  }
  return false;
}

function stageProblems(
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
  for (const [flag, value] of Object.entries(stage.flags)) {
    const spec = Object.hasOwn(specs, flag) ? specs[flag] : undefined;
    if (!spec)
      problems.push({
        where: at("flags", flag),
        what: "is not a flag of this rollout",
        remedy: `Correct the name, or declare it; known flags: ${Object.keys(specs).join(", ")}`,
      });
    else if (!fits(spec, value))
      problems.push({
        where: at("flags", flag),
        what: `must be a ${spec.kind}, got ${value}`,
        remedy: spec.kind === "boolean" ? "Write true or false" : "Write a whole number from 0 to 100",
      });
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
      remedy: "Raise the required flag in this stage or an earlier one",
    });

  if (stage.predecessor === undefined) {
    if (!sameFlags(specs, stage.flags, allOff(specs)))
      problems.push({
        where: at("flags"),
        what: "the first stage raises a flag",
        remedy: "Every flag must be off in the first stage; add a stage for what is raised",
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
  const before = stages.find((other) => other.name === stage.predecessor);
  if (!before || before === stage) return problems;
  const way = direction(changes(specs, before.flags, stage.flags));
  if (way !== "raise") {
    const what = way === "none" ? "are the same as the predecessor's" : `lower a flag against ${before.name}`;
    problems.push({
      where: at("flags"),
      what,
      remedy: "A stage raises at least one flag over its predecessor and lowers none",
    });
  }
  const soaks = Object.values(stage.entry).some((gate) => gate.source === "soak");
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
      if (gate.source === "soak" && gate.atLeast === undefined)
        problems.push({
          where: at("entry", id),
          what: `waits for nothing: neither the gate nor ${before.name} says how long`,
          remedy: `Write atLeast here, or soak in ${before.name}`,
        });
    }
  }
  return problems;
}
