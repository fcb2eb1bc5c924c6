import { connect, createServer, type Server, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { openTunnel, type Tunnel } from "../../../src/backups/tunnel";

async function listening(serve: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => {});
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

async function tunnelTo(port: number, ssl: "disable" | "verify-full"): Promise<Tunnel> {
  const tunnel = await openTunnel({ host: "127.0.0.1", port, ssl });
  onTestFinished(() => tunnel.close());
  return tunnel;
}

/** All that comes through until the end of the connection. */
function through({ host, port }: Tunnel, said = "hello"): Promise<string> {
  return new Promise((resolve) => {
    let heard = "";
    const socket = connect({ host, port }, () => socket.write(said));
    socket.setEncoding("utf8").on("data", (text) => {
      heard += text;
    });
    socket.on("error", () => {}).once("close", () => resolve(heard));
  });
}

it("passes all of it to a server in the clear, where config says so", async () => {
  const port = await listening((socket) => void socket.once("data", (text) => socket.end(`heard ${text}`)));
  const tunnel = await tunnelTo(port, "disable");
  expect(await through(tunnel)).toBe("heard hello");
  expect(tunnel.failure()).toBeUndefined();
});

it("tells nothing to a server that speaks no TLS, and says why", async () => {
  const heard: string[] = [];
  const port = await listening((socket) => {
    socket.on("data", (bytes) => heard.push(bytes.toString("hex")));
    socket.once("data", () => socket.write("N"));
  });
  const tunnel = await tunnelTo(port, "verify-full");
  expect(await through(tunnel, "password")).toBe("");
  expect(tunnel.failure()).toBe("the server speaks no TLS");
  expect(heard).toEqual(["0000000804d2162f"]);
});

it("says that nobody is there", async () => {
  // No server listens there.
  const tunnel = await tunnelTo(1, "verify-full");
  expect(await through(tunnel)).toBe("");
  expect(tunnel.failure()).toMatch(/ECONNREFUSED/);
});

it("takes a connection that breaks later for no reason: the program itself says why", async () => {
  const port = await listening((socket) => void socket.once("data", () => socket.resetAndDestroy()));
  const tunnel = await tunnelTo(port, "disable");
  expect(await through(tunnel)).toBe("");
  expect(tunnel.failure()).toBeUndefined();
});
