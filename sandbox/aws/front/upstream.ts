import { Agent, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import type { Input, RawRequest, Scope } from "./call";

/** A failure that the emulator reports. */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

const TARGETS: Readonly<Record<string, string>> = {
  kms: "TrentService",
  logs: "Logs_20140328",
  monitoring: "GraniteServiceVersion20100801",
  sqs: "AmazonSQS",
};

/** The emulator behind the front. */
export class Upstream {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #url: URL;

  constructor(endpoint: string) {
    this.#url = new URL(endpoint);
  }

  /** Sends a request as it is. */
  forward({ method, url, headers, body }: RawRequest): Promise<IncomingMessage> {
    const { connection: _connection, "transfer-encoding": _encoding, ...kept } = headers;
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.#url;
      const sent = request(
        {
          ...{ hostname, port, method, path: url, agent: this.#agent },
          headers: { ...kept, ...(body.length > 0 && { "content-length": String(body.length) }) },
        },
        resolve,
      );
      sent.on("error", reject);
      sent.end(body);
    });
  }

  /** Calls an operation of a service that speaks JSON. */
  async call(service: string, operation: string, input: Input, scope: Scope): Promise<Input> {
    const body = Buffer.from(JSON.stringify(input, plain));
    const headers = {
      ...signature(service, scope),
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `${TARGETS[service]}.${operation}`,
    };
    return this.#json({ method: "POST", url: "/", headers, body });
  }

  /** Reads from a service that speaks REST. */
  get(service: string, url: string, scope: Scope): Promise<Input> {
    return this.#json({ method: "GET", url, headers: signature(service, scope), body: Buffer.alloc(0) });
  }

  /** Sends to a service that speaks REST. */
  post(service: string, url: string, input: Input, scope: Scope): Promise<Input> {
    const headers = { ...signature(service, scope), "content-type": "application/json" };
    return this.#json({ method: "POST", url, headers, body: Buffer.from(JSON.stringify(input)) });
  }

  /** Asks a service that speaks the query protocol; its answer is XML. */
  async query(service: string, parameters: Readonly<Record<string, string>>, scope: Scope): Promise<string> {
    const body = Buffer.from(new URLSearchParams(parameters).toString());
    const headers = { ...signature(service, scope), "content-type": "application/x-www-form-urlencoded" };
    const response = await this.forward({ method: "POST", url: "/", headers, body });
    const said = await text(response);
    const status = response.statusCode ?? 500;
    if (status >= 400) throw new UpstreamError(/<Code>(.*?)<\/Code>/.exec(said)?.[1] ?? "", said, status);
    return said;
  }

  close(): void {
    this.#agent.destroy();
  }

  async #json(raw: RawRequest): Promise<Input> {
    const response = await this.forward(raw);
    const said = await text(response);
    const status = response.statusCode ?? 500;
    const body = said === "" ? {} : (JSON.parse(said) as Input);
    if (status < 400) return body;
    const code = String(response.headers["x-amzn-errortype"] ?? body.__type ?? "InternalFailure");
    throw new UpstreamError(code, String(body.message ?? body.Message ?? said), status);
  }
}

/** CBOR has integers of its own, and times as tags; JSON has numbers. */
function plain(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "object" && value !== null && "tag" in value && "value" in value
    ? value.value
    : value;
}

/** The emulator checks no signatures; it reads service, region and account from them. */
export function signature(service: string, { accessKey, region }: Scope): Record<string, string> {
  const credential = `${accessKey}/20260101/${region}/${service}/aws4_request`;
  return {
    host: "front",
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=front`,
  };
}
