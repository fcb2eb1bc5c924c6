import { z } from "zod";
import type { GateDefinition } from "../../gates/gate";
import { namesWindow, WINDOW_NAMES } from "../../gates/window";
import type { Locate, Problem } from "../../text/problem";
import { fillIn, placeholders } from "../config/parameters";
import type { RolloutConfig } from "../config/stackFile";

/** Where a row is written, and what stands below it. */
type At = (...path: string[]) => string;

interface Windowed {
  readonly window?: string | undefined;
  readonly values: readonly (string | number | boolean)[];
}

/** A window that the query does not look at, or a query that looks at none. */
export function windowProblems({ window, values }: Windowed, at: At): Problem[] {
  const named = namesWindow(values);
  if ((window === undefined) !== named) return [];
  return [
    window === undefined
      ? {
          where: at("values"),
          what: "names the ends of a window, and the row has none",
          remedy: "Add window: with a duration, such as 24h",
        }
      : {
          where: at("window"),
          what: "is not looked at: no value is {from} or {to}",
          remedy: 'Write values: ["{from}", "{to}"], and $1 and $2 in the query',
        },
  ];
}

/** A date that is none would keep the gate from ever passing. */
export function dateProblems(after: string, { parameters }: RolloutConfig, at: At): Problem[] {
  const unknown = placeholders(after).some((name) => !Object.hasOwn(parameters, name));
  const date = String(fillIn(after, parameters));
  if (unknown || z.iso.datetime({ offset: true }).safeParse(date).success) return [];
  return [
    {
      where: at("after"),
      what: `must be a time, got ${JSON.stringify(date)}`,
      remedy: "Write a time such as 2027-03-01T00:00:00Z",
    },
  ];
}

/** Names of the values that are a parameter's, and not the ends of a window. */
function parametersIn(values: readonly unknown[]): string[] {
  return values
    .flatMap((value) => (typeof value === "string" ? placeholders(value) : []))
    .filter((name) => !isWindowName(name));
}

export function isWindowName(name: string): boolean {
  return (WINDOW_NAMES as readonly string[]).includes(name);
}

/** A parameter that is called as a window's end would be taken for it. */
export function parameterProblems(owner: string, { parameters }: RolloutConfig, locate: Locate): Problem[] {
  return Object.keys(parameters)
    .filter(isWindowName)
    .map((name) => ({
      where: locate(owner, ["cutover:rollout", "parameters", name]),
      what: `cannot be called ${name}: queries name the ends of their window so`,
      remedy: "Choose another name",
    }));
}

export function namedIn(gate: GateDefinition): string[] {
  switch (gate.source) {
    case "sql":
      return parametersIn([...gate.values, ...(gate.prove?.values ?? [])]);
    case "date":
      return placeholders(gate.after);
    case "http":
      return [gate.request, gate.prove?.request].flatMap((one) => (one ? placeholders(one.path) : []));
    default:
      return [];
  }
}
