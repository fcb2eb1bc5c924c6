import { z } from "zod";
import { clipped } from "../../text/text";
import { clipEscaped } from "../clip";
import { type ChannelKind, judgeStatus, topics } from "../kind";
import { traitsOf } from "../notification";
import { escapeSlack, slackLink } from "./slack";

/** Source: Amazon Q Developer in chat applications, administrator guide, "Custom notifications". */
const TITLE = 250;
const DESCRIPTION = 8_000;
const SUMMARY = 250;

export const amazonQ = z.strictObject({ kind: z.literal("amazonQ"), topics }).meta({
  description:
    "Amazon Q Developer in chat applications, in Slack, Microsoft Teams or Amazon Chime: a topic of its own, which carries the custom notifications that it shows. Add that topic to the channel's configuration there.",
});
export type AmazonQConfig = z.infer<typeof amazonQ>;

export const amazonQKind: ChannelKind<AmazonQConfig> = {
  title: "Amazon Q Developer",
  tells: "shows it in its channels: it wakes nobody by itself",
  ownTopic: true,
  render(message) {
    const { id, kind, headline, title, fields, lines, alarm, links, row, rollout } = message;
    const steps = fields.filter(({ label }) => label === "Next").flatMap(({ value }) => value.split("\n"));
    const shown = [
      headline.includes(title) ? "" : title,
      ...fields.flatMap(({ label, value }) => (label === "Next" ? [] : [`*${label}*: ${value}`])),
      ...lines,
    ];
    const description = shown.filter((line) => line !== "").join("\n") || headline || rollout;
    const nextSteps = [
      ...steps.map((step) => clipEscaped(step, SUMMARY * 2, escapeSlack)),
      ...links.map(slackLink),
    ];
    const body = {
      version: "1.0",
      source: "custom",
      id,
      content: {
        textType: "client-markdown",
        title: clipEscaped(headline || rollout, TITLE, escapeSlack),
        description: clipEscaped(description, DESCRIPTION, escapeSlack),
        ...(nextSteps.length > 0 ? { nextSteps } : {}),
        keywords: [rollout, ...(row === undefined ? [] : [row]), traitsOf(kind).severity],
      },
      metadata: {
        // What is about one alarm stands in one thread.
        threadId: alarm ?? id,
        summary: clipped(headline || rollout, SUMMARY),
        eventType: kind,
      },
    };
    return [{ via: "topic", body: JSON.stringify(body) }];
  },
  judge: judgeStatus,
};
