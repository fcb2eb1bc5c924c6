import { z } from "zod";
import type { ChannelKind } from "./kind";
import { amazonQ, amazonQKind } from "./kinds/amazonQ";
import { pagerduty, pagerdutyKind } from "./kinds/pagerduty";
import { slack, slackKind } from "./kinds/slack";
import { webhook, webhookKind } from "./kinds/webhook";

/** What config says of one channel. */
export const channel = z.discriminatedUnion("kind", [pagerduty, slack, amazonQ, webhook]);
export type ChannelConfig = z.infer<typeof channel>;

/** `channels:` of a rollout, by name. Names become part of names of queues. */
export const channelMap = z.record(
  z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,15}$/, "a name: a lower-case letter, then up to 15 letters, digits or dashes"),
  channel,
);
export type ChannelMap = Readonly<Record<string, ChannelConfig>>;

const KINDS = {
  pagerduty: pagerdutyKind,
  slack: slackKind,
  amazonQ: amazonQKind,
  webhook: webhookKind,
} as const;

/** The kind of a channel. It is given that channel's config alone. */
export function channelKindOf({ kind }: ChannelConfig): ChannelKind<ChannelConfig> {
  return KINDS[kind] as unknown as ChannelKind<ChannelConfig>;
}

/** The name of the secret that a channel needs; undefined where it needs none. */
export function secretOf(config: ChannelConfig): string | undefined {
  return "secret" in config ? config.secret : undefined;
}
