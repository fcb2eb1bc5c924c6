import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { createFront } from "../../../../sandbox/aws/front/server";
import { allServices } from "../../../../sandbox/aws/front/services";
import { Upstream } from "../../../../sandbox/aws/front/upstream";
import { clients } from "./rows/ask";
import { openFront } from "./world";

it("tells that a snapshot is shared with nobody, which the emulator does not know how to say", async () => {
  const { rds } = clients(await openFront());
  const { DBSnapshotAttributesResult: said } = await rds.describeDBSnapshotAttributes({
    DBSnapshotIdentifier: "ops-view-1",
  });
  expect(said?.DBSnapshotIdentifier).toBe("ops-view-1");
  expect(said?.DBSnapshotAttributes).toEqual([{ AttributeName: "restore", AttributeValues: [] }]);
});

it("keeps the description of a hosted version, which the emulator forgets", async () => {
  const VERSION = { ApplicationId: "app", ConfigurationProfileId: "p" };
  const emulator = createServer((request, response) => {
    const lists = /hostedconfigurationversions\?/.test(request.url ?? "");
    if (!lists) response.setHeader("version-number", "3");
    response.end(JSON.stringify(lists ? { Items: [{ VersionNumber: 3, Description: "" }] } : {}));
  });
  const upstream = new Upstream(await listening(emulator));
  const { services } = allServices();
  const endpoint = await listening(createFront(services, { upstream, now: () => 0 }, { token: "t" }));
  onTestFinished(() => upstream.close());
  const { appconfig } = clients({ endpoint } as never);
  const made = await appconfig.createHostedConfigurationVersion({
    ...{ ...VERSION, Content: Buffer.from("{}"), ContentType: "application/json" },
    Description: "stageA, attempt 1",
  });
  const got = await appconfig.getHostedConfigurationVersion({ ...VERSION, VersionNumber: 3 });
  const { Items } = await appconfig.listHostedConfigurationVersions(VERSION);
  expect([made.Description, got.Description, Items?.[0]?.Description]).toEqual(
    Array(3).fill("stageA, attempt 1"),
  );
});

async function listening(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
