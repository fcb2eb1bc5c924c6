import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { carry } from "../../../src/abort/carry";
import { lowerFlags } from "../../../src/abort/lower";
import { writeNote } from "../../../src/flags/ledger";
import { readAlarms } from "../../../src/promotion/readiness";
import { measureNow, requireGo } from "../../../src/promotion/requireGo";
import { plan } from "../../../src/rollout/plan";
import type { AppConfigInMemory, AppConfigOptions } from "../../support/appConfig";
import { again, baseline, note, OFF, READING, stageA, stageB, WRITING } from "../../support/build";
import { abort, asked, LIMITS, opened, readerOf, situation, storeOf, up } from "../../support/promote";

/** The real promotion and the real abort against AppConfig in memory, as in test/src/promotion/schedules.test.ts. */

const world = vi.hoisted(() => ({ make: undefined as undefined | (() => unknown) }));
vi.mock("@aws-sdk/client-appconfig", async (original) => ({
  ...(await original<object>()),
  AppConfigClient: function AppConfigClient() {
    return world.make?.();
  },
}));
vi.mock("../../../src/aws/converged");
vi.mock("../../../src/promotion/requireGo");
vi.mock("../../../src/promotion/readiness");
vi.mock("../../../src/messages/announce");
vi.mock("../../../src/abort/tellEveryone", () => ({ tellEveryone: async () => [] }));
vi.mock("node:timers/promises", () => import("../../support/timers"));

beforeEach(() => {
  vi.mocked(measureNow).mockResolvedValue({ observations: [] } as never);
  vi.mocked(requireGo).mockReturnValue([]);
  vi.mocked(readAlarms).mockResolvedValue(new Map());
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

describe("a note that is not true", () => {
  it("stays foreign, whatever comes after it", async () => {
    const store = open();
    expect(await up(store, stageA)).toBe("promoted");
    const version = String(store.documents.length + 1);
    store.deploy(OFF, writeNote(note({ stage: "baseline", attempt: 2, after: 2, version })));
    const of = situation(again(stageA, 2));
    const foreign = async () =>
      (await readerOf(of)()).history.find(({ deployment }) => deployment === 3)?.foreign;
    expect(await foreign()).toMatch(/says that it promotes, but lowers/);
    expect.soft(await up(store, of.stage)).toMatch(/^refused/);
    const carried = async (kind: "hold" | "release") =>
      carry(storeOf(store), { ...note({ stage: "all" }), kind, id: kind }, 500);
    await carried("hold");
    await carried("release");
    expect.soft(await foreign()).toMatch(/says that it promotes, but lowers/);
    expect(await up(store, of.stage)).toMatch(/^refused/);
    expect(store.live).toEqual(OFF);
  });
});

describe("`up` with lower: { reason } while a raise is under way", () => {
  it("the whole of it: WRITE reaches every server although `up` ended well", async () => {
    const store = open({ takes: 30 });
    store.settle();
    store.deploy(READING, writeNote(note({ stage: "stageA" })));
    store.settle();
    store.deploy(WRITING, writeNote(note({ stage: "stageB" })));
    const of = situation({ ...stageA, lower: { reason: "writes have to wait" } });
    const planned = plan(of.rollout, of.stage, await readerOf(of)());
    // As `planNow`: lowered only where the plan says so.
    if (planned.kind === "lower")
      await lowerFlags(storeOf(store), { ...asked(stageA, READING), kind: "lower" }, LIMITS);
    store.settle();
    expect(store.live).toEqual(READING);
  });
});

describe("the way back after a stranger, by the real abort", () => {
  it("all off from the console (as `cutover abort` itself advises where it fails) is no dead end", async () => {
    const store = open();
    expect(await up(store, stageA)).toBe("promoted");
    store.deploy(OFF);
    // Everything that a person could try. None of it may raise a flag.
    await abort(store, stageA);
    await abort(store, stageB);
    await lowerFlags(
      storeOf(store),
      { ...asked(stageA, OFF), note: { ...asked(stageA).note, stage: "all" } },
      LIMITS,
    );
    expect.soft(await up(store, again(baseline, 2))).not.toContain("Find out who made it");
    const refused = await up(store, again(stageA, 9));
    const next = Number(/Set attempt to (\d+)/.exec(refused)?.[1] ?? 2);
    expect(await up(store, again(stageA, next))).toBe("promoted");
  });
});

describe("a stop that is not about the stage that goes up, after its flip", () => {
  it.each([
    ["of the stage after it, which is not live", {}],
    ["of another rollout", { rollout: "v2-pipeline" }],
  ])("%s takes nothing down", async (_, more) => {
    const store = open();
    expect(await up(store, stageA)).toBe("promoted");
    const stageC = { ...stageB, name: "stageC" };
    const between = () => {
      const request = asked(stageC, WRITING);
      return lowerFlags(storeOf(store), { ...request, note: { ...request.note, ...more } }, LIMITS);
    };
    expect(await up(store, stageB, { between })).toBe("promoted");
    expect(store.live).toEqual(WRITING);
  });
});
