import { type Gate, kindOf } from "./gate";
import type { Verdict } from "./verdict";

/** Whether looking at a gate changes something in the app. Such a gate is run where somebody acts on it, and nowhere else. */
export function isAct({ definition }: Pick<Gate, "definition">): boolean {
  return kindOf(definition).writes?.(definition) === true;
}

/** What is said of a gate that writes where somebody only looks. */
export const NOT_ACTED: Pick<Verdict, "observed" | "remedy"> = {
  observed: "not run: it changes something in the app, and this only looks",
  remedy: "Nothing: cutover finish runs it, once everything else holds",
};

/** What is said of a gate that is not looked at before the flip; undefined for one that is. */
export function saidUntilFlip(gate: Gate): Pick<Verdict, "observed" | "required"> | undefined {
  const kind = kindOf(gate.definition);
  if (kind.atFlip) return kind.atFlip;
  return isAct(gate) ? { observed: NOT_ACTED.observed, required: kind.required(gate) } : undefined;
}
