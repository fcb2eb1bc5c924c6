import { type Gate, kindOf } from "../gates/gate";
import { gateHash } from "../gates/hash";
import { judge, type Verdict } from "../gates/judge";
import type { Sources } from "../gates/look";
import { looking } from "./measure";

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
  return looking(sources, async (look) => {
    const all = gates.map((gate) => ({ gate, probe: probeOf(gate) }));
    const probes = all.flatMap(({ probe }) => (typeof probe === "object" ? [probe] : []));
    const observations = await look(probes);
    return all.map(({ gate, probe }): Proof => {
      const base = { gate: gate.id, title: gate.definition.title };
      if (typeof probe === "string") return { ...base, outcome: "no-probe", observed: probe };
      const observation = probe && observations[probes.indexOf(probe)];
      if (!probe || !observation) return { ...base, outcome: "unproven", observed: "" };
      const context = { now: Date.now(), timeScale: sources.timeScale, attempt };
      const verdict = judge(probe, { ...observation, definition: gateHash(probe) }, context);
      return {
        ...base,
        outcome: outcomeOf(verdict),
        observed: `${verdict.observed}; required ${verdict.required}`,
      };
    });
  });
}

/** A gate on its known-bad probe; why it can have none, in words; undefined where it only declares none. */
function probeOf(gate: Gate): Gate | string | undefined {
  const kind = kindOf(gate.definition);
  if (!kind.probe) return `a gate of source ${gate.definition.source} takes no probe`;
  const never = kind.neverProbed?.(gate.definition);
  if (never !== undefined) return never;
  const definition = kind.probe(gate.definition);
  return definition && { ...gate, definition };
}

function outcomeOf({ outcome }: Verdict): Proof["outcome"] {
  if (outcome === "fail") return "proven";
  return outcome === "pass" ? "broken" : "unknown";
}
