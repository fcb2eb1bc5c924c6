import { showFlags } from "../flags/flags";
import { showExpectation } from "./expectation";
import type { Gate } from "./gate";
import { showTime } from "./verdict";

/** What a gate demands, in words. */
export function requiredOf(gate: Gate): string {
  const { definition } = gate;
  switch (definition.source) {
    case "soak":
      return `≥ ${(gate.soaks ?? []).join(" and ") || "?"} without a break`;
    case "sql":
      return definition.window === undefined
        ? showExpectation(definition.expect)
        : `${showExpectation(definition.expect)} over ${showWindow(definition.window)}`;
    case "metric":
      return `${definition.statistic} ${showExpectation(definition.expect)} over ${showWindow(definition.window)}, ≥ ${definition.minSamples} samples`;
    case "alarms":
      return "quiet now and all through the soak";
    case "http": {
      const value = definition.expect ? `, ${definition.value} ${showExpectation(definition.expect)}` : "";
      return `status ${definition.status}${value}${definition.within ? `, in < ${definition.within}` : ""}`;
    }
    case "check":
      return `the check ${definition.check} holds`;
    case "convergence":
      return gate.flags ? `every server: ${showFlags(gate.flags)}` : "every server agrees";
    case "signOff":
      return "a statement for this attempt, made since the stage is live, not expired";
    case "snapshot":
      return `available, of this attempt, ≤ ${definition.maxAge} old`;
    case "drill":
      return `a drill of the abort path in < ${definition.within}, ≤ ${definition.maxAge} ago`;
    case "date":
      return `after ${showTime(definition.after)}`;
    case "exit":
      return "every exit gate of the predecessor passes";
  }
}

const showWindow = (window: string) => (window === "soak" ? "the whole soak" : window);
