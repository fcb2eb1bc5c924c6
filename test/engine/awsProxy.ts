import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";

/** One call of the engine, its plugins or the program to AWS. */
interface AwsCall {
  /** `CreateDBSnapshot`, `GetMetricData`; where only the path tells, `POST /applications/…/deployments`. */
  readonly name: string;
}

/**
 * Stands between a run and the emulator, so that a test can do something at an exact moment: while a snapshot is
 * taken, or between the request for a deployment and its answer.
 */
export interface AwsProxy {
  readonly url: string;
  readonly calls: readonly AwsCall[];
  /** Once, when the first matching call comes: `work` is done before it is passed on. */
  before(match: RegExp, work: () => Promise<void>): void;
  /** Once, when the first matching call was answered: `work` is done before the answer is passed back. */
  after(match: RegExp, work: () => Promise<void>): void;
  /**
   * The next so many matching calls are answered as AWS answers whoever asks too often, and not passed on. Returns
   * how to end it.
   */
  throttle(match: RegExp, times: number): () => void;
  /** Answers matching calls in AWS's place, until what it returns is called. */
  reply(match: RegExp, answer: Reply): () => void;
  /** Refuses matching calls, as AWS does without the right to them, until what it returns is called. */
  deny(match: RegExp): () => void;
  stop(): Promise<void>;
}

/** An answer that the emulator does not give. */
interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Trap {
  readonly when: "before" | "after";
  readonly match: RegExp;
  readonly work: () => Promise<void>;
}

const DENIED = JSON.stringify({
  __type: "com.amazon.coral.service#AccessDeniedException",
  message: "User is not authorized",
});

const THROTTLED = JSON.stringify({
  __type: "com.amazon.coral.availability#ThrottlingException",
  message: "Rate exceeded",
});

export async function startAwsProxy(endpoint: string): Promise<AwsProxy> {
  const calls: AwsCall[] = [];
  const traps: Trap[] = [];
  const limits: { readonly match: RegExp; left: number }[] = [];
  const replies: (Reply & { readonly match: RegExp })[] = [];
  const reply = (match: RegExp, answer: Reply) => {
    const one = { match, ...answer };
    replies.push(one);
    return () => void replies.splice(replies.indexOf(one), 1);
  };
  const spring = async (when: Trap["when"], name: string): Promise<void> => {
    const index = traps.findIndex((trap) => trap.when === when && trap.match.test(name));
    if (index >= 0) await traps.splice(index, 1)[0]?.work();
  };
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const body = await read(incoming);
      const name = nameOf(incoming, body);
      calls.push({ name });
      await spring("before", name);
      const reply = replies.find(({ match }) => match.test(name));
      if (reply) {
        outgoing.writeHead(reply.status, reply.headers).end(reply.body);
        return;
      }
      const limit = limits.find(({ match, left }) => left > 0 && match.test(name));
      if (limit) {
        limit.left--;
        outgoing.writeHead(400, { "content-type": "application/x-amz-json-1.0" }).end(THROTTLED);
        return;
      }
      const { hostname, port } = new URL(endpoint);
      const { method, url: path, headers } = incoming;
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const onward = request({ hostname, port, method, path, headers }, resolve);
        onward.on("error", reject).end(body);
      });
      const text = await read(answer);
      await spring("after", name);
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(text);
    })().catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    before: (match, work) => traps.push({ when: "before", match, work }),
    after: (match, work) => traps.push({ when: "after", match, work }),
    reply,
    deny: (match) =>
      reply(match, {
        status: 403,
        headers: { "content-type": "application/x-amz-json-1.0" },
        body: DENIED,
      }),
    throttle: (match, left) => {
      const limit = { match, left };
      limits.push(limit);
      return () => {
        limit.left = 0;
      };
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function nameOf({ method, url, headers }: IncomingMessage, body: Buffer): string {
  const target = String(headers["x-amz-target"] ?? "")
    .split(".")
    .at(-1);
  const action = /(?:^|&)Action=(\w+)/.exec(body.toString("utf8"))?.[1];
  return target || action || `${method} ${url}`;
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
