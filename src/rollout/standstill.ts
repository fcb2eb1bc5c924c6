import { ALL_STAGES, type Ledger, showEntry } from "../flags/ledger";
import { short } from "../text/command";
import type { Problem } from "../text/problem";
import type { Rollout, Stage } from "./rollout";
import { holdOn, unknownStages } from "./stops";

/** What lets nothing go up, whatever the stage. */
export function standstill(rollout: Rollout, stage: Stage, ledger: Ledger): Problem[] {
  const { live, history, cutAt } = ledger;
  const where = `stage ${stage.name}`;
  const problems: Problem[] = [];
  const underWay = history.find((entry) => entry.state === "under-way");
  if (underWay)
    problems.push({
      where,
      what: `deployment ${underWay.deployment} (${showEntry(underWay)}) is under way`,
      remedy: "Wait until AppConfig has completed it, or stop it, then run pulumi up again",
    });
  if (!live && !underWay)
    problems.push({
      where,
      what: "no flags are live yet",
      remedy: `Bring the first stage up: ${short.ofStack("up", rollout.stages[0].name)}`,
    });
  problems.push(...holdProblem(rollout, stage, ledger));
  if (cutAt !== undefined)
    problems.push({
      where: "ledger",
      what: `was read back to deployment ${cutAt} and no further: what was stopped before is not known`,
      remedy: "Go on under another rollout name, with a flag store of its own; lowering works as before",
    });
  for (const name of unknownStages(rollout, ledger))
    problems.push({
      where: "ledger",
      what: `knows a stage ${name}, which no stack file declares`,
      remedy: `If a stage was renamed, say so in its config (formerly: [${name}]), so that its stops still count`,
    });
  return problems;
}

/** Who holds a stage, where it is held. */
export function holdProblem(rollout: Rollout, stage: Stage, ledger: Ledger): Problem[] {
  const hold = holdOn(rollout, stage, ledger);
  if (!hold) return [];
  const { by, reason } = hold.note ?? {};
  const every = hold.note?.stage === ALL_STAGES;
  return [
    {
      where: `stage ${stage.name}`,
      what: `is held since ${hold.completedAt ?? "a moment ago"}${by ? ` by ${by}` : ""} (deployment ${hold.deployment})${reason ? `: ${reason}` : ""}`,
      remedy: `Nothing is raised until it is released: ${short.release(every ? undefined : stage.name)}`,
    },
  ];
}
