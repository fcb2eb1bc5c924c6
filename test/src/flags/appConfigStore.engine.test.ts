import { randomUUID } from "node:crypto";
import { AppConfigClient, UpdateConfigurationProfileCommand } from "@aws-sdk/client-appconfig";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox, silentProgress } from "../../../sandbox";
import { lowerFlags } from "../../../src/abort/lower";
import { AppConfigStore, type FlagStoreIds } from "../../../src/flags/appConfigStore";
import { documentSchema } from "../../../src/flags/document";
import { findFlagStore } from "../../../src/flags/find";
import type { Flags } from "../../../src/flags/flags";
import { parseNote } from "../../../src/flags/ledger";
import {
  BOTH,
  CREDENTIALS,
  type FlagWorld,
  type Interference,
  OFF,
  openFlags,
  openProxy,
  READ,
  SPECS,
  throttled,
} from "../abort/world";

let sandbox: Sandbox;
let flags: FlagWorld;
let number = 0;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  sandbox = await openSandbox({ progress: silentProgress });
});
afterAll(() => sandbox?.stop());
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function world(...promoted: Flags[]): Promise<FlagWorld> {
  flags = await openFlags(sandbox.aws.endpoint, sandbox.aws.region, `rollout-${++number}`);
  for (const one of promoted) await flags.promote(one);
  return flags;
}

async function storeBehind(interfere?: Interference, ids: FlagStoreIds = flags.ids) {
  const proxy = await openProxy(sandbox.aws.endpoint, interfere);
  const client = new AppConfigClient({
    endpoint: proxy.endpoint,
    region: sandbox.aws.region,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  closing.push(async () => client.destroy(), proxy.close);
  return { store: new AppConfigStore(client, ids), client, seen: proxy.seen };
}

const request = (floor: Flags, reason = "errors") => ({
  specs: SPECS,
  floor,
  note: { rollout: `rollout-${number}`, stage: "stageB", attempt: 1, row: "XB1", reason, id: randomUUID() },
});

describe("an abort in AppConfig", () => {
  test("takes six calls in a row: the schema beside the first, notes of the newest entries at once", async () => {
    await world(READ, BOTH);
    const { store, seen } = await storeBehind();
    const outcome = await lowerFlags(store, request(READ));
    expect(outcome).toMatchObject({ before: BOTH, after: READ, deployment: 4 });
    expect(await flags.live()).toEqual(READ);
    const schema = /^GET .*\/configurationprofiles\/[^/]+$/;
    expect(seen.slice(0, 3).filter((call) => schema.test(call))).toHaveLength(1);
    const note = /^GET .*\/deployments\/\d+$/;
    const others = seen.filter((call) => !schema.test(call));
    expect(others.filter((call) => !note.test(call))).toHaveLength(5);
    // One of them is asked for by its own list and as what is live: its state may be another by then.
    expect(others.filter((call) => note.test(call))).toHaveLength(4);
    const written = (await flags.deployments()).at(-1) as { note: string };
    expect(parseNote(written.note)).toEqual({
      cutover: 1,
      kind: "abort",
      ...request(READ).note,
      id: expect.any(String),
      after: 3,
      version: "4",
    });
  });

  test("finds the flags by their names alone", async () => {
    await world(BOTH);
    const { client } = await storeBehind();
    expect(await findFlagStore(client, `rollout-${number}`)).toEqual(flags.ids);
    await expect(findFlagStore(client, "nowhere")).rejects.toThrow(
      /AppConfig application nowhere: is not there/,
    );
  });

  test("keeps a person's reason, in any script and of any length", async () => {
    await world(BOTH);
    const { store } = await storeBehind();
    const reason = "Fehler – ошибка 🚨 ".repeat(100);
    await lowerFlags(store, {
      ...request(OFF, reason),
      note: { ...request(OFF, reason).note, row: undefined },
    });
    const { note } = (await flags.deployments()).at(-1) as { note: string };
    expect(parseNote(note)?.reason).toMatch(/^Fehler – ошибка 🚨 .*…$/);
  });
});

describe("a deployment under way", () => {
  test("is ended", async () => {
    await world(READ);
    await flags.promote(BOTH, { strategyId: await flags.slow({ duration: 10, bake: 10 }) });
    const { store } = await storeBehind();
    expect(await lowerFlags(store, request(READ))).toMatchObject({
      after: READ,
      stopped: [3],
      deployment: 4,
    });
    expect((await flags.deployments()).map(({ state }) => state)).toEqual([
      "COMPLETE",
      "COMPLETE",
      "ROLLED_BACK",
      "COMPLETE",
    ]);
    expect(await flags.live()).toEqual(READ);
  });

  test("is ended while it bakes", async () => {
    await world(READ);
    await flags.promote(BOTH, { strategyId: await flags.slow({ duration: 0, bake: 10 }) });
    const { store } = await storeBehind();
    expect(await lowerFlags(store, request(OFF))).toMatchObject({ before: BOTH, after: OFF, stopped: [3] });
    expect(await flags.live()).toEqual(OFF);
  });

  test("that begins between look and deployment is a conflict, and is ended", async () => {
    await world(READ, BOTH);
    const strategyId = await flags.slow({ duration: 10, bake: 0 });
    let promoted: Promise<number> | undefined;
    const { store } = await storeBehind();
    const deploy = store.redeploy.bind(store);
    store.redeploy = async (...args) => {
      promoted ??= flags.promote(BOTH, { strategyId });
      await promoted;
      return deploy(...args);
    };
    expect(await lowerFlags(store, request(READ))).toMatchObject({
      after: READ,
      stopped: [4],
      deployment: 5,
    });
    expect(await flags.live()).toEqual(READ);
  });
});

test("a flag that only the store knows stays as low as a lowering that bakes has brought it", async () => {
  await world();
  const { store, client } = await storeBehind();
  const V2 = { kind: "percentage" as const, off: 0, requires: [], writes: false };
  await client.send(
    new UpdateConfigurationProfileCommand({
      ApplicationId: flags.ids.applicationId,
      ConfigurationProfileId: flags.ids.profileId,
      Validators: [{ Type: "JSON_SCHEMA", Content: documentSchema({ ...SPECS, V2 }) }],
    }),
  );
  await flags.promote({ ...BOTH, V2: 50 });
  await flags.promote({ ...BOTH, V2: 10 }, { strategyId: await flags.slow({ duration: 0, bake: 10 }) });
  expect(await lowerFlags(store, request(READ))).toMatchObject({ after: { ...READ, V2: 10 }, stopped: [3] });
  expect(await flags.live()).toEqual({ ...READ, V2: 10 });
});

test("several at once end at the lowest floor", async () => {
  await world(READ, BOTH);
  const stores = await Promise.all(Array.from({ length: 6 }, () => storeBehind()));
  const outcomes = await Promise.all(
    stores.map(({ store }, index) => lowerFlags(store, request(index % 2 ? READ : OFF))),
  );
  expect(await flags.live()).toEqual(OFF);
  // Each has an entry of its own, and none deploys twice.
  expect(new Set(outcomes.map(({ recorded }) => recorded)).size).toBe(6);
  expect(await flags.deployments()).toHaveLength(3 + 6);
});

test.each(["not JSON", '{"OPS_VIEW_DB_READ":"yes"}', "[]"])(
  "a live document %j is replaced by all off",
  async (text) => {
    await world();
    await flags.promote(text);
    const { store } = await storeBehind();
    expect(await lowerFlags(store, request(READ))).toMatchObject({ before: undefined, after: OFF });
    expect(await flags.live()).toEqual(OFF);
  },
);

describe("an AWS that is not well", () => {
  test("throttles the first three calls of each kind", async () => {
    await world(READ, BOTH);
    const refused = new Map<string, number>();
    const { store } = await storeBehind(({ method, path }) => {
      const kind = `${method} ${path.split("?")[0]}`;
      const times = (refused.get(kind) ?? 0) + 1;
      refused.set(kind, times);
      return times <= 3 ? throttled : undefined;
    });
    const { ms } = await lowerFlags(store, request(READ));
    expect(await flags.live()).toEqual(READ);
    expect(ms).toBeLessThan(10_000);
  });

  test("starts the deployment and loses the answer: it is not deployed twice", async () => {
    await world(READ, BOTH);
    let lost = false;
    const { store } = await storeBehind();
    const inner = store.redeploy.bind(store);
    store.redeploy = async (...args) => {
      const result = await inner(...args);
      if (lost) return result;
      lost = true;
      return { kind: "conflict" };
    };
    await lowerFlags(store, request(READ));
    expect(await flags.live()).toEqual(READ);
    expect(await flags.deployments()).toHaveLength(4);
  });

  test("throttles for good: the abort gives up, and says so", async () => {
    await world(READ, BOTH);
    const { client } = await storeBehind(() => throttled);
    const store = new AppConfigStore(client, flags.ids, 500);
    await expect(lowerFlags(store, request(READ))).rejects.toThrow("Rate exceeded");
  });

  test("has lost the rollout's strategy: the predefined one stands in", async () => {
    await world(READ, BOTH);
    const { store } = await storeBehind(undefined, { ...flags.ids, strategyId: "gone123" });
    expect(await lowerFlags(store, request(READ))).toMatchObject({ after: READ });
    expect(await flags.live()).toEqual(READ);
  });
});

test("more deployments than the emulator lists are found nevertheless", async () => {
  await world();
  for (let index = 0; index < 26; index++) {
    await flags.promote(BOTH);
    await flags.promote(OFF);
  }
  await flags.promote(BOTH);
  const { store } = await storeBehind();
  expect(await lowerFlags(store, request(OFF))).toMatchObject({ before: BOTH, after: OFF, deployment: 55 });
});
