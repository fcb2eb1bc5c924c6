import { createHash, randomBytes } from "node:crypto";
import { digestOf } from "../text/digest";
import { showDuration } from "../text/duration";
import { type LedgerEntry, type Note, newestFirst } from "./ledger";

/**
 * A page carries a code that stands nowhere else: the ledger keeps its digest alone. Whoever types it has read the
 * page, so that a person is reached through whatever listens to the topic.
 */

/** Letters and digits that nobody takes for one another. Source: Crockford's base 32. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** 50 bits: nobody guesses it, and a person types it. */
const LENGTH = 10;

/** A new code, such as `K7QM2-XWD9F`. */
export function newCode(): string {
  return spelled(randomBytes(LENGTH));
}

/**
 * The code of an alarm's page, by the id that the alarm's message has in its topic: the same however often that is
 * delivered. The topic makes the id up, and nothing but the switch listens to it: nobody else can tell the code.
 */
export function codeOf(messageId: string, alarm: { readonly name: string; readonly at: string }): string {
  return spelled(
    createHash("sha256")
      .update(JSON.stringify([messageId, alarm.name, alarm.at]))
      .digest(),
  );
}

function spelled(bytes: Uint8Array): string {
  const letters = [...bytes.subarray(0, LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
  return `${letters.slice(0, LENGTH / 2)}-${letters.slice(LENGTH / 2)}`;
}

/**
 * What the ledger keeps of a code: of one stage, so that another stage's is another one. No code has the letters O, I and
 * L: whoever types one read a digit so. Source: Crockford's base 32, "Decode Symbol".
 */
export function codeDigest({ rollout, stage }: Pick<Note, "rollout" | "stage">, code: string): string {
  const plain = code
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  return digestOf(`${rollout} ${stage} ${plain}`, 32);
}

/** So soon a page is acknowledged, or nobody was reached in time. Four times what escalations of pagers wait for. */
export const ACKNOWLEDGE_WITHIN_MS = 60 * 60_000;
/**
 * So long an acknowledged page counts. Our own choice: a quarter, after which rotas and phones are others. Shorter
 * than any confirmed subscription, which counts for good.
 */
export const ACKNOWLEDGED_FOR_MS = 90 * 24 * 60 * 60_000;

/** What answers a page. */
interface Answer {
  readonly deployment: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** As AWS knows them. */
  readonly by?: string | undefined;
  /** What listened to the topic then, as a digest. */
  readonly listeners?: string | undefined;
}

/** A page that carried a code. */
export interface Paged {
  readonly deployment: number;
  readonly note: Note;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Who acknowledged it first, however late; absent where nobody did. */
  readonly seen?: Answer | undefined;
}

/** Asked for to learn whether it reaches a person. An alarm's asks for a hand on the fault: not to answer it tells nothing. */
const ASKED: readonly Note["kind"][] = ["drill", "page"];
const PAGING: readonly Note["kind"][] = [...ASKED, "abort", "stop"];

/** Every page of a rollout that carried a code, newest first: of alarms that rolled back, of drills, and those sent alone. */
export function pagesIn(history: readonly LedgerEntry[], rollout: string): Paged[] {
  const newest = newestFirst(history);
  const answers = newest.toReversed().filter(({ note }) => note?.kind === "acknowledge");
  return newest.flatMap(({ deployment, state, completedAt, note }): Paged[] => {
    if (note?.digest === undefined || !PAGING.includes(note.kind) || note.rollout !== rollout) return [];
    if (state !== "complete" || completedAt === undefined) return [];
    const page = { deployment, note, at: Date.parse(completedAt) };
    return [{ ...page, seen: answerTo(page, answers) }];
  });
}

/** What answers a page: the first of our entries, oldest first, with its very code. */
function answerTo(page: Omit<Paged, "seen">, answers: readonly LedgerEntry[]): Answer | undefined {
  const [first] = answers.flatMap(({ deployment, state, completedAt, carries, note }) =>
    carries &&
    state === "complete" &&
    completedAt !== undefined &&
    deployment > page.deployment &&
    note?.code !== undefined &&
    codeDigest(note, note.code) === page.note.digest
      ? [{ deployment, at: Date.parse(completedAt), by: note.by, listeners: note.listeners }]
      : [],
  );
  return first;
}

/** Whether somebody acknowledged it soon enough to show that it reaches a person. */
const inTime = ({ at, seen }: Paged) => seen !== undefined && seen.at - at <= ACKNOWLEDGE_WITHIN_MS;

type Seen = Pick<Answer, "at" | "by">;

/** Whether somebody said that they saw a page, as the end of a sentence. */
export function showSeen({ at, seen }: Pick<Paged, "at"> & { readonly seen?: Seen | undefined }): string {
  if (seen === undefined) return "nobody has said that they saw it";
  const who = seen.by === undefined ? "" : ` by ${seen.by}`;
  return `seen${who} after ${showDuration(Math.max(0, seen.at - at))}`;
}

/** What the ledger tells of whether a page reaches a person. */
export interface Acknowledged {
  /** The newest page that was answered, when it was sent, and what its answer says. */
  readonly page?:
    | (Pick<Paged, "deployment" | "at"> & Pick<Answer, "by" | "listeners"> & { readonly stage: string })
    | undefined;
  /** A newer page that nobody answered in time, by its deployment. */
  readonly unanswered?: number | undefined;
}

/**
 * What pages show of whether a person is reached. One of an alarm that somebody acknowledged in time shows it as well as
 * a drill's; one that nobody did shows nothing, since whoever mends a fault types no code.
 *
 * @param now milliseconds since the epoch
 */
export function acknowledgedIn(history: readonly LedgerEntry[], rollout: string, now: number): Acknowledged {
  let unanswered: number | undefined;
  for (const page of pagesIn(history, rollout)) {
    const { deployment, at, note, seen } = page;
    if (seen && inTime(page)) {
      const { by, listeners } = seen;
      return { page: { deployment, stage: note.stage, at, by, listeners }, unanswered };
    }
    // One that may still be answered speaks neither for nor against a person.
    if (ASKED.includes(note.kind) && now - at > ACKNOWLEDGE_WITHIN_MS) unanswered ??= deployment;
  }
  return { unanswered };
}

/** What a code that somebody types is. */
export type CodeRead =
  /** `counts`: as a sign that a person is reached, beside what it says of this one page. */
  | { readonly kind: "answers"; readonly page: Paged; readonly counts: boolean }
  /** That of a page which was asked for, and a newer one of the stage was sent since. */
  | { readonly kind: "old"; readonly page: Paged; readonly newer: number }
  /** That of a page which was asked for, and it was typed later than it had to be. */
  | { readonly kind: "late"; readonly page: Paged }
  | { readonly kind: "unknown" };

/**
 * Holds a code against the pages in the ledger. An alarm's page is acknowledged at any time: that somebody saw it is worth
 * knowing late, too.
 */
export function readCode(
  history: readonly LedgerEntry[],
  { rollout, code, now }: { readonly rollout: string; readonly code: string; readonly now: number },
): CodeRead {
  const pages = pagesIn(history, rollout);
  const page = pages.find(({ note }) => codeDigest(note, code) === note.digest);
  if (!page) return { kind: "unknown" };
  const soon = now - page.at <= ACKNOWLEDGE_WITHIN_MS;
  if (page.seen) return { kind: "answers", page, counts: inTime(page) };
  if (!ASKED.includes(page.note.kind)) return { kind: "answers", page, counts: soon };
  const newest = pages.find(({ note }) => ASKED.includes(note.kind) && note.stage === page.note.stage);
  if (newest && newest.deployment > page.deployment) return { kind: "old", page, newer: newest.deployment };
  return soon ? { kind: "answers", page, counts: true } : { kind: "late", page };
}
