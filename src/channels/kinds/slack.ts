import { z } from "zod";
import { secretName } from "../../aws/secretName";
import { LOOPBACK } from "../../text/target";
import { clipped } from "../../text/text";
import { clipEscaped } from "../clip";
import { type ChannelKind, judgeStatus, posted, topics } from "../kind";
import { type Link, type Notification, type Severity, traitsOf } from "../notification";
import type { Field } from "../plain";

/** Source: Slack's reference of Block Kit, "Header block", "Section block", "Context block". */
const HEADER = 150;
const SECTION = 3_000;
const BLOCKS = 50;
/** What is shown where blocks cannot be: a phone's lock screen. */
const FALLBACK = 300;
/** One field of ours is a sentence; a longer one would push what to do off the screen. */
const FIELD = 800;

export const slack = z
  .strictObject({
    kind: z.literal("slack"),
    topics,
    secret: secretName("the URL of an incoming webhook (https://hooks.slack.com/services/…)"),
  })
  .meta({ description: "A channel of Slack, by an incoming webhook." });
export type SlackConfig = z.infer<typeof slack>;

const MARK: Readonly<Record<Severity, string>> = {
  critical: ":rotating_light:",
  error: ":red_circle:",
  warning: ":warning:",
  info: ":information_source:",
};

export const slackKind: ChannelKind<SlackConfig> = {
  title: "Slack",
  tells: "shows it in its channel: it wakes nobody by itself",
  secretProblem: (secret) =>
    /^https:\/\/hooks\.slack(-gov)?\.com\/\S+$/.test(secret) || LOOPBACK.test(secret)
      ? undefined
      : "is no incoming webhook of Slack, which begins with https://hooks.slack.com/",
  render(message, { secret }) {
    const text = clipEscaped(message.headline || message.rollout, FALLBACK, escapeSlack);
    const body = JSON.stringify({ text, blocks: blocksOf(message) });
    return [posted(secret, body, { "content-type": "application/json; charset=utf-8" })];
  },
  judge: judgeStatus,
};

/** What adds to a message before it, and has no more to say than its headline, is a line and no message of its own. */
function blocksOf(message: Notification): object[] {
  const adds = traitsOf(message.kind).page === "acknowledge";
  if (adds && message.fields.length + message.lines.length === 0)
    return [section(clipEscaped(`:eyes: ${message.headline || message.rollout}`, SECTION, escapeSlack))];
  return wholeOf(message);
}

function wholeOf(message: Notification): object[] {
  const { kind, title, headline, fields, lines, links, rollout } = message;
  const mark = kind === "resolved" ? ":white_check_mark:" : MARK[traitsOf(kind).severity];
  const body = [
    ...(title !== "" && !headline.includes(title) ? [section(clipEscaped(title, SECTION, escapeSlack))] : []),
    ...packed(fields.map(shown)).map(section),
    ...(lines.length > 0 ? [section(fenced(clipEscaped(lines.join("\n"), SECTION - 10, escapeSlack)))] : []),
  ];
  return [
    // Plain text, which Slack does not read as markup: nothing is escaped, and mentions nobody.
    {
      type: "header",
      text: { type: "plain_text", text: clipped(`${mark} ${headline || rollout}`, HEADER), emoji: true },
    },
    ...body.slice(0, BLOCKS - 2),
    ...(links.length === 0
      ? []
      : [{ type: "context", elements: [{ type: "mrkdwn", text: links.map(slackLink).join(" · ") }] }]),
  ];
}

/** Source: Slack's reference, "Formatting text for app surfaces": these three alone are escaped. */
export function escapeSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A link as Slack's markup has it. */
export const slackLink = ({ href, text }: Link) => `<${escapeSlack(href)}|${escapeSlack(text)}>`;

function shown({ label, value }: Field): string {
  const text = clipEscaped(value, FIELD, escapeSlack);
  // A command is copied as it stands: Slack would make typographic quotes of its quotes.
  return label === "Next" || label === "Way back"
    ? `*${escapeSlack(label)}*\n${fenced(text)}`
    : `*${escapeSlack(label)}*  ${text}`;
}

const FENCE = "```";
const fenced = (escaped: string) => `${FENCE}\n${escaped.replaceAll(FENCE, "'''")}\n${FENCE}`;

/** As few sections as hold them all: each is a break that a reader scrolls over. */
function packed(lines: readonly string[]): string[] {
  const sections: string[] = [];
  for (const line of lines) {
    const last = sections.at(-1);
    if (last !== undefined && last.length + 1 + line.length <= SECTION)
      sections[sections.length - 1] = `${last}\n${line}`;
    else sections.push(line);
  }
  return sections;
}

function section(text: string): object {
  return { type: "section", text: { type: "mrkdwn", text } };
}
