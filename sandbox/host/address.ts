import { connect, createServer, type Socket } from "node:net";
import { LOOPBACK, listenAnywhere } from "./ports";

/** An address that stays, while what answers there is exchanged: what a load balancer is to the servers behind it. */
export interface KeptAddress {
  readonly url: string;
  /** From now on whoever connects is led to this port of loopback. Connections under way stay where they are. */
  leadTo(port: number): void;
  close(): Promise<void>;
}

/**
 * Opens one on a free port.
 *
 * @param first the port that it leads to at first
 */
export async function keepAddress(first: number): Promise<KeptAddress> {
  let target = first;
  const open = new Set<Socket>();
  // What is one message on one side is one on the other: none waits for the acknowledgement of the one before.
  const server = createServer({ noDelay: true }, (socket) => {
    const behind = connect({ port: target, host: LOOPBACK, noDelay: true });
    for (const [one, other] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      open.add(one);
      one.once("error", () => other.destroy());
      one.once("close", () => {
        open.delete(one);
        other.destroySoon();
      });
      one.pipe(other);
    }
  });
  const port = await listenAnywhere(server);
  return {
    url: `http://${LOOPBACK}:${port}`,
    leadTo: (next) => {
      target = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
