import { unarmed } from "../../../src/rollout/armed";
import { rowsOf } from "../../../src/rollout/guardFacts";
import { personFaults } from "../../../src/rollout/personFaults";
import type { Rollout } from "../../../src/rollout/rollout";
import { short } from "../../../src/text/command";
import type { Locate } from "../../../src/text/problem";
import { type Finding, finder } from "../finding";
import type { RowFacts } from "../look/guards";

const { ok, fault, later, unknown } = finder("Abort rows");

/** What each abort row looks at: which metrics nobody publishes yet, which alarms and log groups are not there. */
export function judgeRows(
  rollout: Rollout,
  { guarding, guards, there }: RowFacts,
  due: readonly string[],
  locate: Locate,
): Finding[] {
  const persons = new Set(personFaults(rollout, guards).map(({ what }) => what));
  // Whom a page reaches is said of the topic, once.
  const found = unarmed(rollout, guarding, guards).filter(({ what }) => !persons.has(what));
  return guarding.flatMap(({ stage, standing }) =>
    Object.entries(stage.abort).flatMap(([row, { alarm, logs }]): Finding[] => {
      const name = `${stage.name} ${row}`;
      const where = locate(stage.name, ["cutover:stage", "abort", row]);
      const wrong = found.filter((one) => one.stage === stage.name && one.rows.includes(row));
      // Of a stage whose turn has not come, the app may not publish anything yet.
      const waits = !due.includes(stage.name);
      if (wrong.length > 0)
        return wrong.map(({ what, remedy, passing }) =>
          passing && isUnread(what)
            ? unknown(name, what, remedy)
            : waits
              ? later(name, `${what}; it has to be so before ${stage.name} goes up`, { where })
              : fault(name, what, remedy, { where }),
        );
      if (standing) return [ok(name, "armed")];
      const other = alarm ?? logs?.group;
      if (other !== undefined) return [othersOf(name, alarm === undefined, other, there, { where, waits })];
      return isProbe(stage, row)
        ? [later(name, `its probe is made by the first ${short.ofStack("up", stage.name)}`)]
        : [ok(name, `published; its alarm is made by the first ${short.ofStack("up", stage.name)}`)];
    }),
  );
}

const isUnread = (what: string) => what.startsWith("it is not known");

/** Nothing can be read of a probe before the stage's own `up`. */
const isProbe = (stage: Parameters<typeof rowsOf>[0]["stage"], row: string): boolean =>
  !rowsOf({ stage, standing: false }).some(([id]) => id === row);

/** What a row looks at that somebody else makes: another alarm, or a log group. */
function othersOf(
  name: string,
  isLog: boolean,
  other: string,
  there: RowFacts["there"],
  { where, waits }: { readonly where: string; readonly waits: boolean },
): Finding {
  const words = isLog ? `the log group ${other}` : `the alarm ${other}, which it follows,`;
  const seen = there.get(other);
  if (!seen) return unknown(name, `it was not looked whether ${words} is there`, "Run doctor again");
  if (!seen.ok) return unknown(name, `it is not known whether ${words} is there: ${seen.why}`, seen.remedy);
  if (seen.value) return ok(name, `${words.replace(/,$/, "")} is there`);
  return waits
    ? later(name, `${words} is not there yet`, { where })
    : fault(name, `${words} is not there`, "Correct its name, or have it made", { where });
}
