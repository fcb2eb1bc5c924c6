import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { type KeptAddress, keepAddress } from "../../../sandbox/host/address";

const servers: Server[] = [];
let address: KeptAddress | undefined;

afterEach(async () => {
  await address?.close();
  for (const server of servers.splice(0)) server.close();
});

/** Serves its name, and says where. */
async function serving(name: string): Promise<{ port: number; server: Server }> {
  const server = createServer((_, answer) => void answer.setHeader("connection", "close").end(name));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

const asked = async (url: string) => (await fetch(url)).text();

it("an address stays while what answers there is exchanged", async () => {
  const [first, second] = [await serving("first"), await serving("second")];
  address = await keepAddress(first.port);
  expect(await asked(address.url)).toBe("first");
  address.leadTo(second.port);
  expect(await asked(address.url)).toBe("second");
});

it("what is under way ends where it began", async () => {
  let answerNow = () => {};
  const slow = createServer((_, answer) => {
    answerNow = () => void answer.setHeader("connection", "close").end("slow");
  });
  servers.push(slow);
  const asks = new Promise<void>((resolve) => slow.once("request", () => resolve()));
  await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
  address = await keepAddress((slow.address() as AddressInfo).port);
  const under = asked(address.url);
  await asks;
  address.leadTo((await serving("next")).port);
  expect(await asked(address.url)).toBe("next");
  answerNow();
  expect(await under).toBe("slow");
});

it("whoever connects where nobody serves any more is cut off, and the address goes on", async () => {
  const gone = await serving("gone");
  address = await keepAddress(gone.port);
  await new Promise((resolve) => gone.server.close(resolve));
  await expect(asked(address.url)).rejects.toThrow("fetch failed");
  address.leadTo((await serving("back")).port);
  expect(await asked(address.url)).toBe("back");
});
