import { type Gate, kindOf } from "./gate";
import { togetherAt } from "./opening";

/**
 * The first moment at which all that waits has come, and every gate that goes by the hour is open as well. ISO 8601, UTC;
 * undefined where there is none.
 *
 * @param waits when each of those that do not pass could, at the earliest
 */
export function earliestOf(gates: readonly Gate[], waits: readonly string[]): string | undefined {
  const opens = gates.flatMap((gate) => {
    const { opensAt } = kindOf(gate.definition);
    return opensAt ? [(at: number) => opensAt(gate, at)] : [];
  });
  const at = togetherAt(opens, Math.max(...waits.map((time) => Date.parse(time))));
  return at === undefined ? undefined : new Date(at).toISOString();
}
