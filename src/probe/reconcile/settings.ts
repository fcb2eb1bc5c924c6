import type { Count, Reconciliation } from "../../rollout/config/reconcile";
import type { Rollout, Stage } from "../../rollout/rollout";
import { milliseconds } from "../../text/duration";

/** Two sources, as a reconciler is told of them: plain data, without a secret. */
export interface ReconcileSettings {
  readonly first: Reconciliation["first"];
  readonly second: Reconciliation["second"];
  readonly key: string;
  readonly changed?: string | undefined;
  /** On the clock. */
  readonly lagMs: number;
  readonly rowsPerMinute: Reconciliation["rowsPerMinute"];
  readonly timeoutMs: number;
}

/** What a row on a reconciliation counts. */
export interface CountedRow {
  readonly of: string;
  readonly count: readonly Count[];
}

/**
 * What the probe of a stage compares, by name.
 *
 * @param timeScale how much faster declared durations pass than the clock; 1 on any real account
 */
export function reconciliations(
  { reconcile = {} }: Pick<Stage, "reconcile">,
  timeScale = 1,
): Record<string, ReconcileSettings> {
  return Object.fromEntries(
    Object.entries(reconcile).map(
      ([name, { title: _, lag, timeout, ...rest }]): [string, ReconcileSettings] => [
        name,
        { ...rest, lagMs: milliseconds(lag) / timeScale, timeoutMs: milliseconds(timeout) },
      ],
    ),
  );
}

/** The abort rows that count what a reconciliation found. */
export function countedRows({ abort }: Pick<Rollout["stages"][number], "abort">): Record<string, CountedRow> {
  return Object.fromEntries(
    Object.entries(abort).flatMap(([row, { reconcile }]) => (reconcile ? [[row, reconcile]] : [])),
  );
}
