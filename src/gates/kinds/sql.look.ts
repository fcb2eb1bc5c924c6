import type { GateOf } from "../kind";
import { NO_DATABASE, NOTHING_LIVE, type Sources, windowContext } from "../look";
import type { Seen } from "../observation";
import { endsOf, fillLengths, fillWindow, spanOf } from "../window";
import type { SqlGate } from "./sql";

/** Asks a gate's query, about its window where it has one. */
export async function look({ definition }: GateOf<SqlGate>, sources: Sources): Promise<Seen> {
  const { sql, timeScale } = sources;
  if (!sql) return NO_DATABASE;
  const question = withValues(definition, (values) => fillLengths(values, timeScale));
  if (definition.window === undefined) return sql.observe(question);
  const context = windowContext(sources);
  if (!context) return NOTHING_LIVE;
  const span = spanOf(definition.window, context, Date.now());
  const seen = await sql.observe(withValues(question, (values) => fillWindow(values, span)));
  return seen.kind === "value" ? { ...seen, window: endsOf(span) } : seen;
}

/** The definition with something done to the values of each of its queries. */
function withValues(definition: SqlGate, change: (values: SqlGate["values"]) => SqlGate["values"]): SqlGate {
  const { values, samplesFrom } = definition;
  return {
    ...definition,
    values: change(values),
    ...(samplesFrom ? { samplesFrom: { ...samplesFrom, values: change(samplesFrom.values) } } : {}),
  };
}
