import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { agent, dataApi, environment, Flags, inCode, openFlags, reportHandler } from "../../../kit/node/src";
import { servers } from "../../../src/flags/servers";
import { sourceSaid } from "../../../src/gates/flagSource";
import { observeServers } from "../../../src/gates/kinds/convergence.look";

const at = { application: "a", environment: "e", profile: "p" };

test("the report is what convergence asks for", async () => {
  const flags = await openFlags({
    flags: { READ: { type: "boolean" }, SHARE: { type: "percentage" } },
    source: inCode({ READ: true, SHARE: 25 }),
    log: () => {},
  });
  const http = createServer(reportHandler(flags, { server: "app-1" }));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void http.close());
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;

  const answer = await fetch(url);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(await answer.json()).toMatchObject({ server: "app-1", source: "code", version: "code" });
  const asked = servers.parse({ urls: [url], path: "/flags", at: "flags", source: "source" });
  const seen = await observeServers(asked, "eu-central-1", ["READ", "SHARE"]);
  expect(seen).toEqual({
    kind: "servers",
    servers: [{ server: expect.any(String), flags: { READ: true, SHARE: 25 } }],
  });
});

test.each([
  [agent(at), "appconfig"],
  [dataApi(at), "appconfig"],
  [environment({ variables: {} }), "done"],
  [inCode({}), "done"],
] as const)("retire takes $0.name as $1", async (source, kind) => {
  const flags = new Flags({ flags: {}, source, log: () => {} });
  const told = { status: 200, json: flags.report() };
  expect(sourceSaid("app-1", told, { path: "/flags", source: "source" }).kind).toBe(kind);
});
