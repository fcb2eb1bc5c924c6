import { z } from "zod";

/** The units of a length of time as config writes it: `500ms`, `30s`, `15m`, `24h`, `7d`. */
type Unit = "ms" | "s" | "m" | "h" | "d";

const MS: Readonly<Record<Unit, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** A day of 24 hours, in ms. */
export const DAY_MS = MS.d;
const PATTERN = /^(\d{1,9})(ms|s|m|h|d)$/;

/** What is longer is a slip, and soon a time that no clock can show. */
const LONGEST = "3650d";
/** A length of time within which something comes, as a check of zod's. */
export const notForEver = [
  (text: string) => safeMilliseconds(text) <= milliseconds(LONGEST),
  `no longer than ${LONGEST}`,
] as const;

/** A duration in config. The consequence of a wrong one is named where it is used. */
export const duration = z
  .string()
  .regex(PATTERN, "a duration: a whole number and a unit, such as 30s, 15m, 24h or 7d")
  .refine(...notForEver)
  .meta({ description: "A length of time: a whole number and a unit (ms, s, m, h, d).", examples: ["24h"] });

/** The same where no time at all means that nothing could ever be: what has to come within it, or is looked back over. */
export const someTime = duration
  .refine((text) => !PATTERN.test(text) || milliseconds(text) > 0, "longer than nothing")
  .meta({ ...duration.meta() });

/** Milliseconds of a duration that config has already validated. Throws on anything else. */
export function milliseconds(text: string): number {
  const match = PATTERN.exec(text);
  if (!match) throw new RangeError(`not a duration: ${text}`);
  return Number(match[1]) * MS[match[2] as Unit];
}

/** The same for `refine`, which zod also asks about what has failed already: 0 for what is no duration. */
export function safeMilliseconds(text: string): number {
  return PATTERN.test(text) ? milliseconds(text) : 0;
}

/**
 * The two largest units of a length of time: `1 d 3 h`, `4 m 10 s`, `12 s`, `85 ms`. Rounded down: a soak that is
 * short by a second must not read as if it were over.
 */
export function showDuration(ms: number): string {
  if (!Number.isFinite(ms)) return "an unknown time";
  if (ms < 1_000) return `${Math.max(0, Math.floor(ms))} ms`;
  let rest = Math.floor(ms / 1_000);
  const parts: string[] = [];
  for (const [unit, seconds] of [
    ["d", 86_400],
    ["h", 3_600],
    ["m", 60],
    ["s", 1],
  ] as const) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count} ${unit}`);
    if (parts.length === 2 || (parts.length === 1 && rest === 0)) break;
  }
  return parts.join(" ");
}
