import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type ServerType, serve } from "@hono/node-server";

/** A restart is part of lowering a flag (rows R1 and R2): one slow request must not hold it up. */
const CLOSE_WITHIN_MS = 2_000;

/** What a server is about to answer. */
const pending = new WeakMap<ServerType, Set<ServerResponse>>();

/** Connections that other processes accepted for a server: it does not count them by itself. */
const taken = new WeakMap<ServerType, Set<Socket>>();

export function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  port: number,
): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    // Loopback, whatever the settings say: the fault switch must not be reachable from elsewhere.
    const server = serve({ fetch, port, hostname: "127.0.0.1" }, () => resolve(server));
    server.once("error", reject);
    const answers = new Set<ServerResponse>();
    pending.set(server, answers);
    server.prependListener("request", (_request: unknown, answer: ServerResponse) => {
      answers.add(answer);
      answer.once("close", () => answers.delete(answer));
    });
  });
}

/**
 * Serves a connection that another process accepted: one request, so that the next goes to whoever is current then,
 * and no client writes to a connection that is just being closed.
 */
export function take(server: ServerType, socket: Socket): void {
  let sockets = taken.get(server);
  if (!sockets) {
    sockets = new Set();
    taken.set(server, sockets);
    server.prependListener("request", (_request: unknown, answer: ServerResponse) => {
      answer.shouldKeepAlive = false;
    });
  }
  const own = sockets.add(socket);
  socket.once("close", () => own.delete(socket));
  server.emit("connection", socket);
  socket.resume();
}

/**
 * Finishes requests under way, within reason, and does not wait for idle keep-alive connections. Theirs are over with them:
 * whoever asks next asks whoever serves then, and not this one with its flags of before.
 */
export async function close(server: ServerType): Promise<void> {
  for (const answer of pending.get(server) ?? []) answer.shouldKeepAlive = false;
  const sockets = taken.get(server) ?? new Set();
  const ends = Date.now() + CLOSE_WITHIN_MS;
  const late = setTimeout(
    () => "closeAllConnections" in server && server.closeAllConnections(),
    CLOSE_WITHIN_MS,
  );
  const closed = new Promise((resolve) => server.close(resolve));
  if ("closeIdleConnections" in server) server.closeIdleConnections();
  while (sockets.size > 0 && Date.now() < ends) await sleep(10);
  await closed;
  clearTimeout(late);
}
