import type { TopicName } from "../components/names";
import type { Flags } from "../model/flags";
import { reasonOf, UserError } from "../model/problem";
import { announcementsOf, type MessageMap } from "./config";
import { AwsPost, toldGroup } from "./post";
import { type Letter, type Post, tellOnce } from "./tellOnce";
import { announcement } from "./texts";

/** A promotion that people are to be told of before it happens. */
export interface Announcing {
  readonly rollout: string;
  readonly stage: string;
  readonly attempt: number;
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
  const { rollout, stage, messages } = promotion;
  if (announcementsOf(messages).length === 0) return;
  const post = new AwsPost(region, toldGroup(rollout, stage));
  try {
    await announceBy(post, promotion, say, Date.now());
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
  const { rollout, stage, attempt, messages, topics } = promotion;
  const letters = announcementsOf(messages).flatMap((row): Letter[] => {
    const notice = announcement({ rollout, stage, attempt, ...row }, promotion, now);
    return row.message.to.map((to) => ({ to, topicArn: topics[to], notice }));
  });
  let before: ReadonlySet<string>;
  try {
    before = await post.sent(attempt);
  } catch (error) {
    throw new UserError(`${stage} is not promoted: it is not known who was told of it already:`, [
      {
        where: toldGroup(rollout, stage),
        what: `cannot be read: ${reasonOf(error)}`,
        remedy: "Nothing has changed. Check the permissions on CloudWatch Logs, then run pulumi up again",
      },
    ]);
  }
  const { told, before: known, failed, unkept } = await tellOnce(letters, post, before);
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

/** `C3 to ops`. */
function shown(key: string): string {
  const [, row, to] = key.split("/");
  return `${row} to ${to}`;
}
