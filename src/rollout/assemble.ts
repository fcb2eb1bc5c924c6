import type { Locate, Problem } from "../text/problem";
import { flagProblems } from "./checks/flags";
import { inOrder } from "./checks/order";
import { rowProblems } from "./checks/rows";
import { resolveShared, sharedProblems } from "./checks/shared";
import { snapshotProblems, stageProblems } from "./checks/stages";
import { withRelease } from "./config/release";
import { withSignals } from "./config/signal";
import { topicsApart } from "./config/topics";
import { DOOR_GATE, doorGate } from "./doors";
import type { Rollout, StackConfig, Stage } from "./rollout";

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
    const gates = resolveShared(stack.stage, config.gates);
    const { irreversible, predecessor } = stack.stage;
    const stage = {
      name: stack.stack,
      ...stack.stage,
      ...gates,
      ...(irreversible && predecessor !== undefined
        ? { entry: { [DOOR_GATE]: doorGate(irreversible), ...gates.entry } }
        : {}),
      abort: withSignals(config.name, stack.stage.abort, stack.stage.reconcile),
      messages: withRelease(stack.stage.messages, config.release),
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
  for (const stage of stages) problems.push(...snapshotProblems(stage, config.database, locate));
  const asked = stacks.flatMap(({ stack, stage }) => (stage ? [{ name: stack, config: stage }] : []));
  problems.push(...sharedProblems(asked, owner.stack, config, locate));
  problems.push(...rowProblems({ stages, asked, owner: owner.stack, config, locate }));

  const [first, ...rest] = order.stages;
  if (problems.length > 0 || !first) return { ok: false, problems };
  const { gates: _, ...rollout } = config;
  return { ok: true, rollout: { ...rollout, ...topicsApart(rollout.topics), stages: [first, ...rest] } };
}
