import type { TopicName } from "../aws/names";
import type { Verdict } from "../gates/judge";
import { finishingOf, type MessageMap } from "../rollout/config/messages";
import { type Post, type SendResult, sendOnce, type TopicMessage } from "./sendOnce";
import { type Lived, report, type Telling } from "./texts";

/** A finish that people are told of: of the last stage, and its attempt that is live. */
export interface Finishing extends Telling, Pick<Lived, "since" | "forMs" | "flags"> {
  readonly messages: MessageMap;
  readonly topics: Readonly<Record<TopicName, string>>;
  /** What its exit gates showed when it was finished; absent where that is not known any more. */
  readonly verdicts?: readonly Verdict[] | undefined;
}

/**
 * Sends what goes out with a finish: each message to each topic once per attempt, however often it is asked.
 *
 * @param before keys of the topicMessages that were sent already
 */
export async function tellFinish(
  post: Pick<Post, "publish" | "keep">,
  finishing: Finishing,
  before: ReadonlySet<string>,
): Promise<SendResult> {
  return sendOnce(topicMessagesOf(finishing), post, before);
}

function topicMessagesOf({
  messages,
  topics,
  verdicts,
  since,
  forMs,
  flags,
  ...about
}: Finishing): TopicMessage[] {
  const soak = verdicts && { verdicts, others: [] };
  return finishingOf(messages).flatMap((row) => {
    const notice = report(
      { ...about, ...row },
      { since, forMs, flags },
      { soak: row.message.soakSummary ? soak : undefined },
    );
    return row.message.to.map((to): TopicMessage => ({ to, topicArn: topics[to], notice }));
  });
}
