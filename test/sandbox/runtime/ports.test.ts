import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { freePort, LOOPBACK, onFreePort, PortTakenError } from "../../../sandbox/ports";

describe("a free port", () => {
  it("can be bound on loopback", async () => {
    const port = await freePort();
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, LOOPBACK, resolve);
    });
    server.close();
  });

  it("is chosen again when someone else was faster to bind it", async () => {
    const tried: number[] = [];
    const result = await onFreePort(async (port) => {
      tried.push(port);
      if (tried.length < 3) throw new PortTakenError(port);
      return "started";
    });
    expect(result).toBe("started");
    expect(new Set(tried).size).toBe(3);
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
