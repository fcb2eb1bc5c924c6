import { type Gate, kindOf } from "./gate";

/** Gates that open and close by turns settle within so many rounds, or never do. */
const ROUNDS = 50;

/**
 * The first moment at which all that waits has come, and every gate that goes by the hour is open as well. ISO 8601, UTC;
 * undefined where there is none.
 *
 * @param waits when each of those that do not pass could, at the earliest
 */
export function earliestOf(gates: readonly Gate[], waits: readonly string[]): string | undefined {
  let at = Math.max(...waits.map((time) => Date.parse(time)));
  for (let round = 0; round < ROUNDS && Number.isFinite(at); round++) {
    const opens = gates.map((gate) => {
      const { opensAt } = kindOf(gate.definition);
      return opensAt ? (opensAt(gate, at) ?? Number.NaN) : at;
    });
    const next = Math.max(at, ...opens);
    if (next === at) return new Date(at).toISOString();
    at = next;
  }
  return undefined;
}
