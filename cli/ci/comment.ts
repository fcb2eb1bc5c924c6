import { setTimeout as sleep } from "node:timers/promises";
import { markerIn } from "../../src/text/marker";
import { reasonOf, UserError } from "../../src/text/problem";
import { type Comment, type Host, Refused } from "./host";

export interface PostOptions {
  /** Waits so many ms. */
  readonly wait?: (ms: number) => Promise<unknown>;
  /** How long one request may take, in ms. */
  readonly timeoutMs?: number;
}

export type Posted = "created" | "updated" | "unchanged";

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
  host: Host,
  body: string,
  { wait = sleep, timeoutMs = 30_000 }: PostOptions = {},
): Promise<Posted> {
  const marker = markerIn(body);
  if (marker === undefined)
    throw new UserError("The comment does not begin with a marker, so no later run would find it again");
  let text = cut(body, host.limit);
  for (let attempt = 1; ; attempt++) {
    try {
      return await postOnce(host, marker, text, timeoutMs);
    } catch (error) {
      const fault = error instanceof Refused ? error : new Refused(0, reasonOf(error));
      if (attempt === ATTEMPTS) throw told(host, fault);
      if (fault.tooLong && text.length > 2_000) text = cut(body, Math.floor(text.length / 2));
      else if (fault.passes)
        await wait(Math.min(MAX_WAIT_MS, fault.retryAfterMs ?? 1_000 * 2 ** (attempt - 1)));
      else throw told(host, fault);
    }
  }
}

async function postOnce(host: Host, marker: string, body: string, timeoutMs: number): Promise<Posted> {
  const found = await findComment(host, marker, timeoutMs);
  if (found?.body.replaceAll("\r\n", "\n").trimEnd() === body.trimEnd()) return "unchanged";
  if (found) {
    try {
      await host.update(found.id, body, timeoutMs);
      return "updated";
    } catch (error) {
      if (!(error instanceof Refused && error.gone)) throw error;
    }
  }
  await host.create(body, timeoutMs);
  return "created";
}

/** The first comment of its own that begins with the marker: one that a person wrote is theirs. */
async function findComment(host: Host, marker: string, timeoutMs: number): Promise<Comment | undefined> {
  for (let page = 1; page <= MAX_PAGES; page++) {
    const { comments, last } = await host.page(page, timeoutMs);
    const found = comments.find(({ body, own }) => own && markerIn(body) === marker);
    if (found || last) return found;
  }
  return undefined;
}

/** What a person can do about it. The host's own words hold no secret; they are cut all the same. */
function told(host: Host, { status, text }: Refused): UserError {
  const said = /"(?:message|error)"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? text;
  return new UserError("The comment could not be posted:", [
    {
      where: host.where,
      what:
        status === 0
          ? `${host.name} does not answer (${said})`
          : `${host.name} answers ${status} (${said.slice(0, 200)})`,
      remedy: host.remedy(status),
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
