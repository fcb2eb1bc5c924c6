import { PHASES, type Phase } from "../../gates/common";
import type { GateDefinition, StageGates } from "../../gates/gate";
import { isShared } from "../../gates/kinds/shared";
import type { Locate, Problem } from "../../text/problem";
import type { RolloutConfig, StageConfig } from "../config/stackFile";
import type { Stage } from "../rollout";

/** A stage's gates as it asks for them, some by the name of one that the rollout declares. */
type Asked = Readonly<Record<Phase, StageGates>>;
type Gates = Readonly<Record<string, GateDefinition>>;

/** A stage's gates with the rollout's own in the places where it asks for them. What nobody declares is left out. */
export function resolveShared(asked: Asked, gates: Gates): Pick<Stage, Phase> {
  const resolve = (section: StageGates): Gates =>
    Object.fromEntries(
      Object.entries(section).flatMap(([id, gate]): [string, GateDefinition][] => {
        if (!isShared(gate)) return [[id, gate]];
        const shared = Object.hasOwn(gates, id) ? gates[id] : undefined;
        return shared ? [[id, shared]] : [];
      }),
    );
  return { entry: resolve(asked.entry), exit: resolve(asked.exit), smoke: resolve(asked.smoke) };
}

interface Named {
  readonly name: string;
  readonly config: StageConfig;
}

/** What is wrong with shared gates: asked for and not declared, declared and not asked for, or declared twice. */
export function sharedProblems(
  stages: readonly Named[],
  owner: string,
  { gates }: Pick<RolloutConfig, "gates">,
  locate: Locate,
): Problem[] {
  const known = Object.keys(gates);
  const used = new Set<string>();
  const problems: Problem[] = [];
  for (const { name, config } of stages)
    for (const section of PHASES)
      for (const [id, gate] of Object.entries(config[section])) {
        const where = locate(name, ["cutover:stage", section, id]);
        if (isShared(gate)) {
          used.add(id);
          if (!Object.hasOwn(gates, id))
            problems.push({
              where,
              what: "is shared, but no gate of this id is declared in gates: of cutover:rollout",
              remedy: known.length > 0 ? `Shared gates: ${known.join(", ")}` : "Declare it there, or here",
            });
        } else if (Object.hasOwn(gates, id)) {
          used.add(id);
          problems.push({
            where,
            what: `has the id of the shared gate at ${locate(owner, ["cutover:rollout", "gates", id])}`,
            remedy: "Write { source: shared } to mean that one, or choose another id",
          });
        }
      }
  for (const id of known.filter((one) => !used.has(one)))
    problems.push({
      where: locate(owner, ["cutover:rollout", "gates", id]),
      what: "is a shared gate that no stage asks for",
      remedy: "Name it in a stage as { source: shared }, or take it out",
    });
  return problems;
}
