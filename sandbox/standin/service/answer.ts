import type { HeaderExpectation } from "../../../src/gates/kinds/requests.headers";
import { milliseconds } from "../../../src/text/duration";
import type { Json } from "./invent/body";

/** What the service answers. */
export interface Answer {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, HeaderValue>>;
  /** Absent where the answer has no body. */
  readonly body?: Json | undefined;
  /** How long it waits before it answers, in ms. */
  readonly delay?: number | undefined;
}

/** A header's text, or a date that is so far from the moment of the answer, in ms. */
export type HeaderValue = string | { readonly date: "http" | "structured"; readonly offset: number };

/** Statuses whose answers have no body, whatever a server would say. */
const BODILESS = [204, 205, 304];

/** Whether an answer has a body at all. */
export const hasBody = (method: string, status: number) => method !== "HEAD" && !BODILESS.includes(status);

/** The headers as they are sent, `now` in ms since 1970. */
export function headersAt({ headers }: Answer, now: number): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === "string" ? value : showDate(value.date, now + value.offset),
    ]),
  );
}

function showDate(date: "http" | "structured", at: number): string {
  return date === "http" ? new Date(at).toUTCString() : `@${Math.floor(at / 1_000)}`;
}

/** How far beyond what is asked a date lies: clocks differ, and an answer takes its time. In ms. */
const MARGIN_MS = 3_600_000;

/** The headers that might be what is expected of one header, by what each expectation says. */
export function headerChoices(expectations: readonly HeaderExpectation[]): HeaderValue[] {
  return expectations.flatMap((one): HeaderValue[] => {
    const { is, date, at, ahead } = one;
    if (date === undefined) return is === undefined ? [] : [is];
    const declared = at === undefined ? Number.NaN : Date.parse(at);
    if (!Number.isNaN(declared)) return [showDate(date, declared)];
    if (ahead !== undefined) return [{ date, offset: 2 * milliseconds(ahead) + MARGIN_MS }];
    return [{ date, offset: -MARGIN_MS }];
  });
}

/** Whether a client could be sent this header. */
export function canBeSent(name: string, value: string): boolean {
  try {
    return !FIXED.includes(name) && new Headers({ [name]: value }).get(name) === value;
  } catch {
    return false;
  }
}

/** Headers that the protocol itself decides. */
const FIXED = ["content-length", "transfer-encoding", "connection", "keep-alive"];
