import Table from "cli-table3";
import pc from "picocolors";
import { type Answer, type Baseline, type Cell, recordsOf } from "../../src/imports/answer";
import type { QueryId } from "../../src/imports/queries/query";
import { plainLine } from "../../src/text/text";

const TITLES: Readonly<Record<QueryId, string>> = {
  Q1: "How many imports succeed",
  Q2: "Which imports are stuck",
  Q3: "How long imports take",
  Q4: "Which errors are frequent",
  Q5: "How v1 and v2 compare",
  Q6: "How imports arrive",
};

/** By what rows of two answers are the same, and which columns of the baseline stand beside. */
const BESIDE: Partial<Record<QueryId, { readonly key: string; readonly columns: readonly string[] }>> = {
  Q3: { key: "took", columns: ["share", "cumulative"] },
  Q4: { key: "pattern", columns: ["share", "share_of_imports"] },
  Q5: { key: "version", columns: ["success_rate", "p50_seconds", "p95_seconds"] },
};

/** Says only in which order the rows stand. */
const ORDER = "bucket";

/** Which window the answers are about, and when the baseline is from. */
export function showWindow(
  { since, until }: { readonly since: string; readonly until: string },
  recorded: Baseline | undefined,
): string {
  const window = `Imports started from ${minute(since)} to ${minute(until)} UTC.`;
  return recorded ? `${window} Baseline of ${minute(recorded.at)} UTC, over the day before it.` : window;
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
    shown.push([column, show(row[column]), ...(old ? [show(was[column])] : [])]);
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
      ...columns.map((column) => show(row[column])),
      ...(beside?.columns ?? []).map((column) => show(match?.[column])),
    ]);
  }
  return shown.toString();
}

function draw(head: string[]): InstanceType<typeof Table> {
  return new Table({ head, style: { head: [], border: [], compact: true } });
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;
const DECIMALS = 1_000;

/** Cut off, never rounded: 94.9996 must not read as the 95 that a gate asks for. */
function show(value: Cell | undefined): string {
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return value.length === 0 ? "–" : value.map(plainLine).join(", ");
  if (typeof value === "number") return String(Math.trunc(value * DECIMALS) / DECIMALS);
  return TIME.test(value) ? minute(value) : plainLine(value);
}

function minute(time: string): string {
  return time.slice(0, 16).replace("T", " ");
}
