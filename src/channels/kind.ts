import { z } from "zod";
import { mayAnswerLater, type Outside, type OutsideAnswer } from "../text/askOutside";
import type { Notification } from "./notification";

/** What a channel sends, and how. */
export type Outgoing =
  | (Pick<Outside, "url" | "headers"> & { readonly via: "http"; readonly body: string })
  /** To the channel's own topic. */
  | { readonly via: "topic"; readonly body: string };

/** JSON, by POST. */
export function posted(url: string, body: string, headers: Readonly<Record<string, string>> = {}): Outgoing {
  return { via: "http", url, headers: { "content-type": "application/json", ...headers }, body };
}

/** What an answer says of a delivery. */
export type Verdict =
  | { readonly kind: "accepted" }
  | { readonly kind: "again" }
  /** It is refused however often it is sent. */
  | { readonly kind: "refused" };

/** What rendering needs beside the message. */
interface Rendering<Config> {
  readonly config: Config;
  /** The secret's text; empty where the kind has none. */
  readonly secret: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A tool that messages are sent to: what config says of it, what it is sent, and what its answers mean. Pure. */
export interface ChannelKind<Config> {
  /** What it is called in words. */
  readonly title: string;
  /** Whom that reaches, in words that go on "… is told what goes to on-call, and": `pages whoever is on call there`. */
  readonly tells: string;
  /** What is wrong with the secret's text, in words that do not quote it; undefined where nothing is. */
  readonly secretProblem?: ((secret: string) => string | undefined) | undefined;
  /** True where it is sent to by a topic of its own. */
  readonly ownTopic?: true;
  /** What is sent, in this order. Nothing where the tool has no use for such a message. */
  render(message: Notification, rendering: Rendering<Config>): Outgoing[];
  judge(answer: OutsideAnswer): Verdict;
}

/** What HTTP itself says: what may go well later, and what may not. Redirects are not followed: they lead elsewhere. */
export function judgeStatus({ status }: Pick<OutsideAnswer, "status">): Verdict {
  if (status >= 200 && status < 300) return { kind: "accepted" };
  return mayAnswerLater(status) ? { kind: "again" } : { kind: "refused" };
}

export const topics = z
  .array(z.enum(["onCall", "ops", "stakeholders"]))
  .min(1)
  .refine((list) => new Set(list).size === list.length, "each topic once")
  .meta({ description: "Whose messages it is sent: the rollout's topics.", examples: [["onCall"]] });
