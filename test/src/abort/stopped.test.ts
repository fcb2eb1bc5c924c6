import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bringDown } from "../../../src/abort/bringDown";
import { lowerFlags } from "../../../src/abort/lower";
import { writeNote } from "../../../src/flags/ledger";
import { flip } from "../../../src/promotion/flip";
import { readAlarms } from "../../../src/promotion/readiness";
import type { Promotion } from "../../../src/promotion/request";
import { measureNow, requireGo } from "../../../src/promotion/requireGo";
import { plan } from "../../../src/rollout/plan";
import type { AppConfigInMemory, AppConfigOptions } from "../../support/appConfig";
import { again, note, OFF, READING, stageA, stageB, unweakened, WRITING } from "../../support/build";
import {
  abort,
  asked,
  LIMITS,
  opened,
  readerOf,
  recorded,
  situation,
  storeOf,
  up,
  versionOf,
} from "../../support/promote";

/** The real promotion and the real abort against AppConfig in memory, as in test/src/promotion/schedules.test.ts. */

const world = vi.hoisted(() => ({
  make: undefined as undefined | (() => unknown),
  restarted: [] as string[],
  told: 0,
}));
vi.mock("@aws-sdk/client-appconfig", async (original) => ({
  ...(await original<object>()),
  AppConfigClient: function AppConfigClient() {
    return world.make?.();
  },
}));
vi.mock("@aws-sdk/client-ecs", async (original) => ({
  ...(await original<object>()),
  ECSClient: function ECSClient() {
    return {
      send: async ({ input }: { input: { service: string } }) => void world.restarted.push(input.service),
      destroy: () => {},
    };
  },
}));
vi.mock("../../../src/promotion/requireGo");
vi.mock("../../../src/promotion/readiness");
vi.mock("../../../src/messages/announce");
vi.mock("../../../src/aws/converged");
vi.mock("../../../src/abort/tellEveryone", () => ({
  tellEveryone: async () => {
    world.told++;
    return [];
  },
}));
vi.mock("node:timers/promises", () => import("../../support/timers"));

beforeEach(() => {
  vi.mocked(measureNow).mockResolvedValue({ observations: [] } as never);
  vi.mocked(requireGo).mockReturnValue([]);
  vi.mocked(readAlarms).mockResolvedValue(new Map());
  world.restarted = [];
  world.told = 0;
});
afterEach(() => {
  vi.restoreAllMocks();
  world.make = undefined;
});

function open(options: Partial<AppConfigOptions> = {}): AppConfigInMemory {
  const store = opened(options);
  world.make = () => store.client();
  return store;
}

/** Of a stage that is not live, a stop latches the ledger's highest attempt of it plus one, whatever the tree says. */
describe("a stop of a stage that is not live, before its next attempt goes up", () => {
  it("came down by the abort of the stage before it: the next attempt stays down", async () => {
    const store = open();
    expect(await up(store, stageA)).toBe("promoted");
    expect(await up(store, stageB)).toBe("promoted");
    await abort(store, stageA);
    expect(await up(store, again(stageA, 2))).toBe("promoted");
    const said = await abort(store, again(stageB, 2));
    expect.soft(said.attempt).toBe(2);
    expect(await up(store, again(stageB, 2), { before: recorded(2) })).toMatch(/^refused/);
    expect(store.live).toEqual(READING);
  });

  it("came down by `lower` to the stage before it", async () => {
    const store = open();
    expect(await up(store, stageA)).toBe("promoted");
    expect(await up(store, stageB)).toBe("promoted");
    await lowerFlags(storeOf(store), { ...asked(stageA, READING), kind: "lower" }, LIMITS);
    const said = await abort(store, again(stageB, 2));
    expect.soft(said.attempt).toBe(2);
    expect(await up(store, again(stageB, 2))).toMatch(/^refused/);
  });

  it("came down by AppConfig, which took its deployment back", async () => {
    const store = open();
    expect(await up(store, stageA)).toBe("promoted");
    store.deploy(WRITING, writeNote(note({ stage: "stageB" })));
    (store.deployments.at(-1) as { state: string }).state = "ROLLED_BACK";
    const said = await abort(store, again(stageB, 2));
    expect.soft(said.attempt).toBe(2);
    expect(await up(store, again(stageB, 2))).toMatch(/^refused/);
  });

  it("came down by the abort of the stage after it, whose floor is off", async () => {
    const store = open();
    expect(await up(store, stageA)).toBe("promoted");
    expect(await up(store, stageB)).toBe("promoted");
    await abort(store, stageB, OFF); // abortTo: off
    const said = await abort(store, again(stageA, 2));
    expect.soft(said.attempt).toBe(2);
    expect(await up(store, again(stageA, 2))).toMatch(/^refused/);
  });

  it("was renamed: the attempts of its former name count", async () => {
    const store = open();
    store.deploy(READING, writeNote(note({ stage: "stage-a" })));
    await abort(store, { ...stageA, name: "stage-a", attempt: 1 }, OFF);
    const renamed = { ...again(stageA, 2), formerly: ["stage-a"] };
    const said = await abort(store, renamed);
    expect.soft(said.attempt).toBe(2);
    expect(await up(store, renamed)).toMatch(/^refused/);
    expect(store.live).toEqual(OFF);
  });
});

describe("an abort that lowers what a stranger raised, of a stage that came down before", () => {
  for (const [tree, attempt] of [
    ["is behind", 1],
    ["is right", 2],
    ["is ahead", 5],
  ] as const)
    it(`latches the highest plus one, though the working tree ${tree}`, async () => {
      const store = open();
      expect(await up(store, stageA)).toBe("promoted");
      expect(await up(store, stageB)).toBe("promoted");
      await abort(store, stageB);
      store.deploy(WRITING);
      const said = await abort(store, again(stageB, attempt));
      expect(said).toMatchObject({ after: READING });
      expect.soft(said.attempt).toBe(2);
      expect(await up(store, again(stageB, 2))).toMatch(/attempt 2 was stopped/);
      expect(await up(store, again(stageB, 3))).toBe("promoted");
    });
});

describe("an abort right after the flip", () => {
  it("stops the attempt that went up, and not the next one too", async () => {
    const store = open();
    expect(await up(store, stageA)).toBe("promoted");
    expect(await up(store, stageB, { between: () => abort(store, stageB) })).toBe("aborted");
    expect
      .soft(store.notes().map((one) => `${one?.kind} ${one?.stage} ${one?.attempt}`))
      .not.toContain("stop stageB 2");
    expect(await up(store, again(stageB, 2))).toBe("promoted");
  });
});

describe("an abort whose StartDeployment was answered by nobody", () => {
  it("restarts servers and tells people all the same", async () => {
    let lose = false;
    const store = open({
      fault: (call) => {
        if (!lose || call !== "StartDeployment") return undefined;
        lose = false;
        return "lost";
      },
    });
    expect(await up(store, stageA)).toBe("promoted");
    expect(await up(store, stageB)).toBe("promoted");
    lose = true;
    const { outcome } = await bringDown(storeOf(store), {
      ...asked(stageB),
      region: "eu-central-1",
      title: "no",
      followers: { restart: [{ cluster: "c", service: "api" }], deliver: [] },
    });
    expect(store.live).toEqual(READING);
    expect.soft(outcome.why).toBe("flags are above the floor");
    expect.soft(world.told).toBe(1);
    expect(world.restarted).toEqual(["api"]);
  });
});

/** `up --target` hands an older version over. */
describe("the flip", () => {
  it("deploys the flags that were judged, and no other version", async () => {
    const store = open();
    expect(await up(store, stageA)).toBe("promoted");
    // The state's version of an earlier attempt, with other flags; `--target` leaves it where it is.
    const other = await versionOf(store, WRITING);
    const of = situation(again(stageA, 2));
    const read = readerOf(of);
    const planned = plan(of.rollout, of.stage, await read());
    expect(planned.kind).toBe("restart");
    const promotion = { plan: planned, subject: {}, gates: [], timeScale: 1 } as unknown as Promotion;
    await flip(
      { situation: of, promotion, strength: unweakened, before: { kind: "unasked" }, read },
      other,
    ).catch(() => {});
    expect(store.live).toEqual(READING);
  });
});

describe("an abort of a stage that was promoted long ago", () => {
  it("notes the attempt that is live, behind 25 drills and a working tree that is ahead", async () => {
    const store = open();
    expect(await up(store, stageA)).toBe("promoted");
    expect(await up(store, stageB)).toBe("promoted");
    for (let drill = 0; drill < 25; drill++)
      store.deploy(WRITING, writeNote(note({ kind: "drill", stage: "stageB" })));
    const said = await abort(store, again(stageB, 2));
    expect(store.live).toEqual(READING);
    expect.soft(said.attempt).toBe(1);
    expect(await up(store, again(stageB, 2))).toBe("promoted");
  });
});

describe("an alarm's transition that was answered and recorded", () => {
  // A dead letter that is sent again after days is the same transition.
  it("takes no later attempt down when its message is delivered once more", async () => {
    const store = open();
    expect(await up(store, stageA)).toBe("promoted");
    expect(await up(store, stageB)).toBe("promoted");
    const at = new Date((store.deployments.at(-1)?.at.getTime() ?? 0) - 60_000).toISOString();
    const { note: by, ...rest } = asked(stageB);
    const delivered = { ...rest, since: at, note: { ...by, row: "XB1", id: `XB1 ${at}` } };
    await lowerFlags(storeOf(store), delivered, LIMITS);
    expect(await up(store, again(stageB, 2))).toBe("promoted");
    await lowerFlags(storeOf(store), delivered, LIMITS);
    expect(store.live).toEqual(WRITING);
  });
});
