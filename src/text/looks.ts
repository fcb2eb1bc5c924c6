import { quotedByDatabases } from "./databaseWords";
import type { Place, View } from "./views";

/**
 * Every pattern takes time by the length of a text, whatever stands in it: what repeats without a bound has nothing
 * behind it that must come, so that none of them goes back over what it has read. What stands in the first group stays.
 */

/** Parts of names, wherever they stand in one: `SECRET_KEY`, `user[password]`, `password2`. */
const WITHIN =
  "password|passwd|passphrase|passcode|passwort|kennwort|pwd|secret|token|credential|(?:api|access|private|account|auth|signing|encryption|master|shared|storage|host|service|client|deploy|webhook|(?<=[a-z0-9])[_-])[_-]?key";
/** Words that smell only by themselves: `pass`, not `passed`; `sid`, not `inside`. */
const BY_ITSELF = "(?<![a-z])(?:pass|pw|auth|jwt|sid|sig|signature)(?![a-z])";
const NAME = `(?:(?:${WITHIN}|${BY_ITSELF})\\w{0,30}(?:-(?:key|value|base|hash))?)`;

/** What no secret is: a word of logic, or a number as counts and statuses have it. */
const HARMLESS =
  "(?![\"']?(?:true|false|null|undefined|none|\\d{1,3}(?:\\.\\d{1,3})?)[\"']?(?!\\.?[\\w+/=@:!$*&-]))";
/** All that may be one value: quoted, in brackets, or up to a blank. One that has no end goes to the end of the text. */
const VALUE = `${HARMLESS}(?:"(?:\\\\[\\s\\S]|[^"\\\\])*"?|'(?:\\\\[\\s\\S]|[^'\\\\])*'?|\\[[^\\]]*\\]?|\\{[^}]*\\}?|[^\\s"']+)`;

/** AWS access keys; GitHub's, GitLab's, Pulumi's, Slack's, Stripe's and others' tokens; JSON, and so JSON web tokens. */
const TOKENS = [
  /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}/g,
  /\b(?:gh[oprsu]_|github_pat_|glpat-|pul-|xox[abeoprs]-|xapp-|[rs]k_(?:live|test)_|sk-|npm_|hvs\.|dop_v1_|AIza|ya29\.|SG\.|AGE-SECRET-KEY-)[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*)?/g,
  /(?<![A-Za-z])eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?(?:\.[A-Za-z0-9_-]*)?/g,
  /\b\d{6,12}:[A-Za-z0-9_-]{30,}/g,
] as const;

/** Words that stay, and what stands behind them goes. */
const AFTER = [
  // `password=…`, `"token": "…"`, `secret_key: …`. Not so in `secret:Secret`.
  new RegExp(
    `(${NAME}["'\\]]{0,2}(?:\\s{0,3}(?:=>?|:=)\\s{0,3}|\\s{0,3}:(?:\\s{1,12}|(?=["'[{]))))${VALUE}`,
    "gi",
  ),
  new RegExp(`((?:password|passwd|passphrase|pwd)\\w{0,10}:)${VALUE}`, "gi"),
  // `PASSWORD '…'`, `Token "…" is invalid`, `password is x1y2`.
  /((?<![a-z])(?:password|passphrase|secret|(?<!unexpected )token|credentials?)(?:\s(?:is|was|of))?\s{1,3})(?:"[^"\n]*"?|'[^'\n]*'?)/gi,
  /((?<![a-z])(?:password|passphrase|secret|token)\s(?:is|was)\s{1,3})(?=[^\s\d]{0,40}\d)\S{6,}/gi,
  // `--password …`, and curl's `-u name:…`. `--secret cutover:…` is how one is set.
  new RegExp(
    `((?<![\\w-])--?(?:[a-z]{1,20}-){0,3}(?:password|passwd|passphrase|pass|secret|token|key|credentials?)(?:\\s{1,3}|=))(?!-|cutover:)${VALUE}`,
    "gi",
  ),
  /((?<![\w-])(?:-u|--user)[\s=]{0,2}[^\s:"']{1,100}:)\S+/g,
  new RegExp(`(\\bbearer\\s{1,3})${VALUE}`, "gi"),
  // The rest of a header, or of its value in JSON.
  /((?<![a-z])(?:authorization|(?:set-)?cookies?)["']?\s{0,3}[:=]\s{0,3}(?:(?!\[secret\])[[{"'\s]){0,4}(?:(?:basic|bearer|digest|negotiate|ntlm|token|apikey|aws4-hmac-sha256)\s{1,3})?)(?:[^\r\n"']|["'](?!\s?(?:[}\]]|$|,\s?["'[{])))+/gi,
  // Keys in the query of a URL.
  new RegExp(
    `([?&;#][\\w.[-]{0,40}(?:key|sig|auth|code|session|sid|jwt|hmac|pass|pw)[\\w\\]-]{0,20}=)${HARMLESS}[^&\\s"'<>#]+`,
    "gi",
  ),
  // Webhooks: their path is their key.
  /(\bhttps?:\/\/[^\s"'<>]{0,120}?\/(?:services|webhooks?|webhookb2|integrations?|hooks?|triggers|workflows)\/)[^\s"'<>?]+/gi,
] as const;

/** `Basic …` by itself, where what it holds is a name and a password. */
const BASIC = /(\bbasic\s{1,3})([A-Za-z0-9+/_-]{4,})={0,2}/gi;
/** Lines of base64, of keys whose beginning is not there. Hashes have one case. */
const LONG = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{60,}={0,2}/g;

/** For the test that holds them to the rule above. */
export const LOOKS: readonly RegExp[] = [...TOKENS, ...AFTER, BASIC, LONG];

const KEY_BEGINS = /-{2,5}[ +]?BEGIN[ +][A-Z0-9 +]{0,40}PRIVATE[ +]KEY|PuTTY-User-Key-File|Private-Lines:/gi;
const KEY_ENDS = /-{2,5}[ +]?END[ +][A-Z0-9 +]{0,40}PRIVATE[ +]KEY[A-Z +]{0,10}-{2,5}/gi;

/** What looks like a secret by its form, in places of the text as written. */
export function* looksIn(views: readonly View[]): Generator<Place> {
  for (const view of views) for (const [from, to] of looksOf(view.text)) yield view.placeOf(from, to);
}

function* looksOf(text: string): Generator<Place> {
  yield* keys(text);
  yield* logins(text);
  yield* quotedByDatabases(text);
  for (const pattern of TOKENS) for (const found of text.matchAll(pattern)) yield behind(found, "");
  for (const pattern of AFTER) for (const found of text.matchAll(pattern)) yield behind(found, found[1]);
  for (const found of text.matchAll(BASIC)) if (isLogin(found[2] ?? "")) yield behind(found, found[1]);
  for (const found of text.matchAll(LONG))
    if ([/[a-z]/, /[A-Z]/, /\d/].every((one) => one.test(found[0]))) yield behind(found, "");
}

function behind(found: RegExpExecArray, stays = ""): Place {
  return [found.index + stays.length, found.index + found[0].length];
}

/** Text of some language with a colon in it: bytes that are read at random are hardly ever that. */
function isLogin(coded: string): boolean {
  const text = Buffer.from(coded, "base64").toString("utf8");
  return text.includes(":") && !/[\p{Cc}\ufffd]/u.test(text);
}

/** Private keys; one whose end is missing goes to the end of the text, one without its beginning from its first line. */
function* keys(text: string): Generator<Place> {
  let begin = next(KEY_BEGINS, text, 0);
  for (let at = 0; ; ) {
    const end = next(KEY_ENDS, text, at);
    if (begin && begin.index < at) begin = next(KEY_BEGINS, text, at);
    const whole = begin !== null && (end === null || begin.index < end.index);
    if (!whole && !end) return;
    const from = whole && begin ? begin.index : bodyBefore(text, end?.index ?? 0, at);
    if (!end || (whole && !begin?.[0].startsWith("-"))) return yield [from, text.length];
    at = end.index + end[0].length;
    yield [from, at];
  }
}

/** Where the lines of base64 in front of a place begin. */
function bodyBefore(text: string, place: number, from: number): number {
  let at = place;
  while (at > from && /[A-Za-z0-9+/=\s]/.test(text[at - 1] as string)) at -= 1;
  return at;
}

function next(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from;
  return pattern.exec(text);
}

const WORD_ENDS = /[\s"'<>`]/g;

/**
 * Names and passwords of URLs: to the last `@` of the word, since a password may hold another one, or a slash. Where
 * what stands in front of the path is a host, and not a name with a password, an `@` in the path is none of them.
 */
function* logins(text: string): Generator<Place> {
  for (let at = text.indexOf("://"); at >= 0; at = text.indexOf("://", at)) {
    const from = at + "://".length;
    const end = next(WORD_ENDS, text, from)?.index ?? text.length;
    const word = text.slice(from, end);
    const host = /^(?:\[[^\]]{0,60}\]|[^/@:?#]{0,253})(?::\d{1,5})?(?=[/?#]|$)/.exec(word);
    const last = word.lastIndexOf("@");
    if (last > 0 && !host) yield [from, from + last];
    at = end;
  }
}
