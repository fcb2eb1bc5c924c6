import { fillIn, placeholders, type Rollout } from "../model/rollout";
import type { ProbeQuery } from "./config";
import { probeNamespace } from "./names";
import type { ProbeRow } from "./settings";

/** Abort rows, as far as the probe is concerned. */
type Rows = Readonly<Record<string, { readonly probe?: ProbeQuery | undefined }>>;

/** What the probe of a stage asks, by row, with the rollout's parameters filled in. Empty where no row has a probe. */
export function probeRows(rows: Rows, parameters: Rollout["parameters"]): Record<string, ProbeRow> {
  return Object.fromEntries(
    Object.entries(rows).flatMap(([row, { probe }]): [string, ProbeRow][] => {
      if (!probe) return [];
      const { query, values, timeout } = probe;
      return [[row, { query, values: values.map((value) => fillIn(value, parameters)), timeout }]];
    }),
  );
}

/** The parameters that a probe names. */
export function probeParameters({ values }: ProbeQuery): string[] {
  return [...new Set(values.flatMap((value) => (typeof value === "string" ? placeholders(value) : [])))];
}

/**
 * What the alarm of a probe's row watches. A minute is as often as a schedule runs; silence breaches, since a fault
 * that is no longer looked for may have come.
 */
export function probeSignal(rollout: string, row: string) {
  return {
    metric: {
      namespace: probeNamespace(rollout),
      name: row,
      statistic: "Maximum",
      period: "1m",
    },
    missingData: "breaching",
  } as const;
}
