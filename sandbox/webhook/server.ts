import { createServer } from "node:http";
import { signature } from "../aws/front/upstream";
import { bodyOf } from "../host/http";
import { LOOPBACK, listenAnywhere } from "../host/ports";
import { toolsHere } from "./tools";
import type { Accepted } from "./tools/tool";

/** A message that a topic delivered. */
export interface Delivered {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly topic: string;
  readonly subject: string | undefined;
  readonly message: string;
}

export interface WebhookServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves an HTTP endpoint that topics deliver to, on a free loopback port. It confirms subscriptions, as PagerDuty and
 * its like do. Below it stand the tools that channels are sent to, each as strict as its original: `toolsHere`.
 *
 * @param heard takes each message of a topic; the topic is answered once it has
 * @param accepted takes each message that a tool took in; the channel is answered once it has
 */
export async function serveWebhook(
  heard: (delivered: Delivered) => void | Promise<void>,
  accepted: (message: Accepted) => void | Promise<void> = () => {},
): Promise<WebhookServer> {
  const tools = toolsHere();
  const server = createServer((request, response) => {
    const [, tool = "", path = "/"] = /^\/([a-z]+)(\/.*)?$/i.exec(request.url ?? "") ?? [];
    const standIn = Object.hasOwn(tools, tool) ? tools[tool] : undefined;
    if (standIn) {
      void bodyOf(request)
        .then(async (text) => {
          const { method = "", headers } = request;
          const { status, body: answer, taken, ...rest } = standIn({ method, path, headers, body: text });
          if (taken) await accepted({ at: new Date().toISOString(), tool, ...taken });
          response.writeHead(status, rest.headers).end(answer);
        })
        .catch(() => response.writeHead(500).end());
      return;
    }
    void bodyOf(request)
      .then(async (text) => {
        const note = JSON.parse(text) as Record<string, string>;
        if (note.Type === "SubscriptionConfirmation" && note.SubscribeURL) await confirm(note);
        else
          await heard({
            at: new Date().toISOString(),
            topic: note.TopicArn?.split(":").at(-1) ?? "",
            subject: note.Subject,
            message: note.Message ?? text,
          });
        response.end();
      })
      .catch(() => response.writeHead(400).end());
  });
  const port = await listenAnywhere(server);
  return {
    url: `http://${LOOPBACK}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * AWS's URL leads to the region of the topic. The emulator's is the same for all, and it knows a region by a signature alone:
 * without one it would look for the topic in its own.
 */
async function confirm({
  SubscribeURL = "",
  TopicArn = "",
}: Readonly<Record<string, string>>): Promise<void> {
  const [, , , region, accessKey] = TopicArn.split(":");
  const { authorization = "" } = region && accessKey ? signature("sns", { region, accessKey }) : {};
  await fetch(SubscribeURL, authorization === "" ? {} : { headers: { authorization } });
}
