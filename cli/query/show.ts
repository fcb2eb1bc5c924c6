import Table from "cli-table3";
import pc from "picocolors";
import { type Answer, type Baseline, recordsOf } from "../../src/imports/answer";
import { BESIDE, ORDER, showCell, showMinute, TITLES } from "../../src/imports/cells";

/** Which window the answers are about, and when the baseline is from. */
export function showWindow(
  { since, until }: { readonly since: string; readonly until: string },
  recorded: Baseline | undefined,
): string {
  const window = `Imports started from ${showMinute(since)} to ${showMinute(until)} UTC.`;
  return recorded ? `${window} Baseline of ${showMinute(recorded.at)} UTC, over the day before it.` : window;
}

/** An answer as a table, with the baseline beside it where there is one, and how to read it below. */
export function showAnswer(answer: Answer, before: Answer | undefined, readings: readonly string[]): string {
  const heading = pc.bold(`${answer.id}  ${TITLES[answer.id]}`);
  const body = "failure" in answer ? pc.red(`No answer: ${answer.failure}`) : tableOf(answer, before);
  return [heading, body, ...readings.map((line) => `  ${line}`)].join("\n");
}

type Whole = Extract<Answer, { table: unknown }>;

function tableOf(answer: Whole, before: Answer | undefined): string {
  const old = before && "table" in before ? before : undefined;
  if (answer.table.rows.length === 0) return "No imports in this window: unknown.";
  return answer.id === "Q1" || answer.id === "Q2" ? oneRow(answer, old) : manyRows(answer, old);
}

/** A single row reads better from top to bottom. */
function oneRow({ table }: Whole, old: Whole | undefined): string {
  const [row = {}] = recordsOf(table);
  const [was = {}] = old ? recordsOf(old.table) : [];
  const shown = draw(old ? ["", "now", "baseline"] : ["", "now"]);
  for (const column of table.columns)
    shown.push([column, showCell(row[column]), ...(old ? [showCell(was[column])] : [])]);
  return shown.toString();
}

function manyRows({ id, table }: Whole, old: Whole | undefined): string {
  // A column that says nothing at all takes room from those that do.
  const columns = table.columns.filter(
    (column, index) => column !== ORDER && table.rows.some((row) => row[index] !== null),
  );
  const beside = old ? BESIDE[id] : undefined;
  const was = old ? recordsOf(old.table) : [];
  const shown = draw([...columns, ...(beside?.columns ?? []).map((column) => `${column}\n(baseline)`)]);
  for (const row of recordsOf(table)) {
    const match = beside && was.find((one) => one[beside.key] === row[beside.key]);
    shown.push([
      ...columns.map((column) => showCell(row[column])),
      ...(beside?.columns ?? []).map((column) => showCell(match?.[column])),
    ]);
  }
  return shown.toString();
}

function draw(head: string[]): InstanceType<typeof Table> {
  return new Table({ head, style: { head: [], border: [], compact: true } });
}
