import { PHASES, type Phase } from "../../gates/common";
import { isShared } from "../../gates/kinds/shared";
import { type Locate, type Problem, tellWhere } from "../../text/problem";
import type { RolloutConfig, StageConfig } from "../config/stackFile";
import { DOOR_GATE } from "../doors";
import { predecessorOf, type Stage } from "../rollout";

/** The stages of a rollout, as they are and as their config asks for them. */
export interface Rows {
  readonly stages: readonly Stage[];
  readonly asked: readonly { readonly name: string; readonly config: StageConfig }[];
  /** The stack that declares the rollout. */
  readonly owner: string;
  readonly config: RolloutConfig;
  readonly locate: Locate;
}

/** True where a stage asks for a row of the rollout's own. */
export function sharesRow({ asked }: Pick<Rows, "asked">, stage: string, of: Phase, id: string): boolean {
  const gate = asked.find(({ name }) => name === stage)?.config[of][id];
  return gate !== undefined && isShared(gate);
}

/** Row ids that stand for two things, or for one thing twice in one promotion. */
export function duplicateRows(rows: Rows): Problem[] {
  const { stages, locate, owner, config } = rows;
  const first = new Map<string, { where: string; stage: string; shared: boolean }>();
  for (const id of Object.keys(config.rollback))
    first.set(id, { where: locate(owner, ["cutover:rollout", "rollback", id]), stage: owner, shared: false });
  const twice = stages.flatMap((stage) =>
    ([...PHASES, "abort", "messages", "rollback"] as const).flatMap((section) =>
      Object.keys(stage[section]).flatMap((id): Problem[] => {
        const where = locate(stage.name, ["cutover:stage", section, id]);
        const gates = PHASES.find((one) => one === section);
        const shared = gates !== undefined && sharesRow(rows, stage.name, gates, id);
        // Every irreversible stage asks for the sign-off of its own.
        if (section === "entry" && id === DOOR_GATE) return [];
        const earlier = first.get(id);
        if (earlier === undefined) {
          first.set(id, { where, stage: stage.name, shared });
          return [];
        }
        return tellWhere(!(shared && earlier.shared && earlier.stage !== stage.name), {
          where,
          what: `the row id ${id} is used twice, first at ${earlier.where}`,
          remedy: "Row ids are unique in a rollout: reports and alarms are named by them",
        });
      }),
    ),
  );
  return [...twice, ...stages.flatMap((stage) => askedTwice(stage, rows))];
}

/** A promotion is held to this stage's entry and its predecessor's exit: no shared gate may stand in both. */
function askedTwice(stage: Stage, rows: Rows): Problem[] {
  const { stages, locate } = rows;
  const before = predecessorOf({ stages }, stage);
  if (!before || before === stage) return [];
  return Object.keys(stage.entry)
    .filter((id) => sharesRow(rows, stage.name, "entry", id) && sharesRow(rows, before.name, "exit", id))
    .map((id) => ({
      where: locate(stage.name, ["cutover:stage", "entry", id]),
      what: `is asked for twice in one promotion: ${before.name} has it under exit`,
      remedy: "Take it out here, or there",
    }));
}
