import { connect, createServer, isIP, type Socket } from "node:net";
import { Transform, type TransformCallback } from "node:stream";
import { connect as secure } from "node:tls";
import { type Transport, tlsOf } from "../gates/tls";
import { reasonOf } from "../text/problem";

/** The way to a server through a port of this machine. */
export interface Tunnel {
  readonly host: string;
  readonly port: number;
  /** Why a connection was not made, if one was not. */
  readonly failure: () => string | undefined;
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";
/** How the protocol asks for TLS. Source: PostgreSQL, "Message Formats", SSLRequest. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * PostgreSQL's own programs reach a server as gates do: by the same TLS, believing the same authorities, and no others.
 * They know no authority of Node's or of RDS's, and some are built without TLS; in the clear it goes over this machine's
 * loopback alone. Who connects there still needs the server's password.
 */
export async function openTunnel(
  to: Transport & { readonly host: string; readonly port: number },
): Promise<Tunnel> {
  const open = new Set<Socket>();
  let failure: string | undefined;
  const server = createServer((client) => {
    const upstream = connect({ host: to.host, port: to.port });
    // A program that ends at an error of its own leaves both sides of its connection broken: that is no reason of it.
    let made = false;
    const end = (error?: Error) => {
      if (error && !made) failure ??= reasonOf(error);
      client.destroy();
      upstream.destroy();
    };
    for (const one of [client, upstream]) {
      one.setNoDelay();
      open.add(one.on("error", end).on("close", () => void open.delete(one)));
    }
    if (to.ssl === "disable") {
      upstream.once("connect", () => {
        made = true;
      });
      client.pipe(upstream).pipe(client);
      return;
    }
    upstream.once("connect", () => upstream.write(SSL_REQUEST));
    upstream.once("data", (answer) => {
      if (answer.toString("latin1") !== "S") {
        end(new Error("the server speaks no TLS"));
        return;
      }
      const servername = isIP(to.host) === 0 ? { servername: to.host } : {};
      const there = secure({ socket: upstream, host: to.host, ...servername, ...(tlsOf(to) || {}) }, () => {
        made = true;
        client.pipe(there);
        there.pipe(new WithoutBinding()).pipe(client);
      });
      there.on("error", end).on("close", () => end());
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, LOOPBACK, resolve);
  });
  const address = server.address();
  return {
    host: LOOPBACK,
    port: typeof address === "object" && address !== null ? address.port : 0,
    failure: () => failure,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const one of open) one.destroy();
      }),
  };
}

/** `R`, and the kind of it that lists how a login may be proven. Source: PostgreSQL, "Message Formats", AuthenticationSASL. */
const [AUTHENTICATION, SASL] = [0x52, 10];
/** One that binds a login to the very TLS connection. A client in the clear refuses a server that offers it. */
const BINDING = /-PLUS$/;

/** Takes the ways to log in by channel binding out of the server's first message, and lets pass all that follows. */
class WithoutBinding extends Transform {
  private head: Buffer | undefined = Buffer.alloc(0);

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    done(null, this.passed(chunk));
  }

  /** What can be passed on by now. */
  private passed(chunk: Buffer): Buffer {
    if (this.head === undefined) return chunk;
    const seen = Buffer.concat([this.head, chunk]);
    const end = seen.length < 5 ? Number.POSITIVE_INFINITY : 1 + seen.readUInt32BE(1);
    this.head = seen.length < end ? seen : undefined;
    return this.head ? Buffer.alloc(0) : Buffer.concat([unbound(seen.subarray(0, end)), seen.subarray(end)]);
  }
}

function unbound(message: Buffer): Buffer {
  if (message.length < 9 || message[0] !== AUTHENTICATION || message.readUInt32BE(5) !== SASL) return message;
  const offered = message.subarray(9).toString("latin1").split("\0").filter(Boolean);
  const kept = offered.filter((mechanism) => !BINDING.test(mechanism));
  const list = Buffer.from(`${kept.map((mechanism) => `${mechanism}\0`).join("")}\0`, "latin1");
  const head = Buffer.from(message.subarray(0, 9));
  head.writeUInt32BE(8 + list.length, 1);
  return Buffer.concat([head, list]);
}
