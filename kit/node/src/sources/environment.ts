import type { Declarations } from "../declare";
import type { Source } from "./source";

/** The variable that says which version of the document the others are of. */
const VERSION = "CUTOVER_FLAGS_VERSION";

/** Where flags are found in an environment. */
export interface EnvironmentOptions {
  /** Variables by flag, as the delivery's `names` has them. Default: `SEARCH_V2` for `search.v2`. */
  readonly names?: Readonly<Record<string, string>>;
  /** Default: the process's own. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
}

/**
 * Flags from environment variables, as deliveries and `cutover env` write them: `true` or `false`, a number, or a state. They are
 * read once; to change them, the process is started anew. Where one variable would say two things, none is read.
 */
export function environment({ names, variables }: EnvironmentOptions = {}): Source {
  return {
    name: "environment",
    once: true,
    async read(declared) {
      const held = variables ?? process.env;
      return {
        text: documentOf(variablesOf(declared, names ?? {}), held),
        version: held[VERSION] || undefined,
      };
    },
  };
}

/** Flags by the variables that say them. */
function variablesOf(
  declared: Declarations,
  names: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const flags = new Map([[VERSION, "the version"]]);
  for (const flag of Object.keys(declared)) {
    const variable = Object.hasOwn(names, flag) ? String(names[flag]) : variableName(flag);
    const taken = flags.get(variable);
    if (taken !== undefined)
      throw new Error(`${variable} would say both ${taken} and ${flag}; name another variable under names`);
    flags.set(variable, flag);
  }
  flags.delete(VERSION);
  return flags;
}

/** `search.v2-read` as a variable: `SEARCH_V2_READ`. What is delivered has the same rule: vectors.json holds both to it. */
function variableName(flag: string): string {
  const name = flag.replaceAll(/[^A-Za-z0-9]+/g, "_").toUpperCase();
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

function documentOf(
  flags: ReadonlyMap<string, string>,
  held: Readonly<Record<string, string | undefined>>,
): string {
  const document = [...flags].flatMap(([variable, flag]) => {
    const word = Object.hasOwn(held, variable) ? held[variable]?.trim() : undefined;
    return word === undefined ? [] : [[flag, parsed(word)]];
  });
  return JSON.stringify(Object.fromEntries(document));
}

/** What is neither stays a word: a state's name, or what no flag can be; then the document is refused, and says which it is. */
function parsed(word: string): unknown {
  if (word === "true" || word === "false") return word === "true";
  return /^\d+(\.\d+)?$/.test(word) ? Number(word) : word;
}
