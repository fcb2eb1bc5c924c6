import { randomUUID } from "node:crypto";
import { AppConfig, AppConfigClient } from "@aws-sdk/client-appconfig";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { openSandbox, type Sandbox, silentProgress } from "../../../sandbox";
import { lowerFlags } from "../../../src/abort/lower";
import { AppConfigStore } from "../../../src/flags/appConfigStore";
import { flagDocument } from "../../../src/flags/document";
import { readLedger } from "../../../src/flags/readLedger";
import { heldVersions } from "../../../src/flags/versions";
import { makeRoom } from "../../../src/promotion/makeRoom";
import { KEPT_VERSIONS } from "../../../src/promotion/spareVersions";
import { rollout } from "../../support/build";
import { BOTH, CREDENTIALS, OFF, openFlags, READ, SPECS } from "../abort/world";

/** AppConfig's quota, as the front holds everybody to it. */
const QUOTA = 100;

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await openSandbox({ progress: silentProgress });
});
afterAll(() => sandbox?.stop());
afterEach(() => vi.unstubAllEnvs());

test("where AppConfig takes no more versions, an abort goes through, and the next promotion makes room", async () => {
  const { endpoint, region } = sandbox.aws;
  vi.stubEnv("AWS_ENDPOINT_URL", endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", CREDENTIALS.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", CREDENTIALS.secretAccessKey);
  const flags = await openFlags(endpoint, region, "ops-view");
  await flags.promote(READ, { note: { stage: "stageA" } });
  await flags.promote(BOTH);
  const { applicationId, environmentId, profileId } = flags.ids;
  const aws = new AppConfig({ endpoint, region, credentials: CREDENTIALS });
  const create = () =>
    aws.createHostedConfigurationVersion({
      ApplicationId: applicationId,
      ConfigurationProfileId: profileId,
      Content: Buffer.from(flagDocument(BOTH)),
      ContentType: "application/json",
    });
  for (let made = 3; made < QUOTA; made++) await create();
  await expect(create()).rejects.toMatchObject({ name: "ServiceQuotaExceededException" });

  const client = new AppConfigClient({ endpoint, region, credentials: CREDENTIALS, maxAttempts: 1 });
  const note = { rollout: "ops-view", stage: "stageB", attempt: 1, row: "XB1", id: randomUUID() };
  const aborted = await lowerFlags(new AppConfigStore(client, flags.ids), {
    specs: SPECS,
    floor: READ,
    note,
  });
  expect(aborted).toMatchObject({ before: BOTH, after: READ });
  expect(await flags.live()).toEqual(READ);

  const store = { applicationId, environmentId, profileId, region };
  const warned: string[] = [];
  const room = async () =>
    makeRoom({
      ...{ rollout: rollout(), store, ledger: await readLedger(store, SPECS) },
      warn: (line) => void warned.push(line),
    });
  await room();
  const left = (await heldVersions(client, store, 1_000)).map(({ version }) => version);
  expect(left).toHaveLength(KEPT_VERSIONS);
  expect(left).toEqual(expect.arrayContaining(["1", "2", "3", "100"]));
  expect(warned).toEqual([]);
  await create();
  // What is live, and every flag off, can still be deployed.
  const ledger = await readLedger(store, SPECS);
  expect(ledger.live?.flags).toEqual(READ);
  const off = await lowerFlags(new AppConfigStore(client, flags.ids), {
    ...{ specs: SPECS, floor: OFF },
    note: { ...note, stage: "stageA", id: randomUUID() },
  });
  expect(off.after).toEqual(OFF);

  // Of what another environment may deploy, the ledger says nothing.
  await aws.createEnvironment({ ApplicationId: applicationId, Name: "elsewhere" });
  for (let made = left.length + 2; made < QUOTA; made++) await create();
  await room();
  expect(await heldVersions(client, store, 1_000)).toHaveLength(QUOTA);
  expect(warned).toEqual([expect.stringMatching(/^AppConfig holds 100 versions .*other environments/)]);
  client.destroy();
  aws.destroy();
});
