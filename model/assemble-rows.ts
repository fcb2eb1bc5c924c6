import type { Locate } from "./assemble";
import type { RolloutConfig } from "./config";
import type { Problem } from "./problem";
import { placeholders, type Stage } from "./rollout";

/** What is wrong with gates and rows across stages: ids used twice, parameters nobody declared, no database. */
export function rowProblems(stages: readonly Stage[], config: RolloutConfig, locate: Locate): Problem[] {
  return [
    ...duplicateRows(stages, locate),
    ...stages.flatMap((stage) => gateProblems(stage, config, locate)),
  ];
}

function duplicateRows(stages: readonly Stage[], locate: Locate): Problem[] {
  const first = new Map<string, string>();
  return stages.flatMap((stage) =>
    (["entry", "exit", "abort"] as const).flatMap((section) =>
      Object.keys(stage[section]).flatMap((id): Problem[] => {
        const where = locate(stage.name, ["cutover:stage", section, id]);
        const earlier = first.get(id);
        if (earlier === undefined) {
          first.set(id, where);
          return [];
        }
        return [
          {
            where,
            what: `the row id ${id} is used twice, first at ${earlier}`,
            remedy: "Row ids are unique in a rollout: reports and alarms are named by them",
          },
        ];
      }),
    ),
  );
}

function gateProblems(stage: Stage, config: RolloutConfig, locate: Locate): Problem[] {
  return (["entry", "exit"] as const).flatMap((section) =>
    Object.entries(stage[section]).flatMap(([id, gate]): Problem[] => {
      if (gate.source !== "sql") return [];
      const at = (...path: string[]) => locate(stage.name, ["cutover:stage", section, id, ...path]);
      const problems: Problem[] = [];
      if (!config.database) {
        problems.push({
          where: at("source"),
          what: "needs a database, and the rollout declares none",
          remedy: "Add database: to cutover:rollout",
        });
      }
      const named = gate.values.flatMap((value) => (typeof value === "string" ? placeholders(value) : []));
      for (const name of new Set(named)) {
        if (!Object.hasOwn(config.parameters, name)) {
          problems.push({
            where: at("values"),
            what: `names the parameter {${name}}, which is not declared`,
            remedy: "Add it to parameters: of cutover:rollout, or correct the name",
          });
        }
      }
      return problems;
    }),
  );
}
