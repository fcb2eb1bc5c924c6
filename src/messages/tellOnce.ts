import type { TopicName } from "../aws/names";
import { reasonOf } from "../text/problem";
import type { Notice } from "./texts";

/** One message to one topic. */
export interface Letter {
  readonly to: TopicName;
  readonly topicArn: string;
  readonly notice: Notice;
  /** What was taken back is said anew, in a further round. Default: 1. */
  readonly round?: number | undefined;
}

/** Where letters go, and where it is kept that they went. */
export interface Post {
  publish(topicArn: string, notice: Notice): Promise<void>;
  /** Keys of the letters that were sent already. */
  sent(attempt: number): Promise<ReadonlySet<string>>;
  /** Keeps that a letter was sent. */
  keep(key: string, letter: Letter): Promise<void>;
}

/** What became of each letter. */
export interface Told {
  readonly told: readonly string[];
  readonly before: readonly string[];
  readonly failed: readonly { readonly key: string; readonly reason: string }[];
  /** Sent, but not kept that they were: a repeated run would send them again. */
  readonly unkept: readonly { readonly key: string; readonly reason: string }[];
}

/** What tells a letter from all others of its stage. */
export function keyOf({ notice: { attributes }, to, round = 1 }: Letter): string {
  const again = round > 1 ? `/round-${round}` : "";
  const back = attributes.kind === "back" ? "/taken-back" : "";
  const check = attributes.occurrence === undefined ? "" : `/check-${attributes.occurrence}`;
  return `attempt-${attributes.attempt}/${attributes.row}/${to}${again}${back}${check}`;
}

/** `C4 to ops`, of a letter's key. */
export function showLetter(key: string): string {
  const [, row, to] = key.split("/");
  return `${row} to ${to}`;
}

/**
 * Sends each letter that was not sent yet. What was sent is kept after it was, not before: killed in between, the
 * worst is that people read something twice, never that they rely on a message that nobody sent.
 *
 * @param before keys of the letters that were sent already
 */
export async function tellOnce(
  letters: readonly Letter[],
  post: Pick<Post, "publish" | "keep">,
  before: ReadonlySet<string>,
): Promise<Told> {
  const told: string[] = [];
  const failed: { key: string; reason: string }[] = [];
  const unkept: { key: string; reason: string }[] = [];
  const due = letters.filter((letter) => !before.has(keyOf(letter)));
  await Promise.all(
    due.map(async (letter) => {
      const key = keyOf(letter);
      try {
        await post.publish(letter.topicArn, letter.notice);
      } catch (error) {
        failed.push({ key, reason: reasonOf(error) });
        return;
      }
      told.push(key);
      await post
        .keep(key, letter)
        .catch((error: unknown) => void unkept.push({ key, reason: reasonOf(error) }));
    }),
  );
  return { told, before: letters.map(keyOf).filter((key) => before.has(key)), failed, unkept };
}
