import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { carry } from "../../../src/abort/carry";
import { lowerFlags } from "../../../src/abort/lower";
import { brokenRequirements, changes, type Flags } from "../../../src/flags/flags";
import { type Note, writeNote } from "../../../src/flags/ledger";
import { flip } from "../../../src/promotion/flip";
import { readAlarms } from "../../../src/promotion/readiness";
import type { Promotion } from "../../../src/promotion/request";
import { measureNow, requireGo } from "../../../src/promotion/requireGo";
import { settle } from "../../../src/promotion/settle";
import { plan } from "../../../src/rollout/plan";
import { floorOf, type Stage } from "../../../src/rollout/rollout";
import type { AppConfigInMemory, AppConfigOptions, Fault } from "../../support/appConfig";
import { note, OFF, opsFlags, READING, stageA, stageB, unweakened, WRITING } from "../../support/build";
import { LIMITS, opened, readerOf, situation, storeOf, versionOf } from "../../support/promote";

/**
 * The real promotion and the real abort against AppConfig's real rules, in every order. Only what is not about the
 * order is left out: gates pass, alarms are quiet, and nobody is told.
 */

const clients = vi.hoisted(() => ({ make: undefined as undefined | (() => unknown) }));
vi.mock("@aws-sdk/client-appconfig", async (original) => ({
  ...(await original<object>()),
  AppConfigClient: function AppConfigClient() {
    return clients.make?.();
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
  clients.make = undefined;
});

/** Baseline and stage A were promoted; stage B's turn is next. */
function world(options: Partial<AppConfigOptions> = {}): AppConfigInMemory {
  const store = opened(options);
  store.deploy(READING, writeNote(note({ stage: "stageA" })));
  store.settle();
  clients.make = () => store.client();
  return store;
}

type Came = "promoted" | "aborted" | "refused" | "failed" | "unchanged";

/** `pulumi up` of a stage, from the ledger to the settlement. */
async function up(store: AppConfigInMemory, stage: Stage): Promise<Came> {
  const of = situation(stage);
  try {
    const read = readerOf(of);
    const planned = plan(of.rollout, stage, await read(), {
      kind: "recorded",
      attempt: 1,
      outcome: "settled",
    });
    if (planned.kind === "none") return "unchanged";
    if (planned.kind === "refused" || planned.kind === "lower") return "refused";
    const promotion = { plan: planned, subject: {}, gates: [], timeScale: 1 } as unknown as Promotion;
    const version = await versionOf(store, stage.flags);
    await flip(
      { situation: of, promotion, strength: unweakened, before: { kind: "unasked" }, read },
      version,
    );
    return (await settle(of, read, () => {})).outcome === "settled" ? "promoted" : "aborted";
  } catch {
    return "failed";
  }
}

/** An abort of a stage, by hand or by an alarm. True where it says that the flags are down and the stop is recorded. */
async function abort(store: AppConfigInMemory, stage: Stage, row?: string): Promise<boolean> {
  const id = row ? `${row} at noon` : crypto.randomUUID();
  const asked = {
    specs: opsFlags,
    floor: floorOf(situation(stage).rollout, stage),
    note: { rollout: "ops-view", stage: stage.name, attempt: stage.attempt, row, id, reason: "no" },
  };
  return lowerFlags(storeOf(store), asked, LIMITS).then(
    ({ recorded }) => recorded !== undefined,
    () => false,
  );
}

const above = (now: Flags, floor: Flags) =>
  changes(opsFlags, floor, now).some(({ direction }) => direction === "raise");

/** What holds in every world, whatever happened. */
async function lawsHold(store: AppConfigInMemory): Promise<void> {
  store.settle();
  for (const shown of store.shown) expect(brokenRequirements(opsFlags, shown)).toEqual([]);
  // Nothing is above the floor of a stop that came after the newest promotion of its stage.
  const notes = store.notes();
  for (const [stage, floor] of [
    ["stageA", OFF],
    ["stageB", READING],
  ] as const) {
    const newest = (kinds: readonly Note["kind"][]) =>
      notes.findLastIndex((one) => one?.stage === stage && kinds.includes(one.kind));
    const stop = newest(["abort", "stop"]);
    // Whoever has the right may deploy past all of this: it is found, and not prevented.
    const stranger = notes.lastIndexOf(undefined);
    if (stop > newest(["promote"]) && stop > stranger) expect(above(store.live, floor), stage).toBe(false);
  }
  // No attempt is promoted twice, and none after it was stopped.
  const seen = new Set<string>();
  notes.forEach((one, index) => {
    if (!one || one.stage === "baseline") return;
    const name = `${one.stage}/${one.attempt}`;
    if (one.kind === "promote" && store.deployments[index]?.state === "COMPLETE") {
      expect(seen.has(name), `${name} promoted again`).toBe(false);
      seen.add(name);
    }
    if (one.kind === "abort" || one.kind === "stop") seen.add(name);
  });
}

/** Runs `main`; when it makes its `at`th call, `other` runs from first to last before that call goes on. */
async function interleaved(
  at: number,
  main: (store: AppConfigInMemory) => Promise<unknown>,
  other: (store: AppConfigInMemory) => Promise<unknown>,
  options: Partial<AppConfigOptions> = {},
): Promise<{ store: AppConfigInMemory; calls: number; main: unknown; other: unknown }> {
  let calls = 0;
  let inside = false;
  let came: unknown;
  const store = world({
    ...options,
    before: async () => {
      if (inside || !started || ++calls !== at) return;
      inside = true;
      came = await other(store);
      inside = false;
    },
  });
  let started = false;
  started = true;
  const result = await main(store);
  if (came === undefined) came = await other(store);
  return { store, calls, main: result, other: came };
}

describe("one promotion and one abort, at every await of either", () => {
  it.each([
    ["of the stage that goes up, by hand", stageB, undefined],
    ["of the stage that goes up, by its alarm", stageB, "XB1"],
    ["of the stage before it, by its alarm", stageA, "XA1"],
  ])("%s: nothing stays above its floor", async (_, of, row) => {
    const promote = (store: AppConfigInMemory) => up(store, stageB);
    const bringDown = (store: AppConfigInMemory) => abort(store, of, row);
    const outcomes = new Set<unknown>();
    for (const takes of [0, 2]) {
      for (let at = 1, calls = 1; at <= calls; at++) {
        const one = await interleaved(at, promote, bringDown, { takes });
        calls = one.calls;
        outcomes.add(one.main);
        await lawsHold(one.store);
        expect(one.other).toBe(true);
        expect(above(one.store.live, of === stageA ? OFF : READING)).toBe(false);
        // A second run mends nothing that is not broken: the attempt stays down.
        expect(await up(one.store, stageB)).not.toBe("promoted");
        await lawsHold(one.store);
      }
      for (let at = 1, calls = 1; at <= calls; at++) {
        const one = await interleaved(at, bringDown, promote, { takes });
        calls = one.calls;
        await lawsHold(one.store);
        expect(above(one.store.live, of === stageA ? OFF : READING)).toBe(false);
      }
    }
    expect([...outcomes]).toEqual(expect.arrayContaining(["aborted", "failed"]));
  });

  it("two runs of one attempt at once: it is promoted once", async () => {
    for (let at = 1, calls = 1; at <= calls; at++) {
      const promote = (store: AppConfigInMemory) => up(store, stageB);
      const { store, calls: made, ...came } = await interleaved(at, promote, promote);
      calls = made;
      await lawsHold(store);
      expect([came.main, came.other]).toContain("promoted");
      expect(store.live).toEqual(WRITING);
    }
  });

  it("a hold: once it is recorded, nothing goes up", async () => {
    const hold = (store: AppConfigInMemory) =>
      carry(storeOf(store), { ...note({ stage: "all", attempt: 1 }), kind: "hold", id: "h" }, 500);
    for (let at = 1, calls = 1; at <= calls; at++) {
      const { store, calls: made, main, other } = await interleaved(at, (one) => up(one, stageB), hold);
      calls = made;
      expect(other).toMatchObject({ kind: "recorded" });
      await lawsHold(store);
      const held = store.notes().findIndex((one) => one?.kind === "hold");
      const flipped = store.notes().findIndex((one) => one?.stage === "stageB" && one.kind === "promote");
      expect(flipped === -1 || flipped < held).toBe(true);
      expect(main === "promoted").toBe(flipped !== -1);
    }
  });
});

const act = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("up" as const),
      stage: fc.constantFrom("stageA", "stageB"),
      attempt: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("abort" as const),
      stage: fc.constantFrom("stageA", "stageB"),
      row: fc.constantFrom(undefined, "X1"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("hold" as const, "release" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("drill" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("stranger" as const), flags: fc.constantFrom(OFF, READING) }),
  },
);

it("random schedules of promotions, aborts, holds, drills and strangers, with lost answers", {
  timeout: 600_000,
}, async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(act, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
      fc.nat(2),
      fc.array(fc.constantFrom<Fault>("throttled", "lost", undefined, undefined, undefined, undefined), {
        maxLength: 40,
      }),
      fc.array(fc.nat(3), { maxLength: 200 }),
      async (rounds, takes, faults, order) => {
        let call = 0;
        let turn = 0;
        const store: AppConfigInMemory = world({
          takes,
          fault: () => (started ? faults[call++] : undefined),
          // Who comes next is drawn: some wait longer than others.
          before: async () => {
            for (let left = order[turn++ % Math.max(1, order.length)] ?? 0; left > 0; left--)
              await new Promise((resolve) => setImmediate(resolve));
          },
        });
        let started = false;
        started = true;
        for (const round of rounds) {
          await Promise.all(
            round.map(async (one) => {
              const stageOf = (name: string, attempt = 1) => ({
                ...(name === "stageA" ? stageA : stageB),
                attempt,
              });
              const carried = (kind: "hold" | "release" | "drill") =>
                carry(
                  storeOf(store),
                  { ...note({ stage: "all", attempt: 1 }), kind, id: crypto.randomUUID() },
                  50,
                );
              if (one.do === "up") {
                const came = await up(store, stageOf(one.stage, one.attempt));
                seen.set(came, (seen.get(came) ?? 0) + 1);
              } else if (one.do === "abort") await abort(store, stageOf(one.stage), one.row);
              else if (one.do === "stranger") {
                try {
                  store.deploy(one.flags);
                } catch {
                  // AppConfig refuses theirs as it refuses ours.
                }
              } else await carried(one.do).catch(() => {});
            }),
          );
          store.settle();
        }
        started = false;
        await lawsHold(store);
      },
    ),
    { numRuns: Number(process.env.CUTOVER_SCHEDULES ?? 2_000) },
  );
  for (const came of ["promoted", "refused", "failed", "unchanged"])
    expect(seen.get(came) ?? 0, came).toBeGreaterThan(5);
});
