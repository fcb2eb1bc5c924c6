import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import { tokenFault } from "./token";
import { fatal, type Message, Messages, message, nextOpening, openingOf, refusedParameter } from "./wire";

/** What a pooler stands before, and who it is. */
export interface Behind {
  readonly host: string;
  readonly port: number;
  /** Its certificate to clients, which is the server's own. */
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The authority of the server, and by which certificate the server knows the pooler. */
  readonly ca: Buffer;
  readonly client: { readonly cert: Buffer; readonly key: Buffer };
}

/** Violations of the protocol: what PgBouncer calls all that it refuses by itself. */
const REFUSED = "08P01";
const TLS_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const CLEARTEXT_PASSWORD = message("R", Buffer.from([0, 0, 0, 3]));
const FORGET = message("Q", "discard all");

/** Serves one client, from its first packet on. */
export async function serve(socket: Socket, behind: Behind): Promise<void> {
  socket.on("error", () => socket.destroy());
  let client: Socket = socket;
  for (;;) {
    const packet = await nextOpening(client);
    if (packet === undefined) return void client.destroy();
    const opening = openingOf(packet);
    if (opening.kind === "gss") client.write("N");
    else if (opening.kind === "cancel") return cancel(client, packet, behind);
    else if (opening.kind === "tls" && client === socket) client = encrypted(socket, behind);
    else if (opening.kind !== "startup") return refuse(client, REFUSED, "unsupported protocol");
    else if (client === socket) return refuse(client, REFUSED, "SSL required");
    else {
      const refused = refusedParameter(opening.parameters);
      if (refused !== undefined) return refuse(client, REFUSED, `unsupported startup parameter: ${refused}`);
      return forward(client, packet, String(opening.parameters.user), behind);
    }
  }
}

function encrypted(socket: Socket, { cert, key }: Behind): TLSSocket {
  socket.write("S");
  const secure = new TLSSocket(socket, { isServer: true, cert, key });
  secure.on("error", () => secure.destroy());
  return secure;
}

function refuse(client: Socket, code: string, text: string): void {
  client.end(fatal(code, text));
}

function cancel(client: Socket, packet: Buffer, { host, port }: Behind): void {
  const server = connectTcp(port, host, () => server.end(packet));
  server.on("error", () => {}).on("close", () => client.destroy());
}

/**
 * Passes on what is said. Between two transactions the session of the server forgets all that was set in it: a client of a
 * pooler in transaction mode gets another one.
 */
async function forward(client: Socket, startup: Buffer, user: string, behind: Behind): Promise<void> {
  const server = await reach(behind).catch(() => undefined);
  if (server === undefined)
    return refuse(client, "08006", "server login has been failing, cannot connect to server");
  server.on("error", () => client.destroy()).on("close", () => client.end());
  client.on("close", () => server.destroy());
  const session = new Session(user, `${client.localAddress}:${client.localPort}`);
  const pass = (acts: readonly Act[]) => {
    for (const { to, bytes, ends } of acts) {
      (to === "client" ? client : server).write(bytes);
      if (ends) client.end();
    }
  };
  const [fromServer, fromClient] = [new Messages(), new Messages()];
  server.on("data", (chunk: Buffer) => {
    for (const one of fromServer.take(chunk)) pass(session.said(one));
  });
  client.on("data", (chunk: Buffer) => {
    for (const one of fromClient.take(chunk)) pass(session.asked(one));
  });
  server.write(startup);
}

async function reach({ host, port, ca, client }: Behind): Promise<TLSSocket> {
  const plain = connectTcp({ host, port, noDelay: true });
  const answer = await new Promise<string>((resolve, reject) => {
    plain.once("error", reject).once("data", (chunk: Buffer) => resolve(chunk.toString("latin1")));
    plain.write(TLS_REQUEST);
  });
  if (answer !== "S") throw new Error("the server speaks no TLS");
  const secure = connectTls({ socket: plain, ca, ...client, host });
  await new Promise<void>((resolve, reject) => secure.once("error", reject).once("secureConnect", resolve));
  return secure;
}

/** What is sent to whom; `ends` is the last of it. */
interface Act {
  readonly to: "client" | "server";
  readonly bytes: Buffer;
  readonly ends?: true;
}

/** What follows from what the server says, and the client asks, in one connection. */
class Session {
  /** How far the login is; then whether what was set is being forgotten, and what the client is told once it is. */
  #state: "login" | "asked" | "token" | "ready" | "forgetting" = "login";
  #held: Buffer = Buffer.alloc(0);

  constructor(
    private readonly user: string,
    private readonly address: string,
    private readonly now: () => Date = () => new Date(),
  ) {}

  said({ type, bytes }: Message): Act[] {
    if (this.#state === "forgetting") {
      if (type === "E") return [{ to: "client", bytes, ends: true }];
      if (type !== "Z") return [];
      this.#state = "ready";
      return [{ to: "client", bytes: this.#held }];
    }
    if (type === "R" && this.#state === "login") {
      this.#state = "asked";
      // The server believes the pooler itself where a login is IAM's: then the pooler asks for the token.
      if (bytes.readInt32BE(5) === 0) {
        this.#state = "token";
        this.#held = bytes;
        return [{ to: "client", bytes: CLEARTEXT_PASSWORD }];
      }
    }
    if (this.#state === "token") {
      this.#held = Buffer.concat([this.#held, bytes]);
      return [];
    }
    if (type === "E" && bytes.includes("\0C28P01\0"))
      return [{ to: "client", bytes: fatal(REFUSED, "SASL authentication failed"), ends: true }];
    if (type === "Z" && bytes[5] === IDLE) {
      this.#state = "forgetting";
      this.#held = bytes;
      return [{ to: "server", bytes: FORGET }];
    }
    return [{ to: "client", bytes }];
  }

  asked({ type, bytes }: Message): Act[] {
    if (this.#state !== "token") return [{ to: "server", bytes }];
    const token = type === "p" ? bytes.subarray(5, -1).toString("utf8") : "";
    if (tokenFault(token, this.user, this.address, this.now()) !== undefined) {
      const text = `PAM authentication failed for user "${this.user}"`;
      return [{ to: "client", bytes: fatal("28000", text), ends: true }];
    }
    this.#state = "ready";
    return [{ to: "client", bytes: this.#held }];
  }
}

/** No transaction is open: `I` of ReadyForQuery. */
const IDLE = "I".charCodeAt(0);
