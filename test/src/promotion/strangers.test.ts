import type { AppConfigClient } from "@aws-sdk/client-appconfig";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { carry } from "../../../src/abort/carry";
import { lowerFlags } from "../../../src/abort/lower";
import type { AbortRequest } from "../../../src/abort/request";
import { AppConfigStore } from "../../../src/flags/appConfigStore";
import type { Flags } from "../../../src/flags/flags";
import { writeNote } from "../../../src/flags/ledger";
import { ledgerReader } from "../../../src/flags/readLedger";
import { decide, measureNow } from "../../../src/promotion/decide";
import { flip } from "../../../src/promotion/flip";
import { readAlarms } from "../../../src/promotion/readiness";
import type { Promotion } from "../../../src/promotion/request";
import { settle } from "../../../src/promotion/settle";
import type { Situation } from "../../../src/promotion/sources";
import { type Plan, plan } from "../../../src/rollout/plan";
import type { Predecessor } from "../../../src/rollout/planRaise";
import { floorOf, type Rollout, type Stage } from "../../../src/rollout/rollout";
import { AppConfigInMemory, type AppConfigOptions } from "../../support/appConfig";
import { baseline, flags, note, opsFlags, rollout, stageA, stageB } from "../../support/build";

/** The real promotion and the real abort against AppConfig in memory, as in test/src/promotion/schedules.test.ts. */

const world = vi.hoisted(() => ({ make: undefined as undefined | (() => unknown) }));
vi.mock("@aws-sdk/client-appconfig", async (original) => ({
  ...(await original<object>()),
  AppConfigClient: function AppConfigClient() {
    return world.make?.();
  },
}));
vi.mock("../../../src/promotion/decide");
vi.mock("../../../src/promotion/readiness");
vi.mock("../../../src/messages/announce");
vi.mock("../../../src/abort/tell", () => ({ tellEveryone: async () => [] }));
vi.mock("node:timers/promises", () => import("../../support/timers"));

const OFF = flags(false, false);
const READ = flags(true, false);
const BOTH = flags(true, true);
const LIMITS = { total: 2_000, patience: 200, pause: 0 };
const ids = { applicationId: "app1", environmentId: "env1", profileId: "prof1" };

beforeEach(() => {
  vi.mocked(measureNow).mockResolvedValue({} as never);
  vi.mocked(decide).mockReturnValue([]);
  vi.mocked(readAlarms).mockResolvedValue(new Map());
});
afterEach(() => {
  vi.restoreAllMocks();
  world.make = undefined;
});

const again = (of: Stage, attempt: number): Stage => ({ ...of, attempt });

function open(options: Partial<AppConfigOptions> = {}): AppConfigInMemory {
  const store = new AppConfigInMemory({ specs: opsFlags, ...options });
  store.deploy(OFF, writeNote(note({ stage: "baseline" })));
  store.settle();
  world.make = () => store.client();
  return store;
}

function situation(stage: Stage, of?: Rollout): Situation {
  const stages = [baseline, stageA, stageB].map((one) => (one.name === stage.name ? stage : one));
  return {
    rollout: of ?? rollout({ stages: stages as [Stage, ...Stage[]] }),
    stage,
    foundation: { store: { ...ids, region: "eu-central-1" }, strategyId: "s1", database: undefined } as never,
    settings: {
      region: "eu-central-1",
      timeScale: 1,
      tokens: {},
      awsEndpoint: undefined,
      folder: "/nowhere",
      checkout: "/nowhere",
    },
    checks: {},
  };
}

const readerOf = (of: Situation) => ledgerReader(of.foundation.store, of.rollout.flags);
const recorded = (attempt: number): Predecessor => ({ kind: "recorded", attempt, outcome: "settled" });

async function versionOf(store: AppConfigInMemory, of: Flags): Promise<string> {
  const made = (await store.client().send({
    constructor: { name: "CreateHostedConfigurationVersionCommand" },
    input: { Content: new TextEncoder().encode(JSON.stringify(of)) },
  } as never)) as unknown as { VersionNumber: number };
  return String(made.VersionNumber);
}

/** A plan's kind, with the problems where it is refused: a failing test then says why. */
function wordsOf(made: Plan): string {
  return made.kind === "refused"
    ? `refused: ${made.problems.map(({ what, remedy }) => `${what} -> ${remedy}`).join("; ")}`
    : made.kind;
}

/** `pulumi up`: what came of it, with the refusal's words. */
async function up(
  store: AppConfigInMemory,
  stage: Stage,
  {
    before = recorded(1),
    of = situation(stage),
    between,
  }: {
    before?: Predecessor;
    of?: Situation;
    between?: () => Promise<unknown>;
  } = {},
): Promise<string> {
  try {
    const read = readerOf(of);
    const planned = plan(of.rollout, stage, await read(), before);
    if (planned.kind !== "raise" && planned.kind !== "restart") return wordsOf(planned);
    const promotion = { plan: planned, subject: {}, gates: [], timeScale: 1 } as unknown as Promotion;
    await flip({ situation: of, promotion, before, read }, await versionOf(store, stage.flags));
    await between?.();
    return (await settle(of, read, () => {})).outcome === "settled" ? "promoted" : "aborted";
  } catch (error) {
    return `failed: ${(error as Error).message}`;
  }
}

const storeOf = (store: AppConfigInMemory) =>
  new AppConfigStore(store.client() as AppConfigClient, { ...ids, strategyId: "s1" }, 500);

/** As `cutover abort -s` asks, from a working tree whose attempt is the stage's. */
const asked = (stage: Stage, floor: Flags = floorOf(situation(stage).rollout, stage)): AbortRequest => ({
  specs: opsFlags,
  floor,
  note: {
    rollout: "ops-view",
    stage: stage.name,
    attempt: stage.attempt,
    id: crypto.randomUUID(),
    reason: "no",
  },
});
const abort = (store: AppConfigInMemory, stage: Stage, floor?: Flags) =>
  lowerFlags(storeOf(store), asked(stage, floor), LIMITS);

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
    store.deploy(READ, writeNote(note({ stage: "stageA" })));
    store.settle();
    store.deploy(BOTH, writeNote(note({ stage: "stageB" })));
    const of = situation({ ...stageA, lower: { reason: "writes have to wait" } });
    const planned = plan(of.rollout, of.stage, await readerOf(of)());
    // As `planNow`: lowered only where the plan says so.
    if (planned.kind === "lower")
      await lowerFlags(storeOf(store), { ...asked(stageA, READ), kind: "lower" }, LIMITS);
    store.settle();
    expect(store.live).toEqual(READ);
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
      const request = asked(stageC, BOTH);
      return lowerFlags(storeOf(store), { ...request, note: { ...request.note, ...more } }, LIMITS);
    };
    expect(await up(store, stageB, { between })).toBe("promoted");
    expect(store.live).toEqual(BOTH);
  });
});
