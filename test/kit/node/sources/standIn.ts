import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What a stand-in of AppConfig has deployed, and how it misbehaves. */
export class StandIn {
  document = "";
  label: string | undefined;
  /** Answers so many more requests with this status. */
  refusals: { status: number; type: string; times: number } = { status: 0, type: "", times: 0 };
  /** Sends the head of a document, and nothing of its end. */
  half = false;
  slow = false;
  pauseS = 15;
  sessions: object[] = [];
  requests = 0;
  url = "";
  private readonly tokens = new Map<string, string | undefined>();

  /** Serves until the test ends. */
  static async serve(): Promise<StandIn> {
    const one = new StandIn();
    const server = createServer((request, response) => void one.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    one.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return one;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (this.slow) return;
    if (this.refusals.times > 0) {
      this.refusals.times -= 1;
      response.writeHead(this.refusals.status, { "x-amzn-errortype": this.refusals.type });
      response.end("{}");
      return;
    }
    const url = new URL(request.url ?? "/", this.url);
    if (url.pathname === "/configurationsessions") return this.startSession(response, Buffer.concat(chunks));
    if (url.pathname === "/configuration")
      return this.latest(response, url.searchParams.get("configuration_token") ?? "");
    return this.agent(response, url.pathname);
  }

  private startSession(response: ServerResponse, body: Buffer): void {
    this.sessions.push(JSON.parse(String(body)) as object);
    const token = `session-${this.sessions.length}`;
    this.tokens.set(token, undefined);
    response.writeHead(201).end(JSON.stringify({ InitialConfigurationToken: token }));
  }

  /** As AppConfig: a token is good for one call, and an unchanged document comes back empty. */
  private latest(response: ServerResponse, token: string): void {
    if (!this.tokens.has(token)) {
      response.writeHead(400, { "x-amzn-errortype": "BadRequestException" }).end("{}");
      return;
    }
    const served = this.tokens.get(token);
    this.tokens.delete(token);
    this.tokens.set(`${token}+`, this.document);
    response.writeHead(200, {
      "content-type": "application/json",
      "next-poll-configuration-token": `${token}+`,
      "next-poll-interval-in-seconds": String(this.pauseS),
      ...(this.label === undefined ? {} : { "version-label": this.label }),
    });
    response.end(served === this.document ? "" : this.body());
  }

  private agent(response: ServerResponse, path: string): void {
    if (path !== "/applications/a%2Fb/environments/e/configurations/p") {
      response.writeHead(404).end("not found");
      return;
    }
    response.writeHead(200, { "configuration-version": this.label ?? "1" }).end(this.body());
  }

  private body(): string {
    return this.half ? this.document.slice(0, this.document.length / 2) : this.document;
  }
}
