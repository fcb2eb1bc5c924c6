import * as z from "zod";
import { parsed } from "../../host/http";

/**
 * The custom notifications that Amazon Q Developer in chat applications shows; any other message in a topic it drops
 * without a word. Source: its administrator guide, "Custom notifications", event schema.
 */
const notification = z.strictObject({
  version: z.literal("1.0"),
  source: z.literal("custom"),
  id: z.string().optional(),
  content: z.strictObject({
    textType: z.literal("client-markdown").optional(),
    title: z.string().min(1).max(250).optional(),
    description: z.string().min(1).max(8_000),
    nextSteps: z.array(z.string()).optional(),
    keywords: z.array(z.string()).optional(),
  }),
  metadata: z
    .strictObject({
      threadId: z.string().optional(),
      summary: z.string().optional(),
      eventType: z.string().optional(),
      relatedResources: z.array(z.string()).optional(),
      additionalContext: z.record(z.string(), z.string()).optional(),
      enableCustomActions: z.boolean().optional(),
    })
    .optional(),
});

/** Why it would drop a message of a topic; undefined where it would show it. */
export function droppedByAmazonQ(message: string): string | undefined {
  const read = notification.safeParse(parsed(message));
  return read.success ? undefined : z.prettifyError(read.error);
}
