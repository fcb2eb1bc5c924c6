import { Agent, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { close, listen } from "../../../../sandbox/demo/service/http";

// It went on answering on the connections of requests that were under way, with its flags of before.
it("ends the connection of a request that is under way when it closes", async () => {
  let [asked, answer] = [() => {}, () => {}];
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const server = await listen(async () => {
    asked();
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    return new Response("done");
  }, 0);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { port } = server.address() as AddressInfo;
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: "127.0.0.1", port, agent }, resolve).once("error", reject);
  });
  await isAsked;
  const closed = close(server);
  answer();
  const response = await answered;
  response.resume();
  expect(response.headers.connection).toBe("close");
  await closed;
  agent.destroy();
});
