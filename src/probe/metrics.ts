import type { MetricDatum } from "@aws-sdk/client-cloudwatch";
import { failuresMetric, loginMetric, RECONCILED, reconcileMetric } from "../aws/probeNames";
import type { Reconciled } from "./reconcile/reconciler";
import type { Measured } from "./run";

/**
 * What one run publishes. A row without a value is left out, so that its alarm finds it missing; the number of them
 * is told each time, so that its own silence tells of a probe that does not run.
 */
export function metricsOf(
  stage: string,
  { values, failures }: Measured,
  wrongWithLogin: readonly string[],
  reconciled: Readonly<Record<string, Reconciled>> = {},
): MetricDatum[] {
  const datum = (MetricName: string, Value: number): MetricDatum => ({
    MetricName,
    Value,
    StorageResolution: 1,
  });
  return [
    ...Object.entries(values).map(([row, value]) => datum(row, value)),
    ...Object.entries(reconciled).flatMap(([of, figures]) =>
      RECONCILED.map((figure) => datum(reconcileMetric(stage, of, figure), figures[figure])),
    ),
    datum(failuresMetric(stage), Object.keys(failures).length),
    datum(loginMetric(stage), wrongWithLogin.length),
  ];
}
