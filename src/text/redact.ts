import { isIPv6 } from "node:net";

/** What this run knows to be secret or an address: replaced wherever it occurs, whatever it looks like. */
export interface Known {
  readonly secrets: readonly string[];
  /** Host names, with or without a port. */
  readonly hosts: readonly string[];
}

export type Redact = (text: string) => string;

const TOKENS = [
  // AWS access keys, GitHub's and Pulumi's tokens, Slack's, JSON web tokens.
  /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b/g,
  /\b(?:gh[oprsu]_|github_pat_|pul-|xox[abeoprs]-)[A-Za-z0-9_-]{10,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?/g,
] as const;

/** `password=…`, `"token": "…"`, `Authorization: Bearer …`: the word stays, its value goes. Not so in `secret:Secret`. */
const NAMED =
  /((?:password|passphrase|passwd|pwd|secret|token|api[_-]?key|access[_-]?key)["']?(?:\s{0,3}=\s{0,3}|\s{0,3}:(?:\s{1,3}|(?=["'])))|\bbearer\s{1,3})(?:"[^"\n]*"|'[^'\n]*'|[^\s"',;]+)/gi;

const URL_LIKE = /\b([a-z][a-z0-9+.-]{1,20}):\/\/[^\s"'`<>|)\]}]+/gi;
const EMAIL = /[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g;
const IPV4 = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\w.]*\w)/g;
const IPV6 = /\[?(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f.]{0,15}){2,8}(?![\w:])\]?(?::\d{1,5})?/gi;
/** Domains that errors of networks and databases name. Not every dotted word: `data.counts.total` is none. */
const HOST =
  /(?<![\w.@/-])(?:[a-z0-9_-]{1,63}\.){1,10}(?:com|net|org|io|dev|app|cloud|internal|local|localdomain|lan|corp|aws|cn|eu|de|uk|us|co|example|test|invalid)(?::\d{1,5})?(?![\w-]|\.\w)/gi;
/** What the system's own errors say in front of a host. */
const AFTER_ERRNO = /\b(E(?:NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|HOSTUNREACH)) +[^\s,;)]+/g;
const LOCALHOST = /\blocalhost(?::\d{1,5})?\b/gi;
const ACCOUNT = /(?<!\d)\d{12}(?!\d)/g;

/**
 * Takes out of a text what a public comment must not hold: secrets and tokens, account numbers, and addresses
 * (e-mail, URLs, hosts). What is left still says what kind of thing stood there.
 */
export function redactor(known: Known): Redact {
  // Longest first: one may be a part of another. A short word is no secret that could be told from others.
  const secrets = longestFirst(known.secrets.filter((secret) => secret.length >= 8));
  const hosts = longestFirst(known.hosts.filter((host) => host.length >= 3)).map(
    (host) => new RegExp(`(?<![\\w.-])${escapeRegExp(host)}(?::\\d{1,5})?(?![\\w-])`, "gi"),
  );
  return (text) => {
    let out = text;
    for (const secret of secrets) out = out.replaceAll(secret, "[secret]");
    for (const pattern of TOKENS) out = out.replace(pattern, "[secret]");
    out = out.replace(URL_LIKE, "$1://[address]").replace(NAMED, "$1[secret]").replace(EMAIL, "[e-mail]");
    for (const host of hosts) out = out.replace(host, "[address]");
    return out
      .replace(AFTER_ERRNO, "$1 [address]")
      .replace(HOST, "[address]")
      .replace(LOCALHOST, "[address]")
      .replace(IPV4, "[address]")
      .replace(IPV6, (found) => (isIPv6(bare(found)) ? "[address]" : found))
      .replace(ACCOUNT, "[account]");
  };
}

/** The same, for every string in a value of plain data. Keys stay: they are names of our own. */
export function redactAll<T>(value: T, redact: Redact): T {
  if (typeof value === "string") return redact(value) as T;
  if (Array.isArray(value)) return value.map((inner) => redactAll(inner, redact)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, redactAll(inner, redact)]),
  ) as T;
}

/** The values of variables that hold secrets by their name. */
export function secretsIn(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value && /SECRET|TOKEN|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY/i.test(name) ? [value] : [],
  );
}

/** The host of a URL, with and without its port; nothing where it is none. */
export function hostsOf(url: string): string[] {
  try {
    const { host, hostname } = new URL(url);
    return [...new Set([host, hostname])].filter((one) => one !== "");
  } catch {
    return [];
  }
}

function bare(address: string): string {
  return address.replace(/^\[/, "").replace(/\]?(?::\d{1,5})?$/, (end) => (end.startsWith("]") ? "" : end));
}

function longestFirst(words: readonly string[]): string[] {
  return [...new Set(words)].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\-]/g, "\\$&");
}
