import { lookup } from "node:dns/promises";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { reasonOf } from "../../../src/text/problem";

/** A host that something here has to reach. */
export interface Host {
  readonly host: string;
  readonly port: number;
  /** Whether TLS is spoken from the first byte on, as with https. */
  readonly tls: boolean;
  /** Who asks it, for people: `AWS`, `the gates' database`. */
  readonly whose: string;
  /** Where it is written. */
  readonly where?: string | undefined;
}

/** How far a connection came. */
export type Reached =
  | { readonly kind: "reached" }
  | { readonly kind: "dns" | "tcp" | "tls"; readonly why: string };

/** Looks a host up, connects to it, and, where that is spoken, agrees on TLS. Sends nothing. Never throws. */
export async function reach({ host, port, tls }: Host, patience: number): Promise<Reached> {
  const ends = performance.now() + patience;
  const left = () => Math.max(1, ends - performance.now());
  const name = host.replace(/^\[|\]$/g, "");
  try {
    if (isIP(name) === 0) await within(lookup(name), left(), "no answer from DNS");
  } catch (error) {
    return { kind: "dns", why: whyOf(error) };
  }
  let socket: Socket;
  try {
    socket = await opened(connect({ host: name, port }), "connect", left());
  } catch (error) {
    return { kind: "tcp", why: whyOf(error) };
  }
  try {
    if (tls) {
      const servername = isIP(name) === 0 ? { servername: name } : {};
      socket = await opened(connectTls({ socket, host: name, ...servername }), "secureConnect", left());
    }
    return { kind: "reached" };
  } catch (error) {
    return { kind: "tls", why: whyOf(error) };
  } finally {
    socket.destroy();
  }
}

/** The system's own code where there is one: the same of each host that breaks so. */
function whyOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && /^E[A-Z_]+$/.test(code) && !code.startsWith("ERR_") ? code : reasonOf(error);
}

function opened<S extends Socket>(socket: S, event: string, patience: number): Promise<S> {
  const open = new Promise<S>((done, fail) => {
    socket.once(event, () => done(socket));
    socket.once("error", fail);
    socket.once("close", () => fail(new Error("the connection was closed")));
  });
  return within(open, patience, "no answer").catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
}

async function within<T>(work: Promise<T>, patience: number, late: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${late} within ${(patience / 1_000).toFixed(1)} s`)), patience);
  });
  try {
    return await Promise.race([work, ended]);
  } finally {
    clearTimeout(timer);
  }
}
