import { z } from "zod";

/** A comment that is there already, as its host names it. */
export interface Comment {
  readonly id: number;
  readonly body: string;
  /** Whether the posting account may have written it: what a person wrote is theirs. */
  readonly own: boolean;
}

/** A service that shows comments under a pull or merge request: one file each, over one request's comments. */
export interface Host {
  /** As people call it. */
  readonly name: string;
  /** Where it is posted, in words. */
  readonly where: string;
  /** How many characters a comment may have. */
  readonly limit: number;
  /** A page of comments, from 1 on, and whether it is the last. Throws `Refused`. */
  page(number: number, timeoutMs: number): Promise<{ readonly comments: Comment[]; readonly last: boolean }>;
  create(body: string, timeoutMs: number): Promise<void>;
  update(id: number, body: string, timeoutMs: number): Promise<void>;
  /** What a person can do about an answer that will not change by itself. */
  remedy(status: number): string;
}

/** How many entries a page holds at most: both hosts take no more. */
export const PAGE = 100;

/** An HTTP API that takes and gives JSON. */
export interface Api {
  /** Base URL. */
  readonly url: string;
  /** What says who asks, and how. */
  readonly headers: Readonly<Record<string, string>>;
}

/** One request, and its answer as it was promised to be. Throws `Refused` for any other. */
export async function ask<T>(
  { url, headers }: Api,
  method: "GET" | "POST" | "PATCH" | "PUT",
  path: string,
  answer: z.ZodType<T>,
  { timeoutMs, body }: { readonly timeoutMs: number; readonly body?: object },
): Promise<T> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      "user-agent": "cutover",
      ...headers,
      ...(body ? { "content-type": "application/json" } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    // A token goes to the address that was given, and nowhere that it points to.
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  if (!response.ok) throw new Refused(response.status, text, response.headers);
  return answer.parse(JSON.parse(text));
}

/** For what an answer says that nobody needs. */
export const anything = z.unknown();

/** An answer that is not the wished one; status 0 where there was none. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly text: string,
    private readonly headers: Headers = new Headers(),
  ) {
    super(`${status}: ${text}`);
  }

  get tooLong(): boolean {
    return this.status === 413 || ([400, 422].includes(this.status) && /too long/i.test(this.text));
  }

  /** Deleted by somebody meanwhile. */
  get gone(): boolean {
    return this.status === 404 || this.status === 410;
  }

  /** Whether it may be another answer a little later. */
  get passes(): boolean {
    return (
      this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500 || this.limited
    );
  }

  /** GitHub refuses with 403 also what only came too fast. */
  private get limited(): boolean {
    return (
      this.status === 403 &&
      (this.headers.has("retry-after") ||
        this.headers.get("x-ratelimit-remaining") === "0" ||
        /rate limit/i.test(this.text))
    );
  }

  get retryAfterMs(): number | undefined {
    const seconds = Number(this.headers.get("retry-after") ?? Number.NaN);
    return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
  }
}
