import { type FlagSpecs, type Flags, type FlagValue, fits } from "../flags/flags";

/** What servers read when they start, by name. Platforms keep text alone. */
export type Variables = Readonly<Record<string, string>>;

/** What a platform holds, as far as it does. */
export type HeldVariables = Readonly<Record<string, string | undefined>>;

/** Says which deployment of the ledger the others are of: servers report it, and two deliveries are told apart by it. */
export const VERSION = "CUTOVER_FLAGS_VERSION";

/** Which flags a delivery carries on, and under which names. */
export interface Carries {
  /** Default: all. */
  readonly flags?: readonly string[] | undefined;
  /** Variables by flag. Default: `variableName`. */
  readonly names?: Readonly<Record<string, string>> | undefined;
}

/** `search.v2-read` as a variable: `SEARCH_V2_READ`. Apps read it by the kit, whose vectors.json holds both to the same. */
function variableName(flag: string): string {
  const name = flag.replaceAll(/[^A-Za-z0-9]+/g, "_").toUpperCase();
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

/** What systems, loaders, runtimes and SDKs read at a server's start: a flag's text in their place breaks it. */
const NEEDED = new RegExp(
  `^(?:${[
    "PATH|HOME|USER|LOGNAME|SHELL|PWD|HOSTNAME|HOST|PORT|TMPDIR|TMP|TEMP|TERM|TZ|LANG|LANGUAGE|LC_\\w+|IFS|ENV|BASH_ENV",
    "LD_\\w+|DYLD_\\w+|MALLOC_\\w+|GLIBC_TUNABLES",
    "NODE_(?:ENV|OPTIONS|PATH|EXTRA_CA_CERTS|TLS_REJECT_UNAUTHORIZED|DEBUG)|NPM_CONFIG_\\w+",
    "PYTHON(?:PATH|HOME|STARTUP|WARNINGS|UNBUFFERED)|RUBY(?:OPT|LIB)|PERL5(?:OPT|LIB)|JAVA_(?:HOME|OPTS|TOOL_OPTIONS)|_JAVA_OPTIONS",
    "SSL_CERT_(?:FILE|DIR)|(?:HTTP|HTTPS|ALL|NO)_PROXY|DATABASE_URL",
    "AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|(?:DEFAULT_)?REGION|PROFILE|ROLE_ARN|WEB_IDENTITY_TOKEN_FILE|ENDPOINT_URL\\w*|CONTAINER_\\w+|EXECUTION_ENV|LAMBDA_\\w+)",
    "ECS_CONTAINER_METADATA_URI(?:_V4)?|VERCEL|VERCEL_(?:ENV|URL|REGION|TARGET_ENV)|RENDER|RENDER_\\w+",
  ].join("|")})$`,
  "i",
);

/** Whether servers need a variable for something else than a flag. */
export const isNeeded = (variable: string): boolean => NEEDED.test(variable);

/** Under which name a delivery carries a flag; undefined where it does not. */
export function variableOf({ flags, names }: Carries, flag: string): string | undefined {
  if (flags && !flags.includes(flag)) return undefined;
  return names && Object.hasOwn(names, flag) ? names[flag] : variableName(flag);
}

/** What a platform has to hold while these flags are live. */
export function variablesOf(carries: Carries, flags: Flags, deployment: number): Variables {
  const entries = Object.entries(flags).flatMap(([flag, value]) => {
    const name = variableOf(carries, flag);
    return name === undefined ? [] : [[name, String(value)] as const];
  });
  return Object.fromEntries([...entries, [VERSION, String(deployment)]]);
}

/** The flags that a platform's variables say; without those that it does not hold, or that are no value of theirs. */
export function flagsOf(carries: Carries, specs: FlagSpecs, held: HeldVariables): Flags {
  const entries = Object.entries(specs).flatMap(([flag, spec]) => {
    const name = variableOf(carries, flag);
    const text = name === undefined || !Object.hasOwn(held, name) ? undefined : held[name];
    const value = text === undefined || spec.kind === "states" ? text : saidBy(text);
    return fits(spec, value) ? [[flag, value] as const] : [];
  });
  return Object.fromEntries(entries);
}

function saidBy(text: string): FlagValue | undefined {
  if (text === "true" || text === "false") return text === "true";
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** `KEY=value`, a line each, as `.env` files have them. Names and values need no quotes: they are words. */
export function linesOf(variables: Variables): string[] {
  return Object.entries(variables).map(([name, value]) => `${name}=${value}`);
}
