/**
 * Lines for a shell that no command of this project stands in: `psql`, `curl`, `aws`. What they take from the reader's
 * shell has one name each, and a runbook says once how each is set.
 */

import { quoted } from "./command";

/** The database's address with a login, which is never written into a runbook. */
export const DATABASE_URL = "DATABASE_URL";
/** The same with the login of the tables' owner: the gates' own can only read. */
export const DATABASE_OWNER_URL = "DATABASE_OWNER_URL";
/** Since when the flags that are live are live, ISO 8601. */
export const LIVE_SINCE = "LIVE_SINCE";
/** Since when the flags are down after a rollback, ISO 8601. */
export const DOWN_SINCE = "DOWN_SINCE";

/** The variable that holds a role's bearer token: `ADMIN_TOKEN` for `admin`. */
export function tokenVariable(role: string): string {
  const name = role.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_");
  return `${/^\d/.test(name) ? "_" : ""}${name}_TOKEN`;
}

/** One word of a command line, quoted in the way in which it is read most easily. */
export function word(text: string): string {
  const plain = quoted(text);
  // Escaped quotes within quotes are what people get wrong when they change a value.
  return text.includes("'") && !/["$`\\!]/.test(text) ? `"${text}"` : plain;
}

/** One word in which the shell puts in the values of these variables, and of nothing else. */
export function wordWith(text: string, ...variables: readonly string[]): string {
  const names = variables.join("|");
  if (!new RegExp(`\\$(?:${names})(?!\\w)`).test(text)) return word(text);
  const escaped = text
    .replaceAll(new RegExp(`["\\\\\`]|\\$(?!(?:${names})(?!\\w))`, "g"), "\\$&")
    // A shell that people type into takes an exclamation mark for one of its earlier lines, also within quotes.
    .replaceAll("!", `"'!'"`);
  return `"${escaped}"`;
}

/** A command whose options stand on lines of their own where one line would be too long to be read. */
export function command(...words: readonly string[]): string {
  const line = words.join(" ");
  return line.length <= LONGEST ? line : words.join(" \\\n  ");
}

/** As wide as a pager shows it beside nothing else. Characters. */
const LONGEST = 100;

/** The time so many seconds ago, as `aws` takes it, in any POSIX shell. */
export function secondsAgo(seconds: number): string {
  return `$(($(date +%s) - ${seconds}))`;
}

/** Now, in the same way. */
export const NOW = "$(date +%s)";
