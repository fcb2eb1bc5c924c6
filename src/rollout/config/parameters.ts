import { z } from "zod";
import { type GateDefinition, kindOf } from "../../gates/gate";
import { WINDOW_NAMES } from "../../gates/window";

/** Values that a rollout gives a name to, for queries, paths and bodies to refer to as `{name}`. */
export const parameters = z.record(
  z.string().regex(/^[a-zA-Z][a-zA-Z0-9]*$/, "letters and digits"),
  z.union([z.string(), z.number(), z.boolean()]),
);
type Parameters = Readonly<z.infer<typeof parameters>>;

const PLACEHOLDER = /\{([a-zA-Z][a-zA-Z0-9]*)\}/g;

/** Replaces `{name}` by the parameter that is given. A value that is one placeholder keeps the parameter's type. */
export function fillIn<T extends string | number | boolean>(
  value: T,
  given: Parameters,
): string | number | boolean {
  if (typeof value !== "string") return value;
  const whole = /^\{([a-zA-Z][a-zA-Z0-9]*)\}$/.exec(value)?.[1];
  if (whole !== undefined && Object.hasOwn(given, whole)) return given[whole] ?? value;
  return value.replace(PLACEHOLDER, (text, name: string) =>
    Object.hasOwn(given, name) ? String(given[name]) : text,
  );
}

/** The names that a text refers to as `{name}`. */
export function placeholders(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? "");
}

/** A gate's definition with the parameters that are given. */
export function fillGate(gate: GateDefinition, given: Parameters): GateDefinition {
  return kindOf(gate).fill?.(gate, (value) => fillIn(value, given)) ?? gate;
}

/** The parameters that a gate names. The ends of a query's window are none. */
export function namedIn(gate: GateDefinition): string[] {
  const kind = kindOf(gate);
  const texts: string[] = [];
  kind.fill?.(gate, (value) => {
    texts.push(String(value));
    return value;
  });
  return texts.flatMap(placeholders).filter((name) => !kind.query || !isWindowName(name));
}

/** True for the name of a window's end, which no parameter may have. */
export function isWindowName(name: string): boolean {
  return (WINDOW_NAMES as readonly string[]).includes(name);
}
