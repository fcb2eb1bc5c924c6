import { type Delivered, serveWebhook, type WebhookServer } from "../../sandbox/webhook/server";

export type { Delivered } from "../../sandbox/webhook/server";

/** Stands for the pager and the chat: an HTTP endpoint that topics deliver to. */
export interface Webhook extends WebhookServer {
  readonly delivered: readonly Delivered[];
}

/** Starts a webhook on a free loopback port, which remembers what it heard. */
export async function startWebhook(): Promise<Webhook> {
  const delivered: Delivered[] = [];
  return { ...(await serveWebhook((one) => void delivered.push(one))), delivered };
}
