import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { GITHUB_LIMIT, markerIn } from "../../src/text/marker";
import { reasonOf, UserError } from "../../src/text/problem";

/** Where comments go, and as whom. */
export interface PullRequest {
  /** Base URL of the API, such as https://api.github.com. */
  readonly api: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly number: number;
  readonly token: string;
}

export interface PostOptions {
  /** Waits so many ms. */
  readonly wait?: (ms: number) => Promise<unknown>;
  /** How long one request may take, in ms. */
  readonly timeoutMs?: number;
}

export type Posted = "created" | "updated" | "unchanged";

const comment = z.object({
  id: z.number(),
  body: z.string().nullish(),
  user: z.object({ type: z.string() }).nullish(),
});
type Comment = z.infer<typeof comment>;

const PAGE = 100;
/** More pages than any pull request has: an answer that never ends is not followed for ever. */
const MAX_PAGES = 100;
const ATTEMPTS = 5;
/** A server that asks for more patience than this does not get it. */
const MAX_WAIT_MS = 60_000;

/**
 * Posts a comment, or updates the one that an earlier run posted: found by the hidden marker that both begin with.
 * Faults that pass are waited for, from the beginning each time, so that nothing is posted twice. Throws a
 * `UserError` where it cannot be done.
 */
export async function postComment(
  pull: PullRequest,
  body: string,
  { wait = sleep, timeoutMs = 30_000 }: PostOptions = {},
): Promise<Posted> {
  const marker = markerIn(body);
  if (marker === undefined)
    throw new UserError("The comment does not begin with a marker, so no later run would find it again");
  let text = cut(body, GITHUB_LIMIT);
  for (let attempt = 1; ; attempt++) {
    try {
      return await postOnce(pull, marker, text, timeoutMs);
    } catch (error) {
      const fault = error instanceof Refused ? error : new Refused(0, reasonOf(error));
      if (attempt === ATTEMPTS) throw told(pull, fault);
      if (fault.tooLong && text.length > 2_000) text = cut(body, Math.floor(text.length / 2));
      else if (fault.passes)
        await wait(Math.min(MAX_WAIT_MS, fault.retryAfterMs ?? 1_000 * 2 ** (attempt - 1)));
      else throw told(pull, fault);
    }
  }
}

async function postOnce(pull: PullRequest, marker: string, body: string, timeoutMs: number): Promise<Posted> {
  const found = await findComment(pull, marker, timeoutMs);
  if (found && found.body?.replaceAll("\r\n", "\n").trimEnd() === body.trimEnd()) return "unchanged";
  if (found) {
    try {
      await call(pull, "PATCH", `/issues/comments/${found.id}`, timeoutMs, { body });
      return "updated";
    } catch (error) {
      // Deleted by somebody meanwhile.
      if (!(error instanceof Refused && (error.status === 404 || error.status === 410))) throw error;
    }
  }
  await call(pull, "POST", `/issues/${pull.number}/comments`, timeoutMs, { body });
  return "created";
}

/** The first comment of a bot's that begins with the marker: one that a person wrote is theirs. */
async function findComment(
  pull: PullRequest,
  marker: string,
  timeoutMs: number,
): Promise<Comment | undefined> {
  for (let page = 1; page <= MAX_PAGES; page++) {
    const path = `/issues/${pull.number}/comments?per_page=${PAGE}&page=${page}`;
    const comments = z.array(comment).parse(await call(pull, "GET", path, timeoutMs));
    const found = comments.find(({ body, user }) => user?.type === "Bot" && markerIn(body ?? "") === marker);
    if (found || comments.length < PAGE) return found;
  }
  return undefined;
}

async function call(
  { api, repository, token }: PullRequest,
  method: "GET" | "POST" | "PATCH",
  path: string,
  timeoutMs: number,
  body?: object,
): Promise<unknown> {
  const response = await fetch(`${api}/repos/${repository}${path}`, {
    method,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "user-agent": "cutover",
      "x-github-api-version": "2022-11-28",
      ...(body ? { "content-type": "application/json" } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  if (!response.ok) throw new Refused(response.status, text, response.headers);
  return JSON.parse(text);
}

/** An answer that is not the wished one; status 0 where there was none. */
class Refused extends Error {
  constructor(
    readonly status: number,
    readonly text: string,
    private readonly headers: Headers = new Headers(),
  ) {
    super(`${status}: ${text}`);
  }

  get tooLong(): boolean {
    return this.status === 413 || (this.status === 422 && /too long/i.test(this.text));
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

/** What a person can do about it. GitHub's own words hold no secret; they are cut all the same. */
function told({ repository, number }: PullRequest, { status, text }: Refused): UserError {
  const said = /"message"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? text;
  const remedy =
    status === 401 || status === 403
      ? "Give the job permissions: pull-requests: write, which a run for a fork never has"
      : status === 404
        ? "Check GITHUB_REPOSITORY and PULL_REQUEST, and that the token may see the repository"
        : "Run the job again";
  return new UserError("The comment could not be posted:", [
    {
      where: `${repository} #${number}`,
      what:
        status === 0
          ? `GitHub does not answer (${said})`
          : `GitHub answers ${status} (${said.slice(0, 200)})`,
      remedy,
    },
  ]);
}

/** The top of a comment that is too long, up to the end of a line. */
function cut(body: string, limit: number): string {
  if (body.length <= limit) return body;
  const note = "\n\n> **Cut off here**, for length.\n";
  const top = body.slice(0, limit - note.length);
  const end = top.lastIndexOf("\n");
  return `${end > 0 ? top.slice(0, end) : top}${note}`;
}
