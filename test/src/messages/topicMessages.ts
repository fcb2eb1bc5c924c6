import { keyOf, type Post, type TopicMessage } from "../../../src/messages/sendOnce";
import type { About } from "../../../src/messages/texts";
import { type MessageConfig, message } from "../../../src/rollout/config/messages";

const AT = "arn:aws:sns:eu-central-1:123456789012:ops-view";
export const TOPICS = { onCall: `${AT}-on-call`, ops: `${AT}-ops`, stakeholders: `${AT}-stakeholders` };

/** A message as config writes it, announced to ops unless told otherwise. */
export function written(changes: object = {}): MessageConfig {
  return message.parse({
    title: "Reads are about to come from the database",
    to: ["ops"],
    when: "before",
    ...changes,
  });
}

export function about(changes: object = {}, spec: Partial<About> = {}): About {
  return {
    rollout: "ops-view",
    stage: "stageA",
    attempt: 1,
    row: "C1",
    message: written(changes),
    ...spec,
  };
}

/** A post office in memory that can be told to fail. */
export interface MemoryPost extends Post {
  /** What was delivered: the topic's end and the text. */
  readonly delivered: { topic: string; subject: string; text: string }[];
  readonly kept: Set<string>;
  /** Topics, by their ends, that refuse. */
  readonly refusing: Set<string>;
  sentFails?: string;
  keepFails?: string;
}

export function memoryPost(): MemoryPost {
  const post: MemoryPost = {
    delivered: [],
    kept: new Set(),
    refusing: new Set(),
    async publish(topicArn, { subject, text }) {
      const topic = topicArn.replace(`${AT}-`, "");
      if (post.refusing.has(topic)) throw new Error(`${topic} refuses`);
      post.delivered.push({ topic, subject, text });
    },
    async sent(attempt) {
      if (post.sentFails) throw new Error(post.sentFails);
      return new Set([...post.kept].filter((key) => key.startsWith(`attempt-${attempt}/`)));
    },
    async keep(key: string, one: TopicMessage) {
      if (post.keepFails) throw new Error(post.keepFails);
      if (key !== keyOf(one)) throw new Error(`kept under ${key}`);
      post.kept.add(key);
    },
  };
  return post;
}
