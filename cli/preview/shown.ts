import type { FlagValue } from "../../src/flags/flags";

/** A flag's value as a comment shows it. */
export function show(value: FlagValue): string {
  return typeof value === "number" ? `${value} %` : String(value);
}
