import { z } from "zod";
import { type GateDefinition, kindOf } from "../../gates/gate";
import { fillIn, placeholders } from "../../gates/placeholders";
import { WINDOW_NAMES } from "../../gates/window";
import { fromGoTime } from "../../text/moment";

/** Values that a rollout gives a name to, for queries, paths and bodies to refer to as `{name}`. */
export const parameters = z.record(
  z.string().regex(/^[a-zA-Z][a-zA-Z0-9]*$/, "letters and digits"),
  z.union([z.string().overwrite(fromGoTime), z.number(), z.boolean()]),
);
type Parameters = Readonly<z.infer<typeof parameters>>;

/** A gate's definition with the parameters that are given. */
export function fillGate(gate: GateDefinition, given: Parameters): GateDefinition {
  return kindOf(gate).fill?.(gate, (value) => fillIn(value, given)) ?? gate;
}

/** The parameters that a gate names. The ends of a query's window, and values that it takes itself, are none. */
export function namedIn(gate: GateDefinition): string[] {
  const kind = kindOf(gate);
  const texts: string[] = [];
  kind.fill?.(gate, (value) => {
    texts.push(String(value));
    return value;
  });
  const own = kind.takes?.(gate) ?? [];
  return texts
    .flatMap(placeholders)
    .filter((name) => !own.includes(name) && (!kind.query || !isWindowName(name)));
}

/** True for the name of a window's end, which no parameter may have. */
export function isWindowName(name: string): boolean {
  return (WINDOW_NAMES as readonly string[]).includes(name);
}
