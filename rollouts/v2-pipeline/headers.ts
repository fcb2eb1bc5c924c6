/** What a header of a deprecated resource says, or why it says nothing. Times in ms since the epoch. */
export type HeaderDate =
  | { readonly ok: true; readonly at: number }
  | { readonly ok: false; readonly problem: string };

/** The last moment that an HTTP-date can name: its years have four digits. */
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59);

/**
 * `Deprecation` (RFC 9745): a structured date, `@` and whole seconds since 1970. Parameters may follow; nothing else
 * may, so that two headers that a client put together are refused.
 */
export function deprecationDate(value: string | undefined): HeaderDate {
  if (value === undefined) return { ok: false, problem: "there is no Deprecation header" };
  const seconds = /^ *@(-?\d{1,15})( *;[ a-z0-9*_.=?:"/-]*)* *$/.exec(value)?.[1];
  if (seconds === undefined)
    return {
      ok: false,
      problem: `Deprecation is ${shown(value)}, not a structured date such as @1735689600 (RFC 9745)`,
    };
  const at = Number(seconds) * 1_000;
  if (Math.abs(at) > LAST)
    return { ok: false, problem: `Deprecation is ${shown(value)}: milliseconds where seconds belong?` };
  return { ok: true, at };
}

/**
 * `Sunset` (RFC 8594): an HTTP-date as servers have to write it, `Sun, 06 Nov 1994 08:49:37 GMT`. A date that does not
 * exist, and a weekday that is not its own, are refused.
 */
export function sunsetDate(value: string | undefined): HeaderDate {
  if (value === undefined) return { ok: false, problem: "there is no Sunset header" };
  const at = Date.parse(value.trim());
  // Date.parse reads much that is no HTTP-date; what it read is written again as one, and compared.
  if (Number.isNaN(at) || new Date(at).toUTCString() !== value.trim())
    return {
      ok: false,
      problem: `Sunset is ${shown(value)}, not an HTTP-date such as "Mon, 01 Mar 2027 00:00:00 GMT" (RFC 8594)`,
    };
  return { ok: true, at };
}

/** A header as a sentence quotes it: short, on one line. */
function shown(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value);
}
