import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished, vi } from "vitest";

/** A request as a stand-in got it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface StandIn {
  readonly url: string;
  /** In the order in which they came. */
  readonly asked: readonly Asked[];
}

/** A server on loopback, gone when the test is over, also where an answer never ended. */
export async function standIn(answer: (asked: Asked, response: ServerResponse) => unknown): Promise<StandIn> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const one = { method, path: url, headers, body: Buffer.concat(parts).toString("utf8") };
      asked.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** Answers with JSON. */
export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** An address at which nobody listens. */
export async function nobody(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

type Input = Record<string, unknown>;
/** What an operation answers. A string is sent as XML; `error` as the service's own kind of error. */
type Reply = object | string | { readonly error: string; readonly status?: number };

export interface FakeAws {
  /** The operations that were called, in order, with their inputs. */
  readonly calls: readonly { readonly operation: string; readonly input: Input }[];
}

/**
 * AWS for one test: the SDKs are pointed at it through `AWS_ENDPOINT_URL`. Each operation is answered by its
 * input and by how often it was called before.
 */
export async function fakeAws(
  operations: Readonly<Record<string, (input: Input, before: number) => Reply>>,
): Promise<FakeAws> {
  const calls: { operation: string; input: Input }[] = [];
  const { url } = await standIn(({ headers, body }, response) => {
    const target = headers["x-amz-target"];
    const form = new URLSearchParams(target === undefined ? body : "");
    const operation = target === undefined ? (form.get("Action") ?? "") : String(target).split(".")[1];
    const input: Input = target === undefined ? Object.fromEntries(form) : JSON.parse(body);
    const before = calls.filter((call) => call.operation === operation).length;
    calls.push({ operation: operation ?? "", input });
    const reply = operations[operation ?? ""]?.(input, before) ?? { error: "InvalidAction" };
    if (typeof reply === "string") return response.writeHead(200, { "content-type": "text/xml" }).end(reply);
    if (!("error" in reply)) return json(response, reply);
    const { error, status = 400 } = reply as { error: string; status?: number };
    if (target !== undefined) return json(response, { __type: error, message: `${error}, says AWS` }, status);
    const words = `<Code>${error}</Code><Message>${error}, says AWS</Message>`;
    return response
      .writeHead(status, { "content-type": "text/xml" })
      .end(`<ErrorResponse><Error>${words}</Error></ErrorResponse>`);
  });
  pointAwsTo(url);
  return { calls };
}

/** AWS where there is none. */
export function pointAwsTo(url: string): void {
  vi.stubEnv("AWS_ENDPOINT_URL", url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  onTestFinished(() => void vi.unstubAllEnvs());
}
