import { fillIn } from "../gates/placeholders";
import { fillLengths, lastSpan } from "../gates/window";
import type { Probed, RowElsewhere } from "../rollout/config/probe";
import type { Rollout } from "../rollout/rollout";
import type { ProbeRow } from "./settings";

/** Abort rows, as far as the probe is concerned. */
type Rows = Readonly<
  Record<string, { readonly probe?: Probed | undefined; readonly reconcile?: object | undefined }>
>;

/**
 * What the probe of a stage asks the database, by row, with the rollout's parameters filled in. Empty where no row has a probe.
 *
 * @param timeScale how much faster declared durations pass than the clock; 1 on any real account
 */
export function probeRows(
  rows: Rows,
  parameters: Rollout["parameters"],
  timeScale = 1,
): Record<string, ProbeRow> {
  return Object.fromEntries(
    Object.entries(rows).flatMap(([row, { probe, reconcile }]): [string, ProbeRow][] => {
      // What a reconciliation found is counted, and not asked.
      if (!probe || "from" in probe || reconcile) return [];
      const { query, values, timeout, window } = probe;
      const filled = values.map((value) => fillIn(value, parameters));
      const question = { query, values: fillLengths(filled, timeScale), timeout };
      if (window === undefined) return [[row, question]];
      const { from, to } = lastSpan(window, timeScale, 0);
      return [[row, { ...question, windowMs: to - from }]];
    }),
  );
}

/** What it asks named sources, by row. */
export function elsewhereRows(rows: Rows): Record<string, RowElsewhere> {
  return Object.fromEntries(
    Object.entries(rows).flatMap(([row, { probe }]) => (probe && "from" in probe ? [[row, probe]] : [])),
  );
}
