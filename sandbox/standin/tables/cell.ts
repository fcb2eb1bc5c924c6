import type { Type } from "./typeNames";

/** What stands in a column of made-up rows. */
export type Cell =
  | { readonly kind: "value"; readonly value: string | number | boolean | null | readonly string[] }
  /** So many ms before the rows are written; less than 0 is after it. */
  | { readonly kind: "ago"; readonly ms: number }
  /** Another one in each row. */
  | { readonly kind: "each" };

export const cell = (value: string | number | boolean | null | readonly string[]): Cell => ({
  kind: "value",
  value,
});
export const ago = (ms: number): Cell => ({ kind: "ago", ms: Math.round(ms) });
export const NULL = cell(null);
export const EACH: Cell = { kind: "each" };

/** How old a time is that is to be within every window, ms: the youngest windows are a few seconds long. */
export const FRESH_MS = 1_000;

const UUIDS = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"] as const;

/** What stands in a column that no query is particular about. */
export function usual(type: Type): Cell {
  switch (type) {
    case "bigint":
    case "numeric":
      return cell(1);
    case "boolean":
      return cell(true);
    case "timestamptz":
    case "date":
      return ago(FRESH_MS);
    case "uuid":
      return cell(UUIDS[0]);
    case "interval":
      return cell("1 minute");
    case "jsonb":
      return cell("{}");
    case "text[]":
    case "bigint[]":
      return cell([]);
    case "text":
      return cell("a");
  }
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Other things that could stand there. */
export function unusual(type: Type): Cell[] {
  switch (type) {
    case "bigint":
    case "numeric":
      return [cell(0), cell(1), cell(2), NULL, EACH, cell(100)];
    case "boolean":
      return [cell(true), cell(false), NULL];
    case "timestamptz":
    case "date":
      return [ago(FRESH_MS), NULL, ago(30 * MINUTE), ago(100 * HOUR), ago(-HOUR), EACH];
    case "uuid":
      return [...UUIDS.map(cell), NULL, EACH];
    case "interval":
      return [cell("0"), cell("1 minute"), cell("1 day"), NULL];
    case "jsonb":
      return [cell("{}"), NULL];
    case "text[]":
    case "bigint[]":
      return [cell([]), NULL];
    case "text":
      return [cell("a"), cell("b"), NULL, EACH, cell("")];
  }
}
