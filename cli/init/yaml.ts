import type { Value } from "./answers";

/** A name as YAML: those that YAML, of any version, would take for something else are quoted. */
export function scalar(text: string): string {
  return /^(true|false|null|yes|no|on|off|y|n)$/i.test(text) || !/^[A-Za-z][\w.-]*$/.test(text)
    ? JSON.stringify(text)
    : text;
}

/** The map of a stage's flags. */
export function flagValues(values: readonly (readonly [flag: string, value: Value])[]): string {
  return values
    .map(
      ([flag, value]) =>
        `      ${scalar(flag)}: ${typeof value === "string" ? JSON.stringify(value) : value}`,
    )
    .join("\n");
}
