import { z } from "zod";
import { topics } from "../../channels/kind";
import { rowId } from "../../gates/common";
import { duration, safeMilliseconds } from "../../text/duration";

const after = z
  .strictObject({
    after: duration
      .refine(
        (text) => safeMilliseconds(text) > 0,
        "longer than nothing; for a message at the flip write before",
      )
      .meta({
        description: "How long the flags must have been live, without a break, for it to be sent.",
        examples: ["24h"],
      }),
  })
  .meta({ description: "Sent by itself after this time. An abort before then cancels it." });

const MINUTE_MS = 60_000;

const every = z
  .strictObject({
    every: duration
      .refine((text) => safeMilliseconds(text) >= MINUTE_MS, "at least 1m")
      .refine(
        (text) => safeMilliseconds(text) % MINUTE_MS === 0,
        "whole minutes: the scheduler knows no shorter ones",
      )
      .refine((text) => safeMilliseconds(text) <= 30 * 86_400_000, "at most 30d")
      .meta({
        description: "From one to the next. The first one is sent so long after the flip.",
        examples: ["1h", "12h", "24h"],
      }),
  })
  .meta({
    description:
      "Sent again and again while the stage is live. An abort, or the next stage's promotion, ends it.",
  });

/** The questions about imports that a message may carry. */
const MESSAGE_QUERIES = ["Q1", "Q2", "Q3", "Q5", "Q6"] as const;
export type MessageQuery = (typeof MESSAGE_QUERIES)[number];

/** One message to people, such as C1. */
export const message = z
  .strictObject({
    title: z
      .string()
      .min(3)
      .max(120)
      .meta({ description: "What it says, in one line. Becomes the subject, cut to what SNS takes." }),
    to: topics.meta({ description: "Who reads it: the rollout's topics.", examples: [["ops"]] }),
    when: z.union([z.literal("before"), z.literal("finish"), after, every]).meta({
      description:
        "`before`: at the flip, once per attempt; where it cannot be sent, the stage is not promoted. Or { after: … }, once; or { every: … }, again and again while the stage is live. `finish`, in the last stage alone: when `cutover finish` has found every exit gate to pass.",
      examples: ["before", { after: "24h" }, { every: "12h" }, "finish"],
    }),
    text: z
      .string()
      .max(4_000)
      .optional()
      .meta({ description: "What else people should know. Never a secret: it is sent as it stands." }),
    soakSummary: z.boolean().default(false).meta({
      description:
        "Adds what the stage's exit gates show at that time, each observed against what is required; those by the rollout's own TypeScript only by name, but in a message at the finish. Not with when: before.",
    }),
    queries: z
      .array(z.enum(MESSAGE_QUERIES))
      .min(1)
      .refine((ids) => new Set(ids).size === ids.length, "each query once")
      .optional()
      .meta({
        description:
          "Adds the answers to these questions about the table of imports, beside the recorded baseline: since the flip, or since the last time where it is sent again and again. Not Q4: patterns of errors are made of texts that nobody has checked for secrets.",
        examples: [["Q1", "Q6"]],
      }),
  })
  .refine(({ soakSummary, when }) => !soakSummary || when !== "before", {
    path: ["soakSummary"],
    message: "false in a message that is sent before the flip: nothing has soaked yet",
  })
  .refine(({ queries, when }) => queries === undefined || typeof when === "object", {
    path: ["queries"],
    message: "only in a message with when: { after: … } or { every: … }",
  })
  .meta({ description: "A message to people about this stage." });

/** `messages:` of a stage, by row id. */
export const messageMap = z.record(rowId, message);

export type MessageConfig = z.infer<typeof message>;
export type MessageMap = Readonly<Record<string, MessageConfig>>;

/** A row with the message that it stands for. */
export interface MessageRow {
  readonly row: string;
  readonly message: MessageConfig;
}

/** Those that are sent at the flip. */
export function announcementsOf(messages: MessageMap): MessageRow[] {
  return rowsOf(messages).filter(({ message: { when } }) => when === "before");
}

/** Those that are sent once, some time after it. */
export function timedOf(messages: MessageMap): (MessageRow & { readonly after: string })[] {
  return scheduledOf(messages).flatMap(({ when, ...one }) => ("after" in when ? { ...one, ...when } : []));
}

/** Those that are sent again and again while the stage is live. */
export function recurringOf(messages: MessageMap): (MessageRow & { readonly every: string })[] {
  return scheduledOf(messages).flatMap(({ when, ...one }) => ("every" in when ? { ...one, ...when } : []));
}

type Time = Extract<MessageConfig["when"], object>;

/** Those that are sent by themselves, and when. */
export function scheduledOf(messages: MessageMap): (MessageRow & { readonly when: Time })[] {
  return rowsOf(messages).flatMap((one) => {
    const { when } = one.message;
    return typeof when === "object" ? [{ ...one, when }] : [];
  });
}

/** Those that `cutover finish` sends. */
export function finishingOf(messages: MessageMap): MessageRow[] {
  return rowsOf(messages).filter(({ message: { when } }) => when === "finish");
}

function rowsOf(messages: MessageMap): MessageRow[] {
  return Object.entries(messages).map(([row, one]) => ({ row, message: one }));
}
