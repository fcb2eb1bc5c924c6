import { AppConfigDataClient } from "@aws-sdk/client-appconfigdata";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { agent, dataApi, type Flags, openFlags, type Source } from "../../../../kit/node/src";
import { Throttled } from "../../../../kit/node/src/sources/source";
import { StandIn } from "./standIn";

const DECLARED = { READ: { type: "boolean" }, WRITE: { type: "boolean", requires: ["READ"] } } as const;
const OFF = { READ: false, WRITE: false };
const ON = { READ: true, WRITE: true };
const at = { application: "a/b", environment: "e", profile: "p" };

let standIn: StandIn;
beforeEach(async () => {
  standIn = await StandIn.serve();
  standIn.document = JSON.stringify({ ...ON, _cutover: { drill: "d-1" } });
});

function api(): Source {
  const client = new AppConfigDataClient({
    endpoint: standIn.url,
    region: "eu-central-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  return dataApi({ ...at, client });
}

const read = (source: Source, ms = 10_000) => source.read(DECLARED, AbortSignal.timeout(ms));

async function opened(source: Source): Promise<Flags> {
  const flags = await openFlags({ flags: DECLARED, source, pollMs: false, waitMs: 0, log: () => {} });
  onTestFinished(() => flags.stop());
  // Without a wait the first look goes on by itself.
  await flags.refresh();
  return flags as unknown as Flags;
}

describe.each([
  ["the agent", () => agent({ ...at, url: `${standIn.url}/` })],
  ["the Data API", api],
])("flags from %s", (_, source) => {
  it("follow the document, with its version and the drill's token", async () => {
    standIn.label = "7";
    const flags = await opened(source());
    expect(flags.report()).toMatchObject({ flags: ON, version: "7", drill: "d-1" });
    expect(flags.report().source).toContain("appconfig");
    standIn.document = JSON.stringify(OFF);
    standIn.label = "6";
    await flags.refresh();
    expect(flags.report()).toMatchObject({ flags: OFF, version: "6" });
  });

  it("stay as they are while it is away, and catch up", async () => {
    const flags = await opened(source());
    standIn.refusals = { status: 500, type: "InternalServerException", times: 2 };
    expect(await flags.refresh()).toBe(false);
    expect(await flags.refresh()).toBe(false);
    expect(flags.report().flags).toEqual(ON);
    standIn.document = JSON.stringify(OFF);
    expect(await flags.refresh()).toBe(true);
    expect(flags.report().flags).toEqual(OFF);
  });

  it("are asked for more rarely where it says that it is asked too often", async () => {
    standIn.refusals = { status: 429, type: "ThrottlingException", times: 1 };
    await expect(read(source())).rejects.toThrow(Throttled);
  });

  it("wait for an answer no longer than they are told", async () => {
    standIn.slow = true;
    await expect(read(source(), 50)).rejects.toThrow();
  });

  it("are off where there is no such configuration", async () => {
    standIn.refusals = { status: 404, type: "ResourceNotFoundException", times: 1 };
    expect((await read(source())).none).toContain("knows no such configuration");
  });

  it("come whole after a document that was cut short on its way", async () => {
    const flags = await opened(source());
    standIn.half = true;
    standIn.document = JSON.stringify({ READ: true, WRITE: false });
    await flags.refresh();
    expect(flags.report()).toMatchObject({ flags: ON, refused: { problem: "it is no JSON object" } });
    standIn.half = false;
    await flags.refresh();
    expect(flags.report().flags).toEqual({ READ: true, WRITE: false });
  });
});

describe("the agent", () => {
  it("is asked for what its path names, and has nothing before a first deployment", async () => {
    const other = agent({ ...at, profile: "other", url: standIn.url });
    expect((await read(other)).none).toBe("the AppConfig agent knows no such configuration");
    standIn.document = "";
    expect((await read(agent({ ...at, url: standIn.url }))).none).toBe("nothing has been deployed yet");
  });
});

describe("the Data API", () => {
  it("is asked within one session, which may poll as often as AppConfig allows at all", async () => {
    const source = api();
    expect((await read(source)).text).toBe(standIn.document);
    expect(await read(source)).toEqual({ pauseMs: 15_000 });
    standIn.pauseS = 60;
    expect(await read(source)).toEqual({ pauseMs: 60_000 });
    expect(standIn.sessions).toEqual([
      {
        ApplicationIdentifier: "a/b",
        EnvironmentIdentifier: "e",
        ConfigurationProfileIdentifier: "p",
        RequiredMinimumPollIntervalInSeconds: 15,
      },
    ]);
  });

  it("is asked in a new session after a poll that came too early", async () => {
    const source = api();
    await read(source);
    standIn.refusals = { status: 400, type: "BadRequestException", times: 1 };
    await expect(read(source)).rejects.toThrow();
    expect((await read(source)).text).toBe(standIn.document);
    expect(standIn.sessions).toHaveLength(2);
  });
});
