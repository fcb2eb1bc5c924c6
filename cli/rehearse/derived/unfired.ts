import { kindOf } from "../../../src/gates/gate";
import type { Rollout } from "../../../src/rollout/rollout";
import { type Problem, UserError } from "../../../src/text/problem";
import { OWN_FILE } from "../../sandbox/world/own";
import { gateOf, type Row, thresholdOf } from "./rehearsedRows";
import { SHOULD } from "./unproven";
import { type DerivedWorld, leverFor } from "./world";

/**
 * The rows that nothing here can make do their work, and that do not do it by themselves: a rehearsal of every row could
 * never see them.
 */
export function unfired(
  { rollout, levers }: Pick<DerivedWorld, "rollout" | "levers">,
  rows: readonly Row[],
): Row[] {
  return rows.filter((row) => !mayDoByItself(rollout, row) && leverFor({ levers }, row) === undefined);
}

/** Throws a `UserError` that names each of them, with what to write. */
export function requireFired(
  world: Pick<DerivedWorld, "rollout" | "levers" | "appLeftOut">,
  rows: readonly Row[],
): void {
  const open = unfired(world, rows);
  if (open.length === 0) return;
  throw new UserError(
    `${open.length} of ${rows.length} rows can never be seen to do their work here:`,
    open.map((row) => problemOf(world, row, rows)),
  );
}

/** The same in a line, for who does not ask for every row; undefined where there is none. */
export function unfiredLine(
  world: Pick<DerivedWorld, "rollout" | "levers">,
  rows: readonly Row[],
): string | undefined {
  const open = unfired(world, rows);
  if (open.length === 0) return undefined;
  const [needs, are] = open.length === 1 ? ["needs", "is"] : ["need", "are"];
  return `${open.length} of ${rows.length} rows ${needs} a fault in ${OWN_FILE} to be seen to do anything, and ${are} not told of here: ${open.map(({ id }) => id).join(", ")}.`;
}

/**
 * Whether a row may be seen without anything being moved: a message is sent, a person has not signed, and before a
 * promotion no time has passed and nothing was drilled or dumped. In doubt it may; what was not seen in the end fails then.
 */
function mayDoByItself({ stages }: Pick<Rollout, "stages">, row: Row): boolean {
  if (row.section === "messages") return true;
  if (row.section === "smoke" || row.section === "abort") return false;
  if (row.byPerson) return true;
  // Before its finish all of its time has passed: what does not wait for a person is made to fail, or is not seen.
  if (row.section === "exit" && row.stage === stages.at(-1)?.name) return false;
  const gate = gateOf({ stages }, row);
  if (!gate) return false;
  const kind = kindOf(gate);
  // A window that reaches back to before the stage went live is not covered, and one gate stands for others.
  const window = kind.metric?.(gate)?.window ?? kind.query?.(gate).window;
  return row.free || kind.madeBy !== undefined || window !== undefined || kind.rollUp !== undefined;
}

function problemOf(
  { rollout, appLeftOut }: Pick<DerivedWorld, "rollout" | "appLeftOut">,
  row: Row,
  rows: readonly Row[],
): Problem {
  const { key, id, stage, section, source, title, proves } = row;
  const name = rows.filter((one) => one.id === id).length > 1 ? JSON.stringify(key) : id;
  const path = ["cutover:stage", section, id, "…"].map((part) => JSON.stringify(part)).join(", ");
  const byConfig = `${name}: { config: [{ stack: ${JSON.stringify(stage)}, path: [${path}], value: … }] }`;
  const bySql = `${name}: { sql: ["…"], mendSql: ["…"] }`;
  const gate = gateOf(rollout, row);
  const asksTables = gate ? kindOf(gate).query !== undefined : thresholdOf(rollout, row)?.probe !== undefined;
  // Faults of an app's own database go with the app.
  const sqlCounts = asksTables && !appLeftOut;
  const faults = (fault: string) =>
    `Say under faults in ${OWN_FILE} what makes it do so: faults: { ${fault} }`;
  return {
    where: `${stage} ${id} (${section}, ${source})`,
    what: `nothing that is made up here makes it ${SHOULD[proves]}: ${title}`,
    remedy: sqlCounts
      ? faults(bySql)
      : gate
        ? faults(byConfig)
        : appLeftOut
          ? `Nothing that ${OWN_FILE} says of it counts here, where the app is made up: see it in the story, without --rows`
          : // What an alarm watches stands in the cloud already: a change of its config changes nothing.
            thresholdOf(rollout, row)?.logs
            ? "No line sets it off: correct its pattern, as CloudWatch reads filter patterns, or its limit"
            : `No value of its ${source} sets it off: correct its limit, or let it watch one of its own. Or make it do so under faults in ${OWN_FILE}: { ${bySql} }`,
  };
}
