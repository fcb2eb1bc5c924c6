import type { Locate, Problem } from "../../text/problem";
import type { Stage } from "../rollout";

/** Stages from first to last by their predecessors, and what keeps them from standing in one line. */
export function inOrder(
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
