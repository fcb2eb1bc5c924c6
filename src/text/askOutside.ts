/** Tools and platforms answer within a second or two; a longer silence is tried again. */
const ANSWER_WITHIN_MS = 10_000;

/** A request to somebody else's API. */
export interface Outside {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** What was answered. */
export interface OutsideAnswer {
  readonly status: number;
  /** Its beginning. */
  readonly body: string;
  /** The header `Retry-After`. */
  readonly retryAfter?: string | undefined;
}

/** Whether what was refused with this status may go well at a later try. */
export function mayAnswerLater(status: number): boolean {
  return status >= 500 || [408, 409, 425, 429].includes(status);
}

/**
 * How long a header `Retry-After` asks to wait, in s from now; 0 where there is none, or none that can be read.
 *
 * @param retryAfter seconds or a date
 * @param now ms since the epoch
 */
export function secondsAsked(retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined) return 0;
  const text = retryAfter.trim();
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1_000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : 0;
}

/**
 * Sends a request, and reads the beginning of its answer. Throws where none came in time. A redirect is an answer, and not
 * followed: a key is sent to the address that was declared, and to no other.
 *
 * @param bytes how much of an answer is read
 */
export async function askOutside(
  { method, url, headers, body }: Outside,
  bytes: number,
): Promise<OutsideAnswer> {
  const answer = await fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    redirect: "manual",
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const retryAfter = answer.headers.get("retry-after") ?? undefined;
  return { status: answer.status, body: await beginning(answer, bytes), retryAfter };
}

async function beginning({ body }: Response, bytes: number): Promise<string> {
  if (!body) return "";
  const parts: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop closes the answer.
  for await (const part of body) {
    parts.push(part);
    length += part.byteLength;
    if (length >= bytes) break;
  }
  return Buffer.concat(parts).subarray(0, bytes).toString("utf8");
}
