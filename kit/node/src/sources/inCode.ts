import type { Source } from "./source";

/**
 * Flags that stand in the app's code: after a rollout's end, and in the app's own tests.
 *
 * @param values by the flags' names; what is left out is off
 */
export function inCode(values: Readonly<Record<string, boolean | number>>): Source {
  return {
    name: "code",
    once: true,
    read: async () => ({ text: JSON.stringify(values), version: "code" }),
  };
}
