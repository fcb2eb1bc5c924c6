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

/** What the probe of a stage compares, by name. A lag is of this world: it passes as on the clock wherever time is scaled. */
export function reconciliations({
  reconcile = {},
}: Pick<Stage, "reconcile">): Record<string, ReconcileSettings> {
  return Object.fromEntries(Object.entries(reconcile).map(([name, one]) => [name, reconcileSettings(one)]));
}

/** One of them. */
export function reconcileSettings({ title: _, lag, timeout, ...rest }: Reconciliation): ReconcileSettings {
  return { ...rest, lagMs: milliseconds(lag), timeoutMs: milliseconds(timeout) };
}

/** The abort rows that count what a reconciliation found. */
export function countedRows({ abort }: Pick<Rollout["stages"][number], "abort">): Record<string, CountedRow> {
  return Object.fromEntries(
    Object.entries(abort).flatMap(([row, { reconcile }]) => (reconcile ? [[row, reconcile]] : [])),
  );
}
