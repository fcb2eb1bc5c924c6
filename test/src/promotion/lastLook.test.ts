import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { writeNote } from "../../../src/flags/ledger";
import { gateHash } from "../../../src/gates/hash";
import type { Evidence } from "../../../src/gates/observation";
import { announce } from "../../../src/messages/announce";
import { flip } from "../../../src/promotion/flip";
import { unarmedNow } from "../../../src/promotion/guards";
import { FRESH_MS, staleGates } from "../../../src/promotion/lastLook";
import { requireQuietAlarms } from "../../../src/promotion/readiness";
import type { Promotion } from "../../../src/promotion/request";
import { measureNow, requireGo } from "../../../src/promotion/requireGo";
import { plan } from "../../../src/rollout/plan";
import { gateOf, note, READING, stageB, unweakened } from "../../support/build";
import { opened, readerOf, recorded, situation, versionOf } from "../../support/promote";

/** The last look by a clock that moves only where something takes its time. */
const clients = vi.hoisted(() => ({ make: undefined as undefined | (() => unknown) }));
vi.mock("@aws-sdk/client-appconfig", async (original) => ({
  ...(await original<object>()),
  AppConfigClient: function AppConfigClient() {
    return clients.make?.();
  },
}));
vi.mock("../../../src/promotion/requireGo");
vi.mock("../../../src/promotion/readiness");
vi.mock("../../../src/promotion/guards", async (original) => ({
  ...(await original<object>()),
  unarmedNow: vi.fn(),
}));
vi.mock("../../../src/messages/announce");

const gates = ["quick", "slow"].map((id) => gateOf(id, { source: "date", after: "2026-01-01" }));
let now = 0;
const pass = (seconds: number) => {
  now += seconds * 1_000;
};

beforeEach(() => {
  now = Date.parse("2026-11-21T12:00:00.000Z");
  vi.spyOn(Date, "now").mockImplementation(() => now);
  vi.mocked(requireGo).mockReturnValue([]);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.resetAllMocks();
  clients.make = undefined;
});

/** How long each thing takes, in s: whoever waits for guards and alarms, announces, and measures a gate. */
interface Takes {
  readonly guards: readonly number[];
  readonly alarms: readonly number[];
  readonly people: number;
  readonly slow: readonly number[];
}

/** One flip; how old its oldest observation was when the deployment was started, in ms, or why it was refused. */
async function flipped(takes: Takes) {
  let from = 0;
  const next = (list: readonly number[], index: number) => list[Math.min(index, list.length - 1)] ?? 0;
  const rounds = { guards: 0, alarms: 0, slow: 0 };
  vi.mocked(unarmedNow).mockImplementation(async () => {
    pass(next(takes.guards, rounds.guards++));
    return [];
  });
  vi.mocked(requireQuietAlarms).mockImplementation(async () => pass(next(takes.alarms, rounds.alarms++)));
  vi.mocked(announce).mockImplementation(async () => pass(takes.people));
  vi.mocked(measureNow).mockImplementation(async (_situation, subject, asked) => {
    // All at once: a quick one is there at once, and ages while the others take their time.
    const quick = new Date(now).toISOString();
    if (asked.some(({ id }) => id === "slow")) pass(next(takes.slow, rounds.slow++));
    const at = (id: string) => (id === "slow" ? new Date(now).toISOString() : quick);
    const observations = asked.map((gate) => ({
      ...{
        gate: gate.id,
        definition: gateHash(gate),
        at: at(gate.id),
        tookMs: gate.id === "slow" ? 9_000 : 1,
      },
      seen: { kind: "clock" },
    }));
    return { subject, measuredAt: new Date(now).toISOString(), observations } as unknown as Evidence;
  });
  const store = opened({
    before: async (call) => {
      if (call === "StartDeployment") from = now;
    },
  });
  store.deploy(READING, writeNote(note({ stage: "stageA" })));
  store.settle();
  clients.make = () => store.client();
  const of = situation(stageB);
  const read = readerOf(of);
  const planned = plan(of.rollout, stageB, await read(), recorded(1));
  const promotion = {
    plan: planned,
    subject: { stage: "stageB" },
    gates,
    timeScale: 1,
  } as unknown as Promotion;
  const before = recorded(1);
  const version = await versionOf(store, stageB.flags);
  const became = await flip({ situation: of, promotion, strength: unweakened, before, read }, version).catch(
    (error: Error) => error.message,
  );
  const measured = vi.mocked(measureNow).mock.calls.map(([, , asked]) => asked.map(({ id }) => id).join());
  const told = vi.mocked(announce).mock.calls.length;
  if (typeof became === "string") return { refused: became, measured, told, deployments: store.deployments };
  const evidence = became.atFlip?.evidence as Evidence;
  const oldest = Math.max(...evidence.observations.map(({ at }) => from - Date.parse(at)));
  return { oldest, evidence, measured, told, startedAt: from, deployments: store.deployments };
}

const QUICK: Takes = { guards: [0], alarms: [0], people: 0, slow: [1] };

it("waits for guards and alarms before it measures, so that nothing that was seen grows old meanwhile", async () => {
  const { oldest, measured } = await flipped({ ...QUICK, guards: [85, 0], alarms: [90, 1] });
  expect(measured).toEqual(["quick,slow"]);
  expect(oldest).toBeLessThan(5_000);
});

it("measures once more what is no longer fresh, and that alone, and tells people once", async () => {
  const { oldest, measured, told, evidence } = await flipped({ ...QUICK, slow: [70] });
  expect(measured).toEqual(["quick,slow", "quick"]);
  expect(oldest).toBeLessThanOrEqual(FRESH_MS);
  expect(evidence?.observations.map(({ gate }) => gate)).toEqual(["quick", "slow"]);
  expect(told).toBe(1);
  // All of it is judged again.
  expect(vi.mocked(requireGo).mock.calls.at(-1)?.[0].evidence?.observations).toHaveLength(2);
});

it("refuses where what was seen does not become fresh, and says what is slow", async () => {
  const { refused, deployments } = await flipped({ ...QUICK, alarms: [61] });
  expect(refused).toMatch(/^The last look refuses to deploy stageB:\n/);
  expect(refused).toMatch(
    /quick, slow: measured more than 1 m before the flags would go up, 4 times over; .*slow/,
  );
  expect(deployments).toHaveLength(2);
});

it("law: no evidence older than a minute is what a flip is bound to, whatever takes how long", async () => {
  const some = fc.array(fc.nat(50), { minLength: 1, maxLength: 4 });
  let raised = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record({ guards: some, alarms: some, people: fc.nat(100), slow: some }),
      async (takes) => {
        vi.mocked(measureNow).mockClear();
        const { oldest, measured, refused, deployments } = await flipped(takes);
        expect(measured.length).toBeLessThanOrEqual(4);
        // Nothing but what was there before.
        if (refused !== undefined) expect(deployments).toHaveLength(2);
        else {
          raised++;
          expect(oldest).toBeLessThanOrEqual(FRESH_MS);
        }
      },
    ),
    { numRuns: 50 },
  );
  expect(raised).toBeGreaterThan(5);
});

it("law: nothing starts once what holds at some hours alone has ended, whatever took how long", async () => {
  const some = fc.array(fc.nat(40), { minLength: 1, maxLength: 4 });
  const takes = fc.record({ guards: some, alarms: some, people: fc.nat(55), slow: some });
  const came: ("raised" | "late")[] = [];
  await fc.assert(
    fc.asyncProperty(takes, fc.nat(200), async (long, left) => {
      const noon = now + left * 1_000;
      vi.mocked(requireGo).mockImplementation(() => {
        if (now >= noon) throw new Error("it is noon");
        return [];
      });
      const { refused, startedAt, deployments } = await flipped(long);
      if (refused !== undefined) expect(deployments).toHaveLength(2);
      else expect(startedAt).toBeLessThan(noon);
      came.push(refused === undefined ? "raised" : "late");
    }),
    { numRuns: 50 },
  );
  expect(new Set(came)).toEqual(new Set(["raised", "late"]));
});

it("an observation without a time that can be read is stale", () => {
  const observations = [{ gate: "quick", at: "soon" }] as unknown as Evidence["observations"];
  expect(staleGates(gates, { observations } as Evidence, now).map(({ id }) => id)).toEqual(["quick"]);
});
