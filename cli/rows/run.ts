import { dirname } from "node:path";
import Table from "cli-table3";
import pc from "picocolors";
import type { Without } from "../../rollouts/planRow";
import { PLAN_TABLES } from "../../rollouts/rows";
import { counted } from "../../src/text/counted";
import { EXIT, type Exit } from "../exit";
import { fitting } from "../fitting";
import { type FoundRow, foundRows } from "./table";

export interface RowsOptions {
  /** One rollout alone. */
  readonly only?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Prints the table of all rows of both plans. Reads this repository alone. */
export function rowsCommand({ only, json }: RowsOptions, print: (line: string) => void): Exit {
  const tables = PLAN_TABLES.filter(({ rollout }) => only === undefined || rollout === only);
  if (tables.length === 0) {
    const known = PLAN_TABLES.map(({ rollout }) => rollout).join(", ");
    print(fitting(`${only} is none of the two plans. Known: ${known}`, process.stdout));
    return EXIT.usage;
  }
  const project = dirname(dirname(__dirname));
  const found = tables.map((table) => ({ rollout: table.rollout, rows: foundRows(table, project) }));
  if (json) print(JSON.stringify(found));
  else
    for (const { rollout, rows } of found)
      print(`${pc.bold(rollout)}, ${counted(rows.length, "row")}\n${shown(rows)}`);
  return EXIT.ok;
}

const HEAD = ["id", "the plan says", "declared", "enforced", "tested", "rehearsed"];
const WIDTHS = [10, 34, 40, 40, 44, 40];

function shown(rows: readonly FoundRow[]): string {
  const table = new Table({ head: HEAD, colWidths: WIDTHS, wordWrap: true, style: { head: [], border: [] } });
  for (const { id, says, declared, enforced, tested, rehearsed } of rows)
    table.push([id, says, ...[declared, enforced, tested, rehearsed].map(cell)]);
  return table.toString();
}

const cell = (column: readonly string[] | Without) =>
  "why" in column ? pc.dim(`– ${column.why}`) : column.join("\n");
