import { createHash, randomBytes } from "node:crypto";
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
  const letters = [...randomBytes(LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
  return `${letters.slice(0, LENGTH / 2)}-${letters.slice(LENGTH / 2)}`;
}

/** What the ledger keeps of a code: of one stage, so that another stage's is another one. */
export function codeDigest({ rollout, stage }: Pick<Note, "rollout" | "stage">, code: string): string {
  const plain = code.toUpperCase().replaceAll(/[^0-9A-Z]/g, "");
  return createHash("sha256").update(`${rollout} ${stage} ${plain}`).digest("hex").slice(0, 32);
}

/** So soon a page is acknowledged, or nobody was reached in time. Four times what escalations of pagers wait for. */
export const ACKNOWLEDGE_WITHIN_MS = 60 * 60_000;
/**
 * So long an acknowledged page counts. Our own choice: a quarter, after which rotas and phones are others. Shorter
 * than any confirmed subscription, which counts for good.
 */
export const ACKNOWLEDGED_FOR_MS = 90 * 24 * 60 * 60_000;

/** A page that asks for an acknowledgement: a drill's, or one that was sent alone. */
interface Paged {
  readonly deployment: number;
  readonly note: Note;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

function pagesIn(history: readonly LedgerEntry[], rollout: string): Paged[] {
  return newestFirst(history).flatMap(({ deployment, state, completedAt, note }): Paged[] =>
    note?.digest !== undefined &&
    (note.kind === "drill" || note.kind === "page") &&
    note.rollout === rollout &&
    state === "complete" &&
    completedAt !== undefined
      ? [{ deployment, note, at: Date.parse(completedAt) }]
      : [],
  );
}

/** What answers a page: an entry of ours with its very code, soon enough. */
function answerTo(page: Paged, history: readonly LedgerEntry[]): LedgerEntry | undefined {
  return history.find(
    ({ deployment, state, completedAt, carries, note }) =>
      note?.kind === "acknowledge" &&
      carries &&
      state === "complete" &&
      deployment > page.deployment &&
      note.code !== undefined &&
      codeDigest(note, note.code) === page.note.digest &&
      Date.parse(completedAt ?? "") - page.at <= ACKNOWLEDGE_WITHIN_MS,
  );
}

/** What the ledger tells of whether a page reaches a person. */
export interface Acknowledged {
  /** The newest page that was answered. */
  readonly page?:
    | {
        readonly deployment: number;
        readonly stage: string;
        /** When it was sent, ms since the epoch. */
        readonly at: number;
        /** Who answered, as AWS knows them. */
        readonly by?: string | undefined;
        /** What listened to the topic then, as a digest. */
        readonly listeners?: string | undefined;
      }
    | undefined;
  /** A newer page that nobody answered in time, by its deployment. */
  readonly unanswered?: number | undefined;
}

/** @param now milliseconds since the epoch */
export function acknowledgedIn(history: readonly LedgerEntry[], rollout: string, now: number): Acknowledged {
  let unanswered: number | undefined;
  for (const page of pagesIn(history, rollout)) {
    const answer = answerTo(page, history);
    if (answer?.note) {
      const { by, listeners } = answer.note;
      const { deployment, at, note } = page;
      return {
        page: {
          deployment,
          stage: note.stage,
          at,
          ...(by === undefined ? {} : { by }),
          ...(listeners === undefined ? {} : { listeners }),
        },
        ...(unanswered === undefined ? {} : { unanswered }),
      };
    }
    // One that may still be answered speaks neither for nor against a person.
    if (now - page.at > ACKNOWLEDGE_WITHIN_MS) unanswered ??= page.deployment;
  }
  return unanswered === undefined ? {} : { unanswered };
}

/** What a code that somebody types is. */
export type CodeRead =
  | { readonly kind: "answers"; readonly deployment: number; readonly done: boolean }
  /** It is that of another stage. */
  | { readonly kind: "of"; readonly stage: string }
  /** A newer page of the stage was sent since. */
  | { readonly kind: "old"; readonly deployment: number; readonly newer: number }
  /** It was typed later than it had to be. */
  | { readonly kind: "late"; readonly deployment: number }
  | { readonly kind: "unknown" };

/** Holds a code against the pages in the ledger. */
export function readCode(
  history: readonly LedgerEntry[],
  {
    rollout,
    stage,
    code,
    now,
  }: Pick<Note, "rollout" | "stage"> & { readonly code: string; readonly now: number },
): CodeRead {
  const pages = pagesIn(history, rollout);
  const page = pages.find(({ note }) => codeDigest(note, code) === note.digest);
  if (!page) return { kind: "unknown" };
  if (page.note.stage !== stage) return { kind: "of", stage: page.note.stage };
  const { deployment } = page;
  if (answerTo(page, history)) return { kind: "answers", deployment, done: true };
  const newest = pages.find(({ note }) => note.stage === stage);
  if (newest && newest.deployment > deployment) return { kind: "old", deployment, newer: newest.deployment };
  if (now - page.at > ACKNOWLEDGE_WITHIN_MS) return { kind: "late", deployment };
  return { kind: "answers", deployment, done: false };
}
