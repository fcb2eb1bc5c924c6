import { createServer, type Server } from "node:net";
import type { Processes } from "./processes";

/** What a server of the sandbox is started with. */
export interface Place {
  readonly env: Readonly<Record<string, string>>;
  readonly processes: Processes;
  readonly dir: string;
  readonly choosePort?: () => Promise<number>;
}

/** Thrown by a starter whose port was taken by someone else before it could bind it. */
export class PortTakenError extends Error {
  override readonly name = "PortTakenError";
  constructor(readonly port: number) {
    super(`port ${port} was taken by another process`);
  }
}

export const LOOPBACK = "127.0.0.1";
const ATTEMPTS = 5;

/** Lets a server listen on any port of loopback that is free. Returns which one it got. */
export function listenAnywhere(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, LOOPBACK, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

/** A port that the kernel says is free on loopback, now. It may be taken by the time it is used. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.unref();
  const port = await listenAnywhere(server);
  return new Promise((resolve) => server.close(() => resolve(port)));
}

/**
 * Starts something on a free port. Between choosing a port and binding it, another process may take
 * it; the starter then throws PortTakenError, and is called again with a new port.
 */
export async function onFreePort<T>(
  start: (port: number) => Promise<T>,
  choose: () => Promise<number> = freePort,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await choose());
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === ATTEMPTS) throw error;
    }
  }
}
