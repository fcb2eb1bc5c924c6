import { isIPv6 } from "node:net";
import { SecretFilter } from "./secrets";

/** What this run knows to be secret or an address: replaced wherever it occurs, whatever it looks like. */
export interface Known {
  readonly secrets: readonly string[];
  /** Host names, with or without a port. */
  readonly hosts: readonly string[];
}

export type Redact = (text: string) => string;

/**
 * Every pattern takes time by the length of a text, whatever stands in it: what repeats without a bound has nothing
 * behind it that must come, so that none of them goes back over what it has read.
 */
const NAMES = "password|passphrase|passwd|pwd|secret|token|api[_-]?key|access[_-]?key";

/** AWS access keys, GitHub's, Pulumi's, Slack's and Stripe's tokens, JSON web tokens. */
const TOKENS = [
  /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}/g,
  /\b(?:gh[oprsu]_|github_pat_|glpat-|pul-|xox[abeoprs]-|[rs]k_(?:live|test)_)[A-Za-z0-9_-]{10,}/g,
  /\beyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?/g,
] as const;

/** Words that stay, and what stands behind them goes. */
const AFTER = [
  // `password=…`, `"token": "…"`, `Authorization: Bearer …`. Not so in `secret:Secret`.
  new RegExp(
    `((?:${NAMES})["']?(?:\\s{0,3}=\\s{0,3}|\\s{0,3}:(?:\\s{1,3}|(?=["'])))|\\bbearer\\s{1,3})(?:"[^"\\n]*"?|'[^'\\n]*'?|[^\\s"',;]+)`,
    "gi",
  ),
  /(\bauthorization["']?\s{0,3}[:=]\s{0,3}["']?(?:basic|digest|token|apikey)\s{1,3})[^\r\n"']+/gi,
  /(\b(?:set-)?cookie["']?\s{0,3}[:=]\s{0,3}["']?)[^\r\n"']+/gi,
  // Keys in the query of a URL.
  new RegExp(
    `([?&;#][\\w.-]{0,40}(?:${NAMES}|key|sig|signature|auth|code|credential|session)[\\w-]{0,20}=)[^&\\s"'<>#]+`,
    "gi",
  ),
  // What PostgreSQL quotes of the data.
  /(\bfailing row contains )[^\r\n]+/gi,
  /(\bkey \([^()\r\n]{0,200}\)=)(?:[^\r\n]{0,500}?\)(?=\s(?:already|is|conflicts)|[.,;]|\s{0,3}$)|[^\r\n]+)/gim,
  /(\binvalid (?:input )?(?:syntax|value) for [\w ]{1,60}: )[^\r\n]+/gi,
] as const;

/** `Basic …` by itself, where what it holds is a name and a password. */
const BASIC = /\b(basic\s{1,3})([A-Za-z0-9+/_-]{6,})={0,2}/gi;
const LOGIN = /(:\/\/)[^\s/@"'<>]{1,256}@/g;

const URL_LIKE = /\b([a-z][a-z0-9+.-]{1,20}):\/\/(?:\[secret\]|[^\s"'`<>|)\]}])+/gi;
const EMAIL = /(?<![\w.+%-])[\w.+%-]{1,256}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g;
const IPV4 = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\w.]{0,40}\w)/g;
const IPV6 = /\[?(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f.]{0,15}){2,8}(?![\w:])\]?(?::\d{1,5})?/gi;
/** Domains that errors of networks and databases name. Not every dotted word: `data.counts.total` is none. */
const HOST =
  /(?<![\w.@/-])(?:[a-z0-9_-]{1,63}\.){1,10}(?:com|net|org|io|dev|app|cloud|internal|local|localdomain|lan|corp|aws|cn|eu|de|uk|us|co|example|test|invalid)(?::\d{1,5})?(?![\w-]|\.\w)/gi;
/** What the system's own errors say in front of a host. */
const AFTER_ERRNO = /\b(E(?:NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|HOSTUNREACH)) {1,8}[^\s,;)]+/g;
const LOCALHOST = /\blocalhost(?::\d{1,5})?\b/gi;
const ACCOUNT = /(?<!\d)\d{12}(?!\d)/g;

/** For the test that holds them to the rule above. */
export const PATTERNS: readonly RegExp[] = [
  ...TOKENS,
  ...AFTER,
  BASIC,
  LOGIN,
  URL_LIKE,
  EMAIL,
  IPV4,
  IPV6,
  HOST,
  AFTER_ERRNO,
  LOCALHOST,
  ACCOUNT,
];

const MARK = "[secret]";

/**
 * Takes the secrets out of a text, those that the run knows in whatever encoding, and what looks like one. Addresses
 * stay: whoever mends something needs them.
 *
 * @param longest what is kept of a longer text, in characters
 */
export function secretsOut(known: Pick<Known, "secrets">, longest = Number.POSITIVE_INFINITY): Redact {
  const filter = new SecretFilter(known.secrets, MARK);
  return (text) => clipped(withoutLooks(filter.apply(text, LOOKED_AT * longest)), longest);
}

/** Of a text that is cut, so many times as much is looked at as is kept. */
const LOOKED_AT = 4;

function clipped(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const kept = text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, "");
  return `${kept}…`;
}

/** Without what looks like a secret by its form. */
function withoutLooks(text: string): string {
  let out = withoutKeys(text);
  for (const pattern of TOKENS) out = out.replace(pattern, MARK);
  out = out.replace(LOGIN, `$1${MARK}@`);
  return withoutNamed(out);
}

function withoutNamed(text: string): string {
  let out = text;
  for (const pattern of AFTER) out = out.replace(pattern, `$1${MARK}`);
  return out.replace(BASIC, (found, scheme: string, coded: string) =>
    /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(Buffer.from(coded, "base64").toString("latin1"))
      ? `${scheme}${MARK}`
      : found,
  );
}

const KEY_BEGINS = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/g;
const KEY_ENDS = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/g;

/** Without private keys; one whose end is missing goes to the end of the text. */
function withoutKeys(text: string): string {
  let out = "";
  let at = 0;
  for (;;) {
    KEY_BEGINS.lastIndex = at;
    const begin = KEY_BEGINS.exec(text);
    if (!begin) return out + text.slice(at);
    out += `${text.slice(at, begin.index)}${MARK}`;
    KEY_ENDS.lastIndex = begin.index;
    const end = KEY_ENDS.exec(text);
    if (!end) return out;
    at = end.index + end[0].length;
  }
}

/**
 * Takes out of a text what a public comment must not hold: secrets and tokens, account numbers, and addresses
 * (e-mail, URLs, hosts). What is left still says what kind of thing stood there.
 */
export function redactor(known: Known): Redact {
  const filter = new SecretFilter(known.secrets, MARK);
  const hosts = longestFirst(known.hosts.filter((host) => host.length >= 3)).map(
    (host) => new RegExp(`(?<![\\w.-])${escapeRegExp(host)}(?::\\d{1,5})?(?![\\w-])`, "gi"),
  );
  return (text) => {
    let out = withoutKeys(filter.apply(text));
    for (const pattern of TOKENS) out = out.replace(pattern, MARK);
    out = withoutNamed(out.replace(URL_LIKE, "$1://[address]")).replace(EMAIL, "[e-mail]");
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

/** The values of variables that hold secrets by their name, and the passwords of URLs in any. */
export function secretsIn(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, value = ""]) => {
    const password = /^[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]*:([^\s/@]+)@/i.exec(value)?.[1];
    if (password !== undefined) return [password, unescaped(password)];
    const named = /SECRET|TOKEN|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY/i.test(name);
    return named && value !== "" ? [value] : [];
  });
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
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
