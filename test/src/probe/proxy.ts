import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to the database that can be closed: what it looks like when the database is down. */
export interface Passage {
  readonly port: number;
  /** Ends all connections, and refuses new ones. */
  close(): Promise<void>;
  open(): Promise<void>;
}

export async function openProxy(to: { readonly host: string; readonly port: number }): Promise<Passage> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connect(to.port, to.host);
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => sockets.delete(one));
      one.pipe(other);
    }
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    open: () => listen(port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
