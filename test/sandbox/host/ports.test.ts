import { createServer, type Server } from "node:net";
import { describe, expect, it } from "vitest";
import { freePort, LOOPBACK, onFreePort, PortTakenError } from "../../../sandbox/host/ports";

function bind(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, LOOPBACK, () => resolve(server));
  });
}

describe("a free port", () => {
  it("can be bound on loopback", async () => {
    const server = await bind(await freePort());
    server.close();
  });

  it("is chosen again when someone else was faster to bind it", async () => {
    const tried: number[] = [];
    const others: Server[] = [];
    try {
      const result = await onFreePort(async (port) => {
        tried.push(port);
        if (tried.length === 3) return "started";
        others.push(await bind(port));
        throw new PortTakenError(port);
      });
      expect(result).toBe("started");
      expect(new Set(tried).size).toBe(3);
    } finally {
      for (const other of others) other.close();
    }
  });

  it("is not chosen again for any other failure", async () => {
    let times = 0;
    const start = onFreePort(async () => {
      times++;
      throw new Error("broken");
    });
    await expect(start).rejects.toThrow("broken");
    expect(times).toBe(1);
  });

  it("is given up when port after port is taken", async () => {
    const start = onFreePort(
      async (port) => {
        throw new PortTakenError(port);
      },
      async () => 1234,
    );
    await expect(start).rejects.toThrow("port 1234 was taken by another process");
  });
});
