import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { startTraffic, type Traffic } from "../../../sandbox/demo/traffic";

let traffic: Traffic | undefined;
afterEach(() => traffic?.stop());

/** An app whose lists lag behind for good: reads come from the database, and writes do not reach it. */
function laggingApp() {
  const versions = new Map<string, number>();
  const stored: { id: string; version: number; status: string; record_id?: string }[] = [];
  const seen = { moved: 0, stale: 0 };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : {};
    const answer = (status: number, data: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ data }));
    if (request.url?.endsWith("/feature-flags"))
      return answer(200, { deployment: 1, flags: { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: false } });
    if (request.method === "GET") return answer(200, stored);
    if (request.method === "POST") {
      const item = { id: String(versions.size), version: 1, status: "Draft", record_id: body.record_id };
      versions.set(item.id, 1);
      // Only what was there before writes stopped is in the database.
      if (stored.length < 3) stored.push(item);
      return answer(201, item);
    }
    const id = request.url?.split("/").at(-1) ?? "";
    const version = versions.get(id) ?? 0;
    if (body.version !== version) {
      seen.stale++;
      return answer(409, undefined);
    }
    seen.moved++;
    versions.set(id, version + 1);
    return answer(200, { id, version: version + 1, status: "Submitted", record_id: body.record_id });
  });
  return { server, seen };
}

test("nobody goes on with a version that they know to be an old one: the app's conflicts are its own", async () => {
  const { server, seen } = laggingApp();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  traffic = startTraffic({
    urls: [`http://127.0.0.1:${port}`],
    tokens: { admin: "a", analyst: "b", verifier: "c" } as never,
    workspace: "w",
    ratePerSecond: 500,
  });
  while (seen.moved + seen.stale < 60) await new Promise((later) => setTimeout(later, 10));
  await traffic.stop();
  server.closeAllConnections();
  server.close();
  expect(seen.stale).toBe(0);
});
