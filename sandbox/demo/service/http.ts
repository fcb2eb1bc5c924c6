import { type ServerType, serve } from "@hono/node-server";

/** A restart is part of lowering a flag (rows R1 and R2): one slow request must not hold it up. */
const CLOSE_WITHIN_MS = 2_000;

export function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  port: number,
): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    // Loopback, whatever the settings say: the fault switch must not be reachable from elsewhere.
    const server = serve({ fetch, port, hostname: "127.0.0.1" }, () => resolve(server));
    server.once("error", reject);
  });
}

/** Finishes requests under way, within reason, and does not wait for idle keep-alive connections. */
export function close(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(
      () => "closeAllConnections" in server && server.closeAllConnections(),
      CLOSE_WITHIN_MS,
    );
    server.close(() => {
      clearTimeout(late);
      resolve();
    });
    if ("closeIdleConnections" in server) server.closeIdleConnections();
  });
}
