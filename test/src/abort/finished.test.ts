import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { carry } from "../../../src/abort/carry";
import { lowerFlags } from "../../../src/abort/lower";
import { handleEvent } from "../../../src/abort/switch";
import type { AbortRow } from "../../../src/abort/switchConfig";
import { flagDocument } from "../../../src/flags/document";
import type { Note } from "../../../src/flags/ledger";
import { saysFinished } from "../../../src/rollout/finished";
import { MemoryStore } from "./memory";
import { BOTH, config, eventOf, message, OFF, READ, World } from "./switchWorld";

const AT = "2026-11-21T10:00:00.000Z";
const before = "2026-11-21T09:59:59.000Z";
const after = "2026-11-21T10:00:01.000Z";
const finish = (changes: Partial<Note> = {}): Note => ({
  cutover: 1,
  rollout: "ops-view",
  kind: "finish",
  stage: "all",
  attempt: 1,
  reason: "all of it holds",
  by: "ada",
  id: "f",
  ...changes,
});

/** A world whose rollout was finished at a time. */
async function finished(at: string, changes: Partial<Note> = {}): Promise<World> {
  const world = new World(OFF, READ, BOTH);
  world.store.startedAt = at;
  expect(await carry(world.store, finish(changes), 0)).toMatchObject({ kind: "recorded" });
  return world;
}
const kinds = ({ deployments }: MemoryStore) => deployments.map(({ note }) => note?.kind);
const isFinished = ({ deployments }: MemoryStore) =>
  deployments
    .map(({ note, state }, index) =>
      saysFinished(
        { name: "ops-view" },
        { deployment: index + 1, note, rolledBack: state === "rolled-back" },
      ),
    )
    .findLast((says) => says !== undefined) === true;

describe("an alarm that rings after the finish", () => {
  test("lowers nothing and restarts nothing: on-call alone hears of it, with the command that would", async () => {
    const world = await finished(before);
    const opens = { ...config.alarms["ops-view-stageB-XB1"], incident: ["ops"] } as AbortRow;
    const alarms = { ...config.alarms, "ops-view-stageB-XB1": opens };
    await handleEvent(eventOf(message()), { ...config, alarms }, world);
    expect(world.store.live).toBe(flagDocument(BOTH));
    expect(kinds(world.store)).toEqual([undefined, undefined, undefined, "finish"]);
    expect(world.restarted).toEqual([]);
    expect(world.sent.map(({ topic, subject }) => `${topic}: ${subject}`)).toEqual([
      "on-call: ALARM, finished, flags stay: ops-view stageB XB1",
    ]);
    expect(world.sent[0]?.text).toMatch(/finished since 2026-11-21 09:59:59Z, by ada \(deployment 4\)/);
    expect(world.sent[0]?.text).toMatch(/abort --rollout ops-view -s stageB --reopen --reason "…"/);
  });

  test.each([
    ["after it, rolls nothing back", before, BOTH],
    ["before it, rolls back as ever", after, READ],
  ])("a decision that nobody made about an alarm that rang %s", async (_, at, flags) => {
    const world = await finished(at);
    const XB4 = {
      ...config.alarms["ops-view-stageB-XB4"],
      remind: { after: "1h", afterMs: 3_600_000, undecided: "rollback" },
    } as AbortRow;
    const alone = { ...config, alarms: { ...config.alarms, "ops-view-stageB-XB4": XB4 } };
    await handleEvent({ cutover: 1, remind: "XB4", at: AT }, alone, world);
    expect(world.store.live).toBe(flagDocument(flags));
    expect(world.to("ops")).toHaveLength(flags === READ ? 1 : 0);
    expect(isFinished(world.store)).toBe(flags === BOTH);
  });

  test.each<[string, () => Promise<World>]>([
    ["rang before it, and is only delivered now", () => finished(after)],
    [
      "finds a finish that somebody copied",
      async () => {
        const world = await finished(before);
        const copied = world.store.deployments.at(-1)?.note;
        world.store.promote(BOTH);
        Object.assign(world.store.deployments.at(-1) as object, { note: copied });
        Object.assign(world.store.deployments[3] as object, { note: undefined });
        return world;
      },
    ],
    [
      "cannot read the ledger",
      async () => {
        const world = await finished(before);
        world.store.entry = () => Promise.reject(new Error("AccessDenied"));
        return world;
      },
    ],
    [
      "finds it reopened",
      async () => {
        const world = await finished(before);
        await carry(world.store, finish({ kind: "stop", stage: "stageB", id: "s" }), 0);
        return world;
      },
    ],
  ])("lowers as ever where it %s", async (_, made) => {
    const world = await made();
    await handleEvent(eventOf(message()), config, world).catch(() => {});
    expect(world.store.live).toBe(flagDocument(READ));
    expect(isFinished(world.store)).toBe(false);
    expect(world.to("ops")).toHaveLength(1);
  });

  test("lowers within its patience where the ledger hangs", async () => {
    const world = await finished(before);
    world.store.entry = () => new Promise(() => {});
    const limits = { total: 45_000, patience: 0, pause: 1, ledger: 10 };
    const note = { rollout: "ops-view", stage: "all", attempt: 1 };
    const asked = { specs: config.specs, floor: READ, note, yields: {} };
    const outcome = await lowerFlags(world.store, asked, limits);
    expect([outcome.after, outcome.finished]).toEqual([READ, undefined]);
  });
});

describe("an abort by hand", () => {
  const note = { rollout: "ops-view", stage: "stageB", attempt: 1, reason: "writes are lost", id: "h" };
  const asked = { specs: config.specs, floor: READ, note };

  test("does nothing on a finished rollout, and says since when it is, by whom, and why", async () => {
    const { store } = await finished(before);
    const outcome = await lowerFlags(store, { ...asked, yields: {} });
    expect(outcome).toMatchObject({
      after: BOTH,
      deployment: undefined,
      recorded: undefined,
      finished: { deployment: 4, at: before, by: "ada", reason: "all of it holds" },
    });
    expect(kinds(store)).toHaveLength(4);
  });

  test.each(["promote", "abort"] as const)(
    "does nothing where somebody copied an entry that would end the finish: %s",
    async (kind) => {
      const { store } = await finished(before);
      store.promote(BOTH);
      const copied = { ...finish({ kind, stage: "stageB", id: "c" }), after: 2 };
      Object.assign(store.deployments.at(-1) as object, { note: copied });
      const outcome = await lowerFlags(store, { ...asked, yields: {} });
      expect(outcome.finished).toMatchObject({ deployment: 4 });
      expect(store.live).toBe(flagDocument(BOTH));
    },
  );

  test("that reopens it goes through", async () => {
    const { store } = await finished(before);
    const outcome = await lowerFlags(store, asked);
    expect([outcome.after, outcome.finished]).toEqual([READ, undefined]);
    expect(isFinished(store)).toBe(false);
  });
});

describe("a finish", () => {
  test("is bound to what was looked at: where anything came between, it is not written", async () => {
    const { store } = new World(OFF, READ, BOTH);
    await carry(store, finish({ kind: "acknowledge", stage: "stageB", id: "a" }), 0);
    expect(await carry(store, finish(), 1_000, 3)).toEqual({
      kind: "impossible",
      why: "deployment 4 came after what was looked at",
    });
    expect(kinds(store)).toHaveLength(4);
  });

  test("whose answer was lost is found", async () => {
    const { store } = await finished(before);
    expect(await carry(store, finish(), 0, 3)).toEqual({ kind: "recorded", deployment: 4 });
  });
});

const who = fc.record({
  act: fc.constantFrom(
    "finish" as const,
    "alarm" as const,
    "abort" as const,
    "reopen" as const,
    "promote" as const,
  ),
  /** How many turns it waits. */
  waits: fc.nat(12),
  /** How many turns before it acts an alarm rang. */
  late: fc.nat(12),
});

test("however finish, alarms, aborts and promotions meet: flags are up where it is finished, and down where it is not", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(who, { minLength: 1, maxLength: 5 }), fc.nat(3), async (acts, takes) => {
      const store = new MemoryStore({ takes });
      for (const flags of [OFF, READ, BOTH]) store.promote(flags);
      // Each thing that happens has a time of its own.
      let time = Date.parse(AT);
      const tick = () => {
        time += 1_000;
        return new Date(time).toISOString();
      };
      Object.defineProperty(store, "startedAt", { get: tick });
      let lowered = false;
      let promoted = false;
      const limits = { total: 45_000, patience: 15_000, pause: 1 };
      await Promise.all(
        acts.map(async ({ act, waits, late }, index) => {
          const { newest } = await store.read();
          const rangAt = tick();
          for (let turn = 0; turn < waits + late; turn++) await new Promise((done) => setImmediate(done));
          const note = { rollout: "ops-view", stage: "stageB", attempt: 1, id: `${index}` };
          const lower = (yields?: object) =>
            lowerFlags(
              store,
              { specs: config.specs, floor: READ, note, ...(yields ? { yields } : {}) },
              limits,
            );
          if (act === "finish") await carry(store, finish({ id: `${index}` }), 1_000, newest);
          // As a promotion is: never on a finished rollout, and bound to what was looked at.
          else if (act === "promote" && !isFinished(store)) {
            const again = finish({ kind: "promote", stage: "stageB", attempt: 2, id: `${index}` });
            promoted ||= (await store.redeploy("2", again, newest)).kind === "started";
          } else if (act !== "promote")
            lowered =
              !(await lower(act === "alarm" ? { rangAt } : act === "abort" ? {} : undefined)).finished ||
              lowered;
        }),
      );
      store.settle();
      const up = store.live === flagDocument(BOTH);
      if (isFinished(store)) expect(up).toBe(true);
      else if (lowered && !promoted) expect(up).toBe(false);
    }),
    { numRuns: 60 },
  );
});
