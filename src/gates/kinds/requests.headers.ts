import { z } from "zod";
import { duration, milliseconds, showDuration } from "../../text/duration";
import { tellWhere } from "../../text/problem";
import { parameterised, text } from "../common";
import type { FieldError } from "../kind";
import { placeholders } from "../placeholders";
import { CLOCK_SKEW_MS, type JudgeContext, showTime } from "../verdict";

/** The moment that a header names, or why it names none. Times in ms since the epoch. */
export type HeaderDate =
  | { readonly ok: true; readonly at: number }
  | { readonly ok: false; readonly problem: string };

/** The last moment that an HTTP-date can name: its years have four digits. */
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59);
/** Header dates have no fractions of a second. In ms. */
const SECOND = 1_000;

/**
 * A structured date, as `Deprecation` has it (RFC 9745): `@` and whole seconds since 1970. Parameters may follow; nothing else
 * may, so that two headers that a client put together are refused.
 */
export function structuredDate(name: string, value: string): HeaderDate {
  const seconds = /^ *@(-?\d{1,15})( *;[ a-z0-9*_.=?:"/-]*)* *$/.exec(value)?.[1];
  if (seconds === undefined)
    return {
      ok: false,
      problem: `${name} is ${shown(value)}, not a structured date such as @1735689600 (RFC 9745)`,
    };
  const at = Number(seconds) * SECOND;
  if (Math.abs(at) > LAST)
    return { ok: false, problem: `${name} is ${shown(value)}: milliseconds where seconds belong?` };
  return { ok: true, at };
}

/**
 * An HTTP-date as servers have to write it, and as `Sunset` has it (RFC 8594): `Sun, 06 Nov 1994 08:49:37 GMT`. A date that does not
 * exist, and a weekday that is not its own, are refused.
 */
export function httpDate(name: string, value: string): HeaderDate {
  const at = Date.parse(value.trim());
  // Date.parse reads much that is no HTTP-date; what it read is written again as one, and compared.
  if (Number.isNaN(at) || new Date(at).toUTCString() !== value.trim())
    return {
      ok: false,
      problem: `${name} is ${shown(value)}, not an HTTP-date such as "Mon, 01 Mar 2027 00:00:00 GMT" (RFC 8594)`,
    };
  return { ok: true, at };
}

/** A header as a sentence quotes it: short, on one line. */
function shown(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value);
}

/** What a header of an answer must be. */
export const headerExpectation = z
  .strictObject({
    is: text.min(1).optional().describe(`Exactly this text. ${parameterised}`),
    date: z
      .enum(["http", "structured"])
      .optional()
      .describe(
        "The header is a date: `http` as `Sunset` has it (RFC 8594), or `structured` as `Deprecation` has it (RFC 9745).",
      ),
    at: text
      .min(1)
      .optional()
      .meta({
        description: `The date is this moment, to the second. ${parameterised}`,
        examples: ["{sunset}"],
      }),
    passed: z.literal(true).optional().describe("The date has passed."),
    ahead: duration.optional().meta({
      description: "The date is at least so far ahead.",
      examples: ["7d"],
    }),
  })
  .refine(({ is, date }) => (is === undefined) !== (date === undefined), {
    message: "either `is` or `date`",
  })
  .refine(
    ({ date, at, passed, ahead }) =>
      date !== undefined || [at, passed, ahead].every((one) => one === undefined),
    {
      message: "`date` beside at, passed or ahead: they say what the date must be",
    },
  )
  .refine(({ passed, ahead }) => passed === undefined || ahead === undefined, {
    message: "either `passed` or `ahead`: no date is both",
  });

export type HeaderExpectation = z.infer<typeof headerExpectation>;

type Headers = Readonly<Record<string, HeaderExpectation>>;

/** What keeps headers from ever being what is expected: `filled` are the same ones with the values of parameters. */
export function headerErrors(headers: Headers = {}, filled: Headers = {}): FieldError[] {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  return Object.keys(headers).flatMap((name, index) => {
    const { at } = filled[name] ?? {};
    return [
      ...tellWhere(names.indexOf(name.toLowerCase()) < index, {
        path: ["headers", name],
        what: "is there twice: headers are told apart by no letter's case",
        remedy: "Write once what it must be",
      }),
      ...tellWhere(at !== undefined && placeholders(at).length === 0 && Number.isNaN(Date.parse(at)), {
        path: ["headers", name, "at"],
        what: `is ${at}, which is no time: no header can name it`,
        remedy: "Write a time such as 2027-03-01T00:00:00Z, or correct the parameter",
      }),
    ];
  });
}

/** What a header must be, in words that follow its name. */
export function showHeader({ is, date, at, passed, ahead }: HeaderExpectation): string {
  return [
    ...(is === undefined ? [] : [`is ${is}`]),
    ...(date === undefined ? [] : [`is ${date === "http" ? "an HTTP-date" : "a structured date"}`]),
    ...(at === undefined ? [] : [`of ${at}`]),
    ...(passed ? ["that has passed"] : []),
    ...(ahead === undefined ? [] : [`≥ ${ahead} ahead`]),
  ].join(" ");
}

/** Why a header is not what it must be; undefined where it is. */
export function headerError(
  name: string,
  expected: HeaderExpectation,
  value: string | undefined,
  { now, timeScale }: Pick<JudgeContext, "now" | "timeScale">,
): string | undefined {
  if (value === undefined) return `there is no ${name} header`;
  if (expected.date === undefined)
    return value.trim() === expected.is ? undefined : `${name} is ${shown(value)}, not ${expected.is}`;
  const date = expected.date === "http" ? httpDate(name, value) : structuredDate(name, value);
  if (!date.ok) return date.problem;
  const says = `${name} says ${showTime(new Date(date.at).toISOString())}`;
  if (expected.at !== undefined) {
    const declared = Date.parse(expected.at);
    if (Number.isNaN(declared)) return `${expected.at}, which ${name} is held against, is no time`;
    if (Math.floor(declared / SECOND) !== Math.floor(date.at / SECOND))
      return `${says}, not ${showTime(new Date(declared).toISOString())}`;
  }
  // Beyond what clocks may differ by.
  if (expected.passed && date.at > now + CLOCK_SKEW_MS) return `${says}, which is still ahead`;
  if (expected.ahead === undefined) return undefined;
  const left = (date.at - now) * timeScale;
  if (left <= 0) return `${says}, which has passed`;
  return left < milliseconds(expected.ahead)
    ? `${says}, which is only ${showDuration(left)} ahead`
    : undefined;
}
