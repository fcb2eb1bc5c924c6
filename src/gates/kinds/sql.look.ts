import type { GateOf } from "../kind";
import { NO_DATABASE, NOTHING_LIVE, type Sources, windowContext } from "../look";
import type { Seen } from "../observation";
import { endsOf, fillLengths, fillWindow, spanOf } from "../window";
import type { SqlGate } from "./sql";

/** Asks a gate's query, about its window where it has one. */
export async function look({ definition }: GateOf<SqlGate>, sources: Sources): Promise<Seen> {
  const { sql, timeScale } = sources;
  if (!sql) return NO_DATABASE;
  const values = fillLengths(definition.values, timeScale);
  if (definition.window === undefined) return sql.observe({ ...definition, values });
  const context = windowContext(sources);
  if (!context) return NOTHING_LIVE;
  const span = spanOf(definition.window, context, Date.now());
  const seen = await sql.observe({ ...definition, values: fillWindow(values, span) });
  return seen.kind === "value" ? { ...seen, window: endsOf(span) } : seen;
}
