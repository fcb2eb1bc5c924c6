import type { Gate } from "../gates/gate";
import { gateHash } from "../gates/hash";
import { judge, type Verdict } from "../gates/judge";
import { observe, type Sources, withSql } from "./measure";

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

/** Sources whose gates cannot take a probe: what they look at cannot be made bad on purpose. */
const WITHOUT_PROBE: readonly Gate["definition"]["source"][] = [
  "soak",
  "alarms",
  "check",
  "convergence",
  "signOff",
  "snapshot",
  "drill",
  "date",
  "exit",
];

/** Runs the known-bad probe of every gate that declares one, through the same source and the same judge. */
export function prove(gates: readonly Gate[], sources: Sources, attempt: number): Promise<Proof[]> {
  return withSql(sources, (sql) =>
    Promise.all(
      gates.map(async (gate): Promise<Proof> => {
        const probe = probeOf(gate);
        const base = { gate: gate.id, title: gate.definition.title };
        if (!probe) {
          const { source } = gate.definition;
          return WITHOUT_PROBE.includes(source)
            ? { ...base, outcome: "no-probe", observed: `a gate of source ${source} takes no probe` }
            : { ...base, outcome: "unproven", observed: "" };
        }
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

/** The same gate, looking at its probe; undefined where it declares none. */
function probeOf(gate: Gate): Gate | undefined {
  const { definition } = gate;
  switch (definition.source) {
    case "sql":
      return definition.prove && { ...gate, definition: { ...definition, ...definition.prove } };
    case "http":
      return definition.prove && { ...gate, definition: { ...definition, ...definition.prove } };
    case "metric": {
      if (!definition.prove) return undefined;
      const { name, statistic = definition.statistic } = definition.prove;
      return { ...gate, definition: { ...definition, name, statistic } };
    }
    default:
      return undefined;
  }
}
