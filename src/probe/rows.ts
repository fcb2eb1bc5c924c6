import { probeNamespace } from "../aws/probeNames";
import { fillLengths, lastSpan } from "../gates/window";
import type { ProbeQuery } from "../rollout/config/probe";
import { fillIn, placeholders, type Rollout } from "../rollout/rollout";
import type { ProbeRow } from "./settings";

/** Abort rows, as far as the probe is concerned. */
type Rows = Readonly<Record<string, { readonly probe?: ProbeQuery | undefined }>>;

/**
 * What the probe of a stage asks, by row, with the rollout's parameters filled in. Empty where no row has a probe.
 *
 * @param timeScale how much faster declared durations pass than the clock; 1 on any real account
 */
export function probeRows(
  rows: Rows,
  parameters: Rollout["parameters"],
  timeScale = 1,
): Record<string, ProbeRow> {
  return Object.fromEntries(
    Object.entries(rows).flatMap(([row, { probe }]): [string, ProbeRow][] => {
      if (!probe) return [];
      const { query, values, timeout, window } = probe;
      const filled = values.map((value) => fillIn(value, parameters));
      const question = { query, values: fillLengths(filled, timeScale), timeout };
      if (window === undefined) return [[row, question]];
      const { from, to } = lastSpan(window, timeScale, 0);
      return [[row, { ...question, windowMs: to - from }]];
    }),
  );
}

/** The parameters that a probe names. */
export function probeParameters({ values }: ProbeQuery): string[] {
  return [...new Set(values.flatMap((value) => (typeof value === "string" ? placeholders(value) : [])))];
}

/**
 * What the alarm of a probe's row watches, as often as it is measured. Silence breaches, since a fault that is no
 * longer looked for may have come; a measurement that is late does not, since CloudWatch goes by the last one that it
 * has before it calls a metric silent.
 */
export function probeSignal(rollout: string, row: string) {
  return {
    metric: {
      namespace: probeNamespace(rollout),
      name: row,
      statistic: "Maximum",
      period: "10s",
    },
    missingData: "breaching",
  } as const;
}

/** What config says of one row's signal. */
interface Signalled {
  readonly metric?: object | undefined;
  readonly probe?: ProbeQuery | undefined;
  readonly missingData?: string | undefined;
}

/** A row whose alarm knows what to watch, and what silence means. */
export type WithSignal<T extends Signalled> = T & {
  readonly metric: NonNullable<T["metric"]>;
  readonly missingData: NonNullable<T["missingData"]>;
};

/** Abort rows as alarms, messages and reports read them: a probe's row has the metric that the probe publishes. */
export function withSignals<T extends Signalled>(
  rollout: string,
  rows: Readonly<Record<string, T>>,
): Record<string, WithSignal<T>> {
  return Object.fromEntries(
    Object.entries(rows).map(([row, threshold]) => [
      row,
      (threshold.probe ? { ...threshold, ...probeSignal(rollout, row) } : threshold) as WithSignal<T>,
    ]),
  );
}
