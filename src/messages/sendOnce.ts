import type { TopicName } from "../aws/names";
import { reasonOf } from "../text/problem";
import type { Notice } from "./texts";

/** One message to one topic. */
export interface TopicMessage {
  readonly to: TopicName;
  readonly topicArn: string;
  readonly notice: Notice;
  /** What was taken back is said anew, in a further round. Default: 1. */
  readonly round?: number | undefined;
}

/** Where topicMessages go, and where it is kept that they went. */
export interface Post {
  publish(topicArn: string, notice: Notice): Promise<void>;
  /** Keys of the topicMessages that were sent already. */
  sent(attempt: number): Promise<ReadonlySet<string>>;
  /** Keeps that a message was sent. */
  keep(key: string, one: TopicMessage): Promise<void>;
}

/** What became of each message. */
export interface SendResult {
  readonly told: readonly string[];
  readonly before: readonly string[];
  readonly failed: readonly { readonly key: string; readonly reason: string }[];
  /** Sent, but not kept that they were: a repeated run would send them again. */
  readonly unkept: readonly { readonly key: string; readonly reason: string }[];
}

/** What tells a message from all others of its stage. */
export function keyOf({ notice: { attributes }, to, round = 1 }: TopicMessage): string {
  const again = round > 1 ? `/round-${round}` : "";
  const back = attributes.kind === "back" ? "/taken-back" : "";
  const check = attributes.occurrence === undefined ? "" : `/check-${attributes.occurrence}`;
  return `attempt-${attributes.attempt}/${attributes.row}/${to}${again}${back}${check}`;
}

/** `C4 to ops`, of a message's key. */
export function showMessageKey(key: string): string {
  const [, row, to] = key.split("/");
  return `${row} to ${to}`;
}

/**
 * Sends each message that was not sent yet. What was sent is kept after it was, not before: killed in between, the
 * worst is that people read something twice, never that they rely on a message that nobody sent.
 *
 * @param before keys of the topicMessages that were sent already
 */
export async function sendOnce(
  topicMessages: readonly TopicMessage[],
  post: Pick<Post, "publish" | "keep">,
  before: ReadonlySet<string>,
): Promise<SendResult> {
  const told: string[] = [];
  const failed: { key: string; reason: string }[] = [];
  const unkept: { key: string; reason: string }[] = [];
  const due = topicMessages.filter((one) => !before.has(keyOf(one)));
  await Promise.all(
    due.map(async (one) => {
      const key = keyOf(one);
      try {
        await post.publish(one.topicArn, one.notice);
      } catch (error) {
        failed.push({ key, reason: reasonOf(error) });
        return;
      }
      told.push(key);
      await post.keep(key, one).catch((error: unknown) => void unkept.push({ key, reason: reasonOf(error) }));
    }),
  );
  return { told, before: topicMessages.map(keyOf).filter((key) => before.has(key)), failed, unkept };
}
