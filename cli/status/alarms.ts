import { reachOf } from "../../src/abort/inForce";
import { alarmName, partName, watchName } from "../../src/aws/names";
import { disarming } from "../../src/rollout/armed";
import type { Rollout } from "../../src/rollout/rollout";
import type { AlarmFact, Facts } from "./facts";
import type { AlarmView, StageView } from "./schema";
import { isUp } from "./stages";

const STATE = { OK: "ok", ALARM: "alarm", INSUFFICIENT_DATA: "no data" } as const;

/** Every alarm of the rollout: the rows of each stage, then those by which cutover watches itself. */
export function alarmViews(
  rollout: Rollout,
  facts: Readonly<Record<string, AlarmFact>>,
  stages: readonly StageView[],
  unarmed: Facts["unarmed"],
): AlarmView[] {
  const live = rollout.stages.find(({ name }) =>
    stages.some((one) => one.name === name && one.state === "live"),
  );
  const rows = rollout.stages.flatMap((stage) => {
    const view = stages.find(({ name }) => name === stage.name);
    return Object.entries(stage.abort).flatMap(([row, threshold]): AlarmView[] => {
      const { title, action } = threshold;
      const name = alarmName(rollout.name, stage.name, row);
      const fact = Object.hasOwn(facts, name) ? facts[name] : undefined;
      // A stage that was never brought up has none yet, and that is as it should be.
      if (!fact && !(view && isUp(view))) return [];
      return [
        {
          row,
          name,
          stage: stage.name,
          title,
          action,
          ...(action === "rollback"
            ? reachOf(rollout, { owner: stage, live: live ?? stage }, threshold)
            : {}),
          ...stateOf(fact),
          ...armedOf(stage.name, row, unarmed),
        },
      ];
    });
  });
  const known = new Set(rows.map(({ name }) => name));
  return [
    ...rows,
    ...Object.keys(facts).flatMap((name) => (known.has(name) ? [] : own(rollout, name, facts))),
  ];
}

/** The first of what keeps a row from acting; the others show once it is mended, and in a refusal all of them. */
function armedOf(stage: string, row: string, unarmed: Facts["unarmed"]): Pick<AlarmView, "armed"> {
  if (!unarmed.ok) return {};
  const [fault] = disarming(unarmed.value, stage, row);
  return { armed: fault ? { not: fault.what, remedy: fault.remedy } : true };
}

function stateOf(fact: AlarmFact | undefined): Pick<AlarmView, "state" | "since"> {
  if (!fact) return { state: "missing" };
  return { state: STATE[fact.state], ...(fact.since === undefined ? {} : { since: fact.since }) };
}

/** The functions of a stage that cutover watches itself. */
const WATCHED = ["abort", "probe", "messages"] as const;

/** An alarm on the switch, the probe or the messages function of a stage. Rollouts may begin alike: it is named as one of this one's. */
function own({ name: rollout, stages }: Rollout, name: string, facts: Readonly<Record<string, AlarmFact>>) {
  return stages.flatMap((stage) =>
    WATCHED.flatMap((part): AlarmView[] => {
      const begins = watchName(partName(rollout, stage.name, part), "");
      if (!name.startsWith(begins)) return [];
      const title = `cutover's own ${part}, ${name.slice(begins.length)}`;
      return [{ name, stage: stage.name, title, action: "page", ...stateOf(facts[name]) }];
    }),
  );
}
