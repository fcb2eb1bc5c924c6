import { z } from "zod";
import { QUERY_IDS } from "./queries/query";

/** A value of an answer, as JSON holds it. Times are ISO 8601, UTC. */
const cell = z.union([z.string(), z.number(), z.null(), z.array(z.string())]);

const table = z.object({ columns: z.array(z.string()), rows: z.array(z.array(cell)) });

/** What one question came to: a table, or why there is none. */
export const answer = z.union([
  z.object({ id: z.enum(QUERY_IDS), table }),
  z.object({ id: z.enum(QUERY_IDS), failure: z.string() }),
]);

/** The answers before the first stage, which later ones are read against. Kept in the first stage's stack. */
export const baseline = z.object({
  /** When it was measured. ISO 8601, UTC. */
  at: z.string(),
  since: z.string(),
  until: z.string(),
  answers: z.array(answer),
});

export type Cell = z.infer<typeof cell>;
export type Table = z.infer<typeof table>;
export type Answer = z.infer<typeof answer>;
export type Baseline = z.infer<typeof baseline>;

/** A row as values by the names of its columns. */
export function recordsOf({ columns, rows }: Table): Record<string, Cell>[] {
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])));
}
