import { probeNamespace } from "../../aws/probeNames";
import { entry } from "../../flags/flags";
import type { AbortThreshold, AbortThresholdConfig } from "./abortRow";
import { PROBE_PERIOD } from "./probe";
import { asQuery, type Reconciliation } from "./reconcile";
import type { RowLogs, RowMetric } from "./rowSignal";

/**
 * What the alarm of a probe's row watches, as often as it is measured. Silence breaches, since a fault that is no
 * longer looked for may have come; a measurement that is late does not, since CloudWatch goes by the last one that it
 * has before it calls a metric silent.
 */
export function probeSignal(rollout: string, row: string, period: RowMetric["period"] = PROBE_PERIOD) {
  return {
    metric: {
      namespace: probeNamespace(rollout),
      name: row,
      statistic: "Maximum",
      period,
    },
    missingData: "breaching",
  } as const;
}

/** What the alarm of a row on a log watches: the lines that its filter counts. Silence is no line that matches. */
function logSignal(rollout: string, row: string, { period }: RowLogs) {
  return {
    metric: { namespace: probeNamespace(rollout), name: row, statistic: "Sum", period },
    missingData: "notBreaching",
  } as const;
}

/**
 * Abort rows as alarms, messages and reports read them: a row on a database or a log has the metric that its probe or
 * its filter publishes.
 */
export function withSignals(
  rollout: string,
  rows: Readonly<Record<string, AbortThresholdConfig>>,
  reconciliations: Readonly<Record<string, Reconciliation>> = {},
): Record<string, AbortThreshold> {
  return Object.fromEntries(
    Object.entries(rows).map(([row, given]) => [
      row,
      withSignal(rollout, row, given, reconciliations) as AbortThreshold,
    ]),
  );
}

function withSignal(
  rollout: string,
  row: string,
  given: AbortThresholdConfig,
  reconciliations: Readonly<Record<string, Reconciliation>>,
) {
  const { reconcile } = given;
  const compared = reconcile && entry(reconciliations, reconcile.of);
  // Also where the name is wrong: that is told by a check of its own.
  if (reconcile)
    return {
      ...given,
      ...(compared ? { probe: asQuery(compared, reconcile), compares: compared } : {}),
      ...probeSignal(rollout, row),
    };
  if (given.elsewhere)
    return { ...given, probe: given.elsewhere, ...probeSignal(rollout, row, given.elsewhere.every) };
  if (given.probe) return { ...given, ...probeSignal(rollout, row) };
  if (!given.logs) return given;
  const { metric, missingData } = logSignal(rollout, row, given.logs);
  return { ...given, metric, missingData: given.missingData ?? missingData };
}
