import type { Declarations } from "../declare";
import type { Source } from "./source";

/** The variable that says which version of the document the others are of. */
const VERSION = "CUTOVER_FLAGS_VERSION";

/**
 * Flags from environment variables of their own names: `true` or `false`, or a number. They are read once; to change them,
 * the process is started anew.
 *
 * @param variables default: the process's own
 */
export function environment(variables: Readonly<Record<string, string | undefined>> = process.env): Source {
  return {
    name: "environment",
    once: true,
    async read(declared) {
      return { text: documentOf(declared, variables), version: variables[VERSION] || undefined };
    },
  };
}

function documentOf(declared: Declarations, variables: Readonly<Record<string, string | undefined>>): string {
  const document = Object.keys(declared).flatMap((name) => {
    const word = variables[name]?.trim();
    return word === undefined ? [] : [[name, parsed(word)]];
  });
  return JSON.stringify(Object.fromEntries(document));
}

/** What is neither stays a word, which no flag can be: the document is refused, and says which flag it is. */
function parsed(word: string): unknown {
  if (word === "true" || word === "false") return word === "true";
  return /^\d+(\.\d+)?$/.test(word) ? Number(word) : word;
}
