import { isIPv6 } from "node:net";
import { DATABASE_WORDS } from "./databaseWords";
import { LOOKS, looksIn } from "./looks";
import { KnownSecrets } from "./secrets";
import { clipped } from "./text";
import { marked, readings } from "./views";

/** What this run knows to be secret or an address: replaced wherever it occurs, whatever it looks like. */
export interface Known {
  readonly secrets: readonly string[];
  /** Host names, with or without a port. */
  readonly hosts: readonly string[];
}

export type Redact = (text: string) => string;

const URL_LIKE = /\b([a-z][a-z0-9+.-]{1,20}):\/\/(?:\[(?:secret|address)\]|[^\s"'`<>|)\]}])+/gi;
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

/** For the test that holds them to the rule of `looks.ts`. */
export const PATTERNS: readonly RegExp[] = [
  ...LOOKS,
  ...DATABASE_WORDS,
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
export function secretsOut({ secrets }: Pick<Known, "secrets">, longest = Number.POSITIVE_INFINITY): Redact {
  const known = new KnownSecrets(secrets);
  return (text) => clipped(masked(text, known, LOOKED_AT * longest), longest);
}

/** Of a text that is cut, so many times as much is looked at as is kept. */
const LOOKED_AT = 4;

/** @param limit of a longer text only so much is looked at, and less is kept. Characters */
function masked(text: string, known: KnownSecrets, limit = Number.POSITIVE_INFINITY): string {
  const cut = text.length > limit;
  const looked = cut ? text.slice(0, limit + known.margin) : text;
  const views = readings(looked);
  return marked(looked, [...known.in(views), ...looksIn(views)], MARK, cut ? limit : looked.length);
}

/**
 * Takes out of a text what a public comment must not hold: secrets and tokens, account numbers, and addresses
 * (e-mail, URLs, hosts). What is left still says what kind of thing stood there.
 */
export function redactor(known: Known): Redact {
  const secrets = new KnownSecrets(known.secrets);
  const hosts = longestFirst(known.hosts.filter((host) => host.length >= 3)).map(
    (host) => new RegExp(`(?<![\\w.-])${escapeRegExp(host)}(?::\\d{1,5})?(?![\\w-])`, "gi"),
  );
  return (text) => {
    let out = masked(text, secrets).replace(URL_LIKE, "$1://[address]").replace(EMAIL, "[e-mail]");
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

/** Names of variables that hold secrets. */
const SECRET_NAME =
  /SECRET|TOKEN|PASS(?!IVE|ENGER)|_PWD|(?:^|_)(?:PW|PSW|AUTH|JWT|PIN)(?:_|$)|CREDENTIAL|WEBHOOK|(?:^|_)KEYS?(?:_|$)|(?:API|ACCESS|PRIVATE|SIGNING|MASTER|ACCOUNT)KEY|COOKIE/i;
/** In connection strings and queries: `password=…`, with or without quotes. */
const NAMED_IN =
  /(?:pass(?:word|wd|phrase)?|pwd|pw|secret|token|key|sig)=(?:'([^']+)'|"([^"]+)"|([^\s&;"']+))/gi;
const LOGIN_IN = /:\/\/[^\s/:@]*:(?!\d{1,5}(?:[/?#]|$))([^\s"']+)@/;
/** A part of a webhook's path that may be its key. Characters. */
const LONG_PART = 16;

/** The values of variables that hold secrets by their name, and the passwords and keys within any. */
export function secretsIn(env: NodeJS.ProcessEnv): string[] {
  const found = Object.entries(env).flatMap(([name, value = ""]) => {
    const login = LOGIN_IN.exec(value)?.[1];
    const named = [...value.matchAll(NAMED_IN)].map(
      ([, single, double, bare]) => single ?? double ?? bare ?? "",
    );
    const within = [...(login === undefined ? [] : [login]), ...named];
    const parts = /WEBHOOK|HOOK_URL/i.test(name)
      ? value.split(/[/?&=]/).filter((part) => part.length >= LONG_PART)
      : [];
    return [
      ...within.flatMap((one) => [one, unescaped(one)]),
      ...(SECRET_NAME.test(name) ? [value] : []),
      ...parts,
    ];
  });
  return [...new Set(found)].filter((value) => value !== "");
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
  if (!URL.canParse(url)) return [];
  const { host, hostname } = new URL(url);
  return [...new Set([host, hostname])].filter((one) => one !== "");
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
