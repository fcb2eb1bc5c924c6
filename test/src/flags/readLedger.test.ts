import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppConfigStore, appConfigClient } from "../../../src/flags/appConfigStore";
import { writeNote } from "../../../src/flags/ledger";
import { type FlagStore, ledgerReader, readLedger } from "../../../src/flags/readLedger";
import { UserError } from "../../../src/text/problem";
import { flags, note, opsFlags, READ, WRITE } from "../../support/build";

/** Reads through the real SDK from a server that answers as AppConfig does. */

const store: FlagStore = {
  applicationId: "app1",
  environmentId: "env1",
  profileId: "prof1",
  region: "eu-central-1",
};

interface Deployment {
  readonly number: number;
  readonly state?: string;
  readonly completedAt?: string | undefined;
  readonly startedAt?: string;
  /** When each event of its log occurred. */
  readonly events?: readonly string[];
  readonly description?: string;
  readonly profile?: string;
  readonly version?: string;
}

/** What the server holds. `failWith` answers every call with an error of that status. */
interface World {
  deployments: Deployment[];
  documents: Record<string, string>;
  order: "ascending" | "descending";
  pageSize: number;
  /** Lists the oldest so many and not a word of the others, as the emulator does. */
  listsOldest?: number;
  failWith?: { status: number; body: object };
}

let world: World;
let server: Server;
let asked: string[];

const done = (number: number, spec: Partial<Deployment> = {}): Deployment => ({
  number,
  state: "COMPLETE",
  completedAt: `2026-11-${String(number).padStart(2, "0")}T12:00:00.000Z`,
  description: writeNote(note({ attempt: number })),
  version: String(number),
  ...spec,
});

function answer(request: IncomingMessage, response: ServerResponse): unknown {
  const url = new URL(request.url ?? "/", "http://x");
  asked.push(url.pathname);
  const json = (status: number, body: object) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  if (world.failWith) return json(world.failWith.status, world.failWith.body);
  const one = /^\/applications\/app1\/environments\/env1\/deployments(?:\/(\d+))?$/.exec(url.pathname);
  if (one && one[1] === undefined) {
    const sorted = [...world.deployments]
      .sort((a, b) => (world.order === "ascending" ? a.number - b.number : b.number - a.number))
      .slice(0, world.listsOldest);
    const from = Number(url.searchParams.get("next_token") ?? 0);
    const page = sorted.slice(from, from + world.pageSize);
    const next = from + world.pageSize < sorted.length ? String(from + world.pageSize) : undefined;
    return json(200, {
      Items: page.map(({ number, state }) => ({ DeploymentNumber: number, State: state })),
      ...(next ? { NextToken: next } : {}),
    });
  }
  if (one) {
    const found = world.deployments.find((deployment) => deployment.number === Number(one[1]));
    if (!found) return json(404, { Message: "no such deployment", __type: "ResourceNotFoundException" });
    return json(200, {
      ApplicationId: "app1",
      DeploymentNumber: found.number,
      ConfigurationProfileId: found.profile ?? "prof1",
      ConfigurationVersion: found.version,
      Description: found.description,
      State: found.state,
      StartedAt: found.startedAt,
      CompletedAt: found.completedAt,
      EventLog: found.events?.map((at) => ({ EventType: "REVERT_COMPLETED", OccurredAt: at })),
    });
  }
  const version =
    /^\/applications\/app1\/configurationprofiles\/prof1\/hostedconfigurationversions\/(\d+)$/.exec(
      url.pathname,
    );
  const text = world.documents[version?.[1] ?? ""];
  if (text === undefined) return json(404, { Message: "no such version" });
  response.writeHead(200, { "content-type": "application/json", "version-number": version?.[1] }).end(text);
}

beforeEach(async () => {
  world = { deployments: [], documents: {}, order: "descending", pageSize: 50 };
  asked = [];
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "hunter2");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const read = () => readLedger(store, opsFlags);
const document = (read: boolean, write: boolean) => JSON.stringify(flags(read, write));

describe("readLedger", () => {
  it("knows of nothing before the first deployment", async () => {
    expect(await read()).toEqual({ history: [], live: undefined, newest: 0 });
  });

  it("reads which flags are live, since when and why", async () => {
    world.deployments = [done(1), done(2, { description: writeNote(note({ stage: "stageB", attempt: 4 })) })];
    world.documents = { "1": document(true, false), "2": document(true, true) };
    const ledger = await read();
    expect(ledger.live).toEqual({
      deployment: 2,
      state: "complete",
      completedAt: "2026-11-02T12:00:00.000Z",
      configurationVersion: "2",
      note: note({ stage: "stageB", attempt: 4 }),
      flags: flags(true, true),
      undeclared: [],
      doors: {},
    });
    expect(ledger.history.map((one) => one.deployment)).toEqual([2, 1]);
  });

  it("reads the same from a list in either order, and from many pages", async () => {
    world.deployments = Array.from({ length: 12 }, (_, index) => done(index + 1));
    world.documents = { "11": document(true, false), "12": document(true, false) };
    const whole = await read();
    expect(whole.live?.deployment).toBe(12);
    for (const order of ["ascending", "descending"] as const)
      for (const pageSize of [1, 5, 50]) {
        world = { ...world, order, pageSize };
        expect(await read()).toEqual(whole);
      }
  });

  it.each([51, 52, 113])("finds the newest of %i where only the oldest fifty are listed", async (count) => {
    world.deployments = Array.from({ length: count }, (_, index) =>
      done(index + 1, { completedAt: "2026-11-01T12:00:00.000Z" }),
    );
    world.documents = { [String(count)]: document(true, false) };
    const whole = await read();
    expect(whole.live?.deployment).toBe(count);
    expect(whole.history).toHaveLength(count);
    world = { ...world, order: "ascending", listsOldest: 50 };
    expect(await read()).toEqual(whole);
  });

  it("reads no more pages than it needs where the newest come first", async () => {
    world.deployments = Array.from({ length: 400 }, (_, index) =>
      done(index + 1, { completedAt: "2026-11-01T12:00:00.000Z" }),
    );
    world.documents = { "400": document(true, false) };
    expect((await ledgerReader(store, opsFlags, 100)()).history).toHaveLength(100);
    expect(asked.filter((path) => path.endsWith("/deployments"))).toHaveLength(2);
  });

  it.each([
    ["BAKING", "under-way"],
    ["VALIDATING", "under-way"],
    ["DEPLOYING", "under-way"],
    ["ROLLING_BACK", "under-way"],
    ["ROLLED_BACK", "rolled-back"],
    ["REVERTED", "rolled-back"],
  ])("takes a deployment that is %s for %s: the one before stays live", async (state, expected) => {
    world.deployments = [done(1), done(2, { state, completedAt: undefined })];
    world.documents = { "1": document(false, false), "2": document(true, false) };
    const ledger = await read();
    expect(ledger.history[0]).toMatchObject({ deployment: 2, state: expected });
    expect(ledger.live).toMatchObject({ deployment: 1, flags: flags(false, false) });
  });

  // Somebody deployed by hand, and hours later took it back: servers saw other flags in between.
  it.each<[string, Partial<Deployment>, string]>([
    [
      "was reverted after it had completed",
      { events: ["2026-11-05T09:00:00.000Z", "2026-11-05T08:00:00.000Z"] },
      "2026-11-05T09:00:00.000Z",
    ],
    ["has no log, but an end", {}, "2026-11-02T12:00:00.000Z"],
    [
      "has no end, but a beginning",
      { completedAt: undefined, startedAt: "2026-11-02T11:00:00.000Z" },
      "2026-11-02T11:00:00.000Z",
    ],
    ["says nothing of time", { completedAt: undefined }, "2026-11-01T12:00:00.000Z"],
  ])("counts the live flags anew from the end of a later deployment that %s", async (_, spec, since) => {
    world.deployments = [done(1), done(2, { state: "REVERTED", ...spec })];
    world.documents = { "1": document(true, false) };
    expect((await read()).live).toMatchObject({ deployment: 1, completedAt: since });
  });

  it("leaves out deployments of other profiles, and reads foreign ones without a note", async () => {
    world.deployments = [done(1), done(2, { description: "by hand" }), done(3, { profile: "other" })];
    world.documents = { "1": document(false, false), "2": document(true, false) };
    const ledger = await read();
    expect(ledger.history.map((one) => one.deployment)).toEqual([2, 1]);
    expect(ledger.live).toMatchObject({ deployment: 2, note: undefined });
    expect(ledger.newest).toBe(3);
  });

  it("names keys that nobody declared, and takes a missing flag for off", async () => {
    world.deployments = [done(1)];
    world.documents = { "1": `{"${READ}":true,"extra":1}` };
    expect((await read()).live).toMatchObject({
      flags: { [READ]: true, [WRITE]: false },
      undeclared: ["extra"],
    });
  });

  it("says how far back it was read, where there is more", async () => {
    world.deployments = Array.from({ length: 130 }, (_, index) =>
      done(index + 1, { completedAt: "2026-11-01T12:00:00.000Z" }),
    );
    world.documents = { "130": document(true, false) };
    world.order = "ascending";
    const ledger = await ledgerReader(store, opsFlags, 100)();
    expect(ledger).toMatchObject({ newest: 130, cutAt: 31 });
    expect(ledger.history.at(-1)?.deployment).toBe(31);
    expect(await ledgerReader(store, opsFlags, 130)()).not.toHaveProperty("cutAt");
  });

  it("asks for nothing twice that never changes", async () => {
    world.deployments = [done(1), done(2), done(3, { state: "DEPLOYING", completedAt: undefined })];
    world.documents = {
      "1": document(false, false),
      "2": document(true, false),
      "3": document(false, false),
    };
    const again = ledgerReader(store, opsFlags);
    const first = await again();
    asked = [];
    expect(await again()).toEqual(first);
    expect(asked.map((path) => path.split("/environments/env1")[1] ?? path)).toEqual([
      "/deployments",
      "/deployments/3",
    ]);
    world.deployments = [done(1), done(2), done(3)];
    expect((await again()).live).toMatchObject({ deployment: 3 });
  });

  it("holds the notes against the documents: what says that it carries flags on, and changes them, is foreign", async () => {
    const drill = writeNote(note({ kind: "drill" }));
    world.deployments = [done(1), done(2, { description: drill })];
    world.documents = {
      "1": document(true, false),
      "2": `{"_cutover":{"drill":"t"},${document(true, false).slice(1)}`,
    };
    expect((await read()).live).toMatchObject({ deployment: 2, completedAt: "2026-11-01T12:00:00.000Z" });
    world.documents = { "1": document(true, false), "2": document(true, true) };
    expect((await read()).history[0]).toMatchObject({
      deployment: 2,
      foreign: "it says that no flag changes",
    });
  });
});

describe("a ledger that cannot be read", () => {
  async function problem(): Promise<string> {
    const error = await read().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UserError);
    const { message } = error as UserError;
    expect(message).not.toContain("hunter2");
    return message;
  }

  it.each([
    [
      "access is denied",
      403,
      { Message: "not authorized", __type: "AccessDeniedException" },
      /cannot be read from AppConfig \(application app1 in [a-z]+-[a-z]+-\d\): .*not authorized/,
    ],
    [
      "the application is gone",
      404,
      { Message: "Application app1 not found", __type: "ResourceNotFoundException" },
      /app1 not found/,
    ],
    [
      "AppConfig throttles",
      429,
      { Message: "Rate exceeded", __type: "TooManyRequestsException" },
      /Rate exceeded/,
    ],
    [
      "AppConfig is broken",
      500,
      { Message: "Internal", __type: "InternalServerException" },
      /cannot be read from AppConfig/,
    ],
  ])("says so when %s", async (_, status, body, told) => {
    world.failWith = { status, body };
    expect(await problem()).toMatch(told);
  });

  it("says so when nothing listens there", async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await problem()).toMatch(
      /cannot be read from AppConfig .*ECONNREFUSED[\s\S]*Check the AWS credentials/,
    );
    server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });

  it.each([
    ["is not JSON", "READ=true", /it is not JSON/],
    ["holds a value of the wrong type", `{"${READ}":"true"}`, new RegExp(`${READ} is not a boolean`)],
    ["is empty", "", /it is not JSON/],
  ])("says so when the live document %s", async (_, text, told) => {
    world.deployments = [done(1)];
    world.documents = { "1": text };
    expect(await problem()).toMatch(told);
  });

  it("holds no abort up where the live document is empty", async () => {
    world.documents = { "1": "" };
    const client = appConfigClient("eu-central-1");
    expect(await new AppConfigStore(client, { ...store, strategyId: "s" }).document("1")).toBe("");
    client.destroy();
  });

  it("says so when the live document is gone", async () => {
    world.deployments = [done(1)];
    expect(await problem()).toMatch(/AppConfig no longer has it/);
  });

  it("says so when it is not known since when the flags are live", async () => {
    world.deployments = [done(1, { completedAt: undefined })];
    world.documents = { "1": document(true, false) };
    expect(await problem()).toMatch(/does not say when deployment 1 completed/);
  });
});
