import { type Delivered, serveWebhook, type WebhookServer } from "../../sandbox/webhook/server";
import type { Accepted } from "../../sandbox/webhook/tools/tool";

export type { Delivered } from "../../sandbox/webhook/server";

/** Stands for the pager and the chat: an HTTP endpoint that topics deliver to. */
export interface Webhook extends WebhookServer {
  readonly delivered: readonly Delivered[];
  /** What the tools took in that channels are sent to. */
  readonly accepted: readonly Accepted[];
}

/** Starts a webhook on a free loopback port, which remembers what it heard. */
export async function startWebhook(): Promise<Webhook> {
  const delivered: Delivered[] = [];
  const accepted: Accepted[] = [];
  const server = await serveWebhook(
    (one) => void delivered.push(one),
    (one) => void accepted.push(one),
  );
  return { ...server, delivered, accepted };
}
