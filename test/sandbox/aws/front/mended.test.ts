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

it("keeps the tags of a deployment, which the emulator takes by themselves alone", async () => {
  const front = await openFront({
    "POST /applications/app/environments/e/deployments": { DeploymentNumber: 7, State: "DEPLOYING" },
  });
  const { appconfig } = clients(front);
  const deployment = {
    ...{ ApplicationId: "app", EnvironmentId: "e", ConfigurationProfileId: "p" },
    ...{ DeploymentStrategyId: "s", ConfigurationVersion: "1" },
  };
  const { DeploymentNumber } = await appconfig.startDeployment({ ...deployment, Tags: { team: "ops" } });
  expect(DeploymentNumber).toBe(7);
  const arn = "arn:aws:appconfig:us-east-1:000000000000:application/app/environment/e/deployment/7";
  const tagged = () => front.asked.map(({ what }) => what).filter((what) => what.startsWith("POST /tags/"));
  expect(tagged()).toEqual([`POST /tags/${encodeURIComponent(arn)}`]);
  await appconfig.startDeployment(deployment);
  expect(tagged()).toHaveLength(1);
});

it("tells the ARN of a subscription that nobody confirmed to whoever asks for it", async () => {
  const arn = "arn:aws:sns:us-east-1:000000000000:pagers:1234";
  const { sns } = clients(
    await openFront({
      Subscribe: answered("Subscribe", "<SubscriptionArn>pending confirmation</SubscriptionArn>"),
      ListSubscriptionsByTopic: answered(
        "ListSubscriptionsByTopic",
        `<Subscriptions>${member(`${arn}-0`, "http://other")}${member(arn, "http://x?a=&apos;1&apos;&amp;b")}${member(`${arn}-1`, "http://y")}</Subscriptions>`,
      ),
    }),
  );
  const asked = {
    TopicArn: "arn:aws:sns:us-east-1:000000000000:pagers",
    Protocol: "http",
    Endpoint: "http://x?a='1'&b",
  };
  const told = await sns.subscribe({ ...asked, ReturnSubscriptionArn: true });
  const untold = await sns.subscribe(asked);
  expect([told.SubscriptionArn, untold.SubscriptionArn]).toEqual([arn, "pending confirmation"]);
});

const member = (arn: string, endpoint: string) =>
  `<member><SubscriptionArn>${arn}</SubscriptionArn><Endpoint>${endpoint}</Endpoint></member>`;

const answered = (operation: string, result: string) =>
  `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`;

async function listening(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
