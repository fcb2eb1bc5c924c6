import { type Gate, kindOf } from "../gates/gate";
import { gateHash } from "../gates/hash";
import { judge, type Verdict } from "../gates/judge";
import type { Sources } from "../gates/look";
import { observe, withSql } from "./measure";

/** Whether a gate was seen to be able to fail. */
export interface Proof {
  readonly gate: string;
  readonly title: string;
  /**
   * `proven`: its known-bad probe fails it. `unproven`: it declares none. `broken`: the probe passes it, so the
   * gate lets through what it should not, or the probe is not known to be bad. `unknown`: the probe could not run.
   * `no-probe`: what it looks at cannot be made bad on purpose.
   */
  readonly outcome: "proven" | "unproven" | "broken" | "unknown" | "no-probe";
  readonly observed: string;
}

/** Runs the known-bad probe of every gate that declares one, through the same source and the same judge. */
export function prove(gates: readonly Gate[], sources: Sources, attempt: number): Promise<Proof[]> {
  return withSql(sources, (sql) =>
    Promise.all(
      gates.map(async (gate): Promise<Proof> => {
        const { source, title } = gate.definition;
        const base = { gate: gate.id, title };
        const kind = kindOf(gate.definition);
        const never = kind.probe
          ? kind.neverProbed?.(gate.definition)
          : `a gate of source ${source} takes no probe`;
        if (!kind.probe || never !== undefined)
          return { ...base, outcome: "no-probe", observed: never ?? "" };
        const definition = kind.probe(gate.definition);
        if (!definition) return { ...base, outcome: "unproven", observed: "" };
        const probe = { ...gate, definition };
        const observation = await observe(probe, sources, sql);
        const context = { now: Date.now(), timeScale: sources.timeScale, attempt };
        const verdict = judge(probe, { ...observation, definition: gateHash(probe) }, context);
        return {
          ...base,
          outcome: outcomeOf(verdict),
          observed: `${verdict.observed}; required ${verdict.required}`,
        };
      }),
    ),
  );
}

function outcomeOf({ outcome }: Verdict): Proof["outcome"] {
  if (outcome === "fail") return "proven";
  return outcome === "pass" ? "broken" : "unknown";
}
