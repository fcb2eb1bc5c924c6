import * as z from "zod";
import { parsed } from "../../host/http";
import type { Tool } from "./tool";

/** The path of the stand-in's only incoming webhook. */
export const SLACK_PATH = "/services/T000/B000/sandbox";

const plain = (limit: number) =>
  z.strictObject({
    type: z.literal("plain_text"),
    text: z.string().min(1).max(limit),
    emoji: z.boolean().optional(),
  });
const mrkdwn = (limit: number) =>
  z.strictObject({
    type: z.literal("mrkdwn"),
    text: z
      .string()
      .min(1)
      .max(limit)
      .refine(isEscaped, "holds a <, > or & that is neither escaped nor markup"),
    verbatim: z.boolean().optional(),
  });
const text = (limit: number) => z.union([plain(limit), mrkdwn(limit)]);
const block_id = z.string().max(255).optional();

/** Source: Slack's reference of Block Kit: the blocks that an incoming webhook takes, with their limits. */
const block = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("header"), block_id, text: plain(150) }),
  z
    .strictObject({
      type: z.literal("section"),
      block_id,
      text: text(3_000).optional(),
      fields: z.array(text(2_000)).min(1).max(10).optional(),
    })
    .refine(({ text, fields }) => text !== undefined || fields !== undefined, "has neither text nor fields"),
  z.strictObject({ type: z.literal("context"), block_id, elements: z.array(text(3_000)).min(1).max(10) }),
  z.strictObject({ type: z.literal("divider"), block_id }),
]);

const message = z.strictObject({
  text: z.string().max(40_000).optional(),
  blocks: z.array(block).max(50).optional(),
});

/** Answers as an incoming webhook of Slack. Source: Slack's docs, "Sending messages using incoming webhooks". */
export const slack: Tool = ({ method, path, headers, body }) => {
  if (method !== "POST") return { status: 405, body: "method_not_allowed" };
  if (path !== SLACK_PATH) return { status: 404, body: "no_service" };
  const json = String(headers["content-type"] ?? "").startsWith("application/json");
  const value = json ? parsed(body) : undefined;
  if (typeof value !== "object" || value === null) return { status: 400, body: "invalid_payload" };
  const { text: said, blocks } = value as { text?: unknown; blocks?: unknown };
  if (!said && !(Array.isArray(blocks) && blocks.length > 0)) return { status: 400, body: "no_text" };
  const read = message.safeParse(value);
  if (!read.success)
    return {
      status: 400,
      body: read.error.issues.some(({ path: [at] }) => at === "blocks")
        ? "invalid_blocks"
        : "invalid_payload",
    };
  const header = read.data.blocks?.find(({ type }) => type === "header");
  const headline = header && "text" in header ? String(header.text?.text) : String(said);
  return { status: 200, body: "ok", taken: { headline, action: "post", message: read.data } };
};

/** Links in angle brackets, and the three escapes, are all that these characters are for. */
function isEscaped(markup: string): boolean {
  const rest = markup.replaceAll(/<https?:\/\/[^<>|]+(\|[^<>|]+)?>/g, "").replaceAll(/&(amp|lt|gt);/g, "");
  return !/[<>&]/.test(rest);
}
