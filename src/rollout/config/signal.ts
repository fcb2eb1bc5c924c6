import { probeNamespace } from "../../aws/probeNames";
import type { ProbeQuery } from "./probe";

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
