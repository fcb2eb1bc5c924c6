import type { FlagValue } from "../../src/flags/flags";

/** A flag's value, as a person reads it. */
export function shown(value: FlagValue): string {
  return typeof value === "number" ? `${value} %` : String(value);
}
