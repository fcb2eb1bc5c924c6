import { type Answer, type Baseline, type Cell, recordsOf, type Table } from "./answer";
import { BESIDE, ORDER, showCell, showMinute, TITLES } from "./cells";

/** The title of what has no answers. */
export const NO_ANSWERS = "No answer";

/** An answer as lines of plain text, for where no table can be drawn. */
interface AnswerLines {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly string[];
}

/** Which time answers are about, and since when the baseline beside them is recorded. */
export function showSpan(
  { since, until }: { readonly since: string; readonly until: string },
  recorded: Baseline | undefined,
): string {
  const beside = recorded
    ? `beside the baseline of ${showMinute(recorded.at)} UTC, over the day before it`
    : "no baseline is recorded to read them against";
  return `imports started from ${showMinute(since)} to ${showMinute(until)} UTC; ${beside}`;
}

/** An answer in words: a value a line where it has one row, else a row a line; the baseline's value behind each. */
export function figuresOf(answer: Answer, before: Answer | undefined): AnswerLines {
  const { id } = answer;
  const title = TITLES[id];
  if ("failure" in answer) return { id, title, lines: [`${NO_ANSWERS}: ${answer.failure}`] };
  const old = before && "table" in before ? before.table : undefined;
  if (answer.table.rows.length === 0)
    return { id, title, lines: ["No imports in this time: unknown, which is no good news."] };
  return { id, title, lines: BESIDE[id] || id === "Q6" ? rowLines(answer, old) : valueLines(answer, old) };
}

type Whole = Extract<Answer, { table: unknown }>;
type Record_ = Readonly<Record<string, Cell>>;

function valueLines({ table }: Whole, old: Table | undefined): string[] {
  const [row = {}] = recordsOf(table);
  const [was] = old ? recordsOf(old) : [];
  return table.columns.map((column) =>
    told(column, row[column], was && column in was ? was[column] : undefined, was),
  );
}

function rowLines({ id, table }: Whole, old: Table | undefined): string[] {
  const beside = BESIDE[id];
  const olds = old ? recordsOf(old) : [];
  const [key = "", ...rest] = table.columns.filter((column) => column !== ORDER);
  const name = beside?.key ?? key;
  const columns = [key, ...rest].filter((column) => column !== name);
  return recordsOf(table).flatMap((row): string[] => {
    const was = beside && olds.find((one) => one[beside.key] === row[beside.key]);
    // What never was, in neither of the two, takes room from what was. Of a time line each part counts.
    if (beside && isEmpty(row) && (was === undefined || isEmpty(was)) && !row.note && id !== "Q5") return [];
    const cells = columns
      .filter((column) => row[column] !== null && row[column] !== undefined)
      .map((column) =>
        beside?.columns.includes(column)
          ? told(column, row[column], was?.[column], was)
          : told(column, row[column]),
      );
    // An answer that only says why there is none.
    if (row[name] === null) return row.note ? [showCell(row.note)] : [cells.join(", ")];
    return [`${showCell(row[name])}: ${cells.join(", ")}`];
  });
}

/** No import is in it. */
function isEmpty(row: Record_): boolean {
  return row.imports === 0 || row.imports === null || row.imports === undefined;
}

function told(column: string, value: Cell | undefined, was?: Cell | undefined, beside?: Record_): string {
  return `${column} ${showCell(value)}${beside ? ` (baseline ${showCell(was)})` : ""}`;
}
