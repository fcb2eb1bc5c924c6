import { PHASES, type Phase } from "../../gates/common";
import { kindOf } from "../../gates/gate";
import { safeMilliseconds } from "../../text/duration";
import { type Problem, tellWhere } from "../../text/problem";
import { type Rows, sharesRow } from "./ids";

/** How much of its time the measuring function keeps for itself: to begin, and to say what it saw. */
const KEPT_MS = 5_000;

/** What could not be looked at by the rollout's measuring function, where it declares one. */
export function measureProblems(rows: Rows): Problem[] {
  const { stages, owner, config, locate } = rows;
  const { measure, database, service, sources, servers } = config;
  if (!measure) return [];
  const problems = stages.flatMap(({ name, ...stage }) =>
    PHASES.flatMap((section) =>
      Object.entries(stage[section]).flatMap(([id, gate]): Problem[] => {
        const wrong = (key: string, what: string, remedy: string): Problem[] => [
          { where: whereOf(rows, name, section, id, key), what, remedy },
        ];
        const check = kindOf(gate).byCode?.(gate);
        if (check !== undefined)
          return wrong(
            "source",
            `is looked at by the rollout's own code (${check}), which the measuring function does not carry`,
            "Write it with source: requests, sql or http; or leave measure out, and run pulumi in the VPC",
          );
        const [elsewhere] = kindOf(gate).elsewhere?.(gate) ?? [];
        if (elsewhere !== undefined)
          return wrong(
            "source",
            `asks ${new URL(elsewhere).host}, and the measuring function asks nobody but the rollout's own service, servers and database`,
            "Let a person state it (source: signOff); or leave measure out, and run pulumi in the VPC",
          );
        const { timeout } = gate as { readonly timeout?: unknown };
        if (typeof timeout !== "string" || !kindOf(gate).inNetwork) return [];
        if (safeMilliseconds(timeout) + KEPT_MS <= safeMilliseconds(measure.timeout)) return [];
        return wrong(
          "timeout",
          `is ${timeout}, and the function that looks at it has ${measure.timeout} for all gates together`,
          "Shorten it, or raise measure.timeout of cutover:rollout, to at most 15m",
        );
      }),
    ),
  );
  const idle = tellWhere(!(database || service || sources || servers), {
    where: locate(owner, ["cutover:rollout", "measure"]),
    what: "declares a measuring function, and the rollout has no database, service, sources or servers to look at",
    remedy: "Take it out, or declare what it is to reach",
  });
  // What is wrong with a shared gate is wrong once.
  return [...idle, ...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

function whereOf(rows: Rows, stage: string, section: Phase, id: string, key: string): string {
  const { owner, locate } = rows;
  return sharesRow(rows, stage, section, id)
    ? locate(owner, ["cutover:rollout", "gates", id, key])
    : locate(stage, ["cutover:stage", section, id, key]);
}
