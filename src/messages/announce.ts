import type { TopicName } from "../aws/names";
import type { Flags } from "../flags/flags";
import { announcementsOf, type MessageMap } from "../rollout/config/messages";
import { reasonOf, UserError } from "../text/problem";
import { AwsPost, sentGroup } from "./post";
import { keyOf, type Post, sendOnce, showMessageKey as shown, type TopicMessage } from "./sendOnce";
import { type About, announcement, type Notice, type Telling, takenBack } from "./texts";

/** A promotion that people are to be told of before it happens. */
export interface Announcing extends Telling {
  readonly messages: MessageMap;
  readonly from: Flags;
  readonly to: Flags;
  readonly topics: Readonly<Record<TopicName, string>>;
}

/**
 * Tells people what is about to happen, at the moment of the flip: each message to each topic once per attempt,
 * however often the run is repeated. Throws a `UserError` where anybody could not be told, or where it cannot be
 * known who was: people rely on these messages, so a promotion that nobody heard of does not happen.
 *
 * @param say tells whoever runs `pulumi`
 */
export async function announce(
  promotion: Announcing,
  region: string,
  say: (line: string) => void,
): Promise<void> {
  await withPost(promotion, region, (post) => announceBy(post, { ...promotion, region }, say, Date.now()));
}

/**
 * Tells whoever was told that it did not happen. Best effort: never throws, and says where it could not be done. A
 * later run of the attempt announces anew.
 *
 * @param why what stopped the flip
 */
export async function retract(
  promotion: Announcing,
  region: string,
  why: string,
  say: (line: string) => void,
): Promise<void> {
  await withPost(promotion, region, (post) => takeBackBy(post, promotion, why, say));
}

async function withPost(
  { rollout, stage, messages }: Announcing,
  region: string,
  work: (post: Post) => Promise<void>,
): Promise<void> {
  if (announcementsOf(messages).length === 0) return;
  const post = new AwsPost(region, sentGroup(rollout, stage));
  try {
    await work(post);
  } finally {
    post.close();
  }
}

export async function announceBy(
  post: Post,
  promotion: Announcing,
  say: (line: string) => void,
  now: number,
): Promise<void> {
  const { rollout, stage, attempt } = promotion;
  let before: ReadonlySet<string>;
  try {
    before = await post.sent(attempt);
  } catch (error) {
    throw new UserError(`${stage} is not promoted: it is not known who was told of it already:`, {
      where: sentGroup(rollout, stage),
      what: `cannot be read: ${reasonOf(error)}`,
      remedy: "Nothing has changed. Check the permissions on CloudWatch Logs, then run pulumi up again",
    });
  }
  const topicMessages = topicMessagesOf(promotion, before, (about) => announcement(about, promotion, now));
  const { told, before: known, failed, unkept } = await sendOnce(topicMessages, post, before);
  if (told.length > 0) say(`${stage}: told people before the flip: ${told.map(shown).join(", ")}`);
  if (known.length > 0)
    say(`${stage}: told in an earlier run of this attempt: ${known.map(shown).join(", ")}`);
  for (const { key, reason } of unkept)
    say(
      `${stage}: ${shown(key)} was told, but that could not be kept (${reason}): a repeated run tells again`,
    );
  if (failed.length > 0)
    throw new UserError(
      `${stage} is not promoted: not everybody could be told before:`,
      failed.map(({ key, reason }) => ({
        where: `messages ${shown(key)}`,
        what: `could not be sent: ${reason}`,
        remedy: "Nothing has changed. Mend the topic, then run pulumi up again; nobody is told twice",
      })),
    );
}

export async function takeBackBy(
  post: Post,
  promotion: Announcing,
  why: string,
  say: (line: string) => void,
): Promise<void> {
  const { stage, attempt } = promotion;
  try {
    const before = await post.sent(attempt);
    // Only those who heard of it.
    const told = new Set(
      topicMessagesOf(promotion, before, (about) => announcement(about, promotion, 0))
        .map(keyOf)
        .filter((key) => before.has(key))
        .map((key) => `${key}/taken-back`),
    );
    const topicMessages = topicMessagesOf(promotion, before, (about) => takenBack(about, promotion, why));
    const done = await sendOnce(
      topicMessages.filter((one) => told.has(keyOf(one))),
      post,
      before,
    );
    if (done.told.length > 0)
      say(`${stage}: told people that it did not happen: ${done.told.map(shown).join(", ")}`);
    for (const { key, reason } of done.failed)
      say(`${stage}: ${shown(key)} was announced, and could not be taken back: ${reason}`);
  } catch (error) {
    say(`${stage}: what was announced could not be taken back: ${reasonOf(error)}`);
  }
}

/** One message for each announcement and topic, of the round that it is in. */
function topicMessagesOf(
  { rollout, release, region, stage, attempt, messages, topics }: Announcing,
  before: ReadonlySet<string>,
  write: (about: About) => Notice,
): TopicMessage[] {
  return announcementsOf(messages).flatMap((row) => {
    const notice = write({ rollout, release, region, stage, attempt, ...row });
    return row.message.to.map((to): TopicMessage => {
      const one = { to, topicArn: topics[to], notice };
      const back = { ...one, notice: { ...notice, attributes: { ...notice.attributes, kind: "back" } } };
      let round = 1;
      while (before.has(keyOf({ ...back, round }))) round++;
      return { ...one, round };
    });
  });
}
