import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lowerFlags } from "../../../src/abort/lower";
import type { AbortRequest } from "../../../src/abort/request";
import { documentSchema, flagDocument } from "../../../src/flags/document";
import type { Door, Marks } from "../../../src/flags/doors";
import type { FlagSpecs, Flags } from "../../../src/flags/flags";
import { specsOfSchema } from "../../../src/flags/specs";
import { MemoryStore } from "./memory";

/** Behind a stage that there is no way back from, nothing that fires goes below its floor. */

const specs: FlagSpecs = {
  PERCENT: { kind: "percentage", off: 0, requires: [], writes: false },
  DEPRECATED: { kind: "boolean", off: false, requires: [{ flag: "PERCENT", atLeast: 100 }], writes: false },
  REMOVED: { kind: "boolean", off: false, requires: ["DEPRECATED"], writes: false },
  BANNER: { kind: "boolean", off: false, requires: [], writes: false },
};
const OFF: Flags = { PERCENT: 0, DEPRECATED: false, REMOVED: false, BANNER: false };
const ALL: Flags = { PERCENT: 100, DEPRECATED: true, REMOVED: false, BANNER: false };
const GONE: Flags = { ...ALL, REMOVED: true };
const KEPT = /^there is no way back from remove-v1 \(v1 is gone from the code\): .*PERCENT 100 %.* stay$/;
const DOOR: Door = { stage: "remove-v1", because: "v1 is gone from the code", floor: GONE, flags: GONE };
/** The same with a floor at which its own flags are off again. */
const LOW: Door = { ...DOOR, floor: { ...OFF, PERCENT: 100 } };

const request = (changes: Partial<AbortRequest> = {}): AbortRequest => ({
  specs,
  doors: [DOOR],
  floor: OFF,
  note: { rollout: "v2", stage: "percent10", attempt: 1, row: "T2", reason: "stuck", id: "one" },
  ...changes,
});
const limits = { total: 5_000, patience: 50, pause: 1 };
const stores = (schema: string | undefined, ...live: Flags[]) => {
  const store = new MemoryStore({ schema });
  for (const flags of live) store.promote(flags);
  return store;
};
const MARKS: Marks = { "remove-v1": { floor: GONE, because: DOOR.because } };
const LOW_MARKS: Marks = { "remove-v1": { floor: LOW.floor, because: DOOR.because } };
const kinds = (store: MemoryStore) => store.deployments.map(({ note }) => note?.kind);

describe("an abort with v1 gone", () => {
  test.each<[string, string | undefined, Partial<AbortRequest>]>([
    ["by its own list of doors", undefined, {}],
    ["by the store's", documentSchema(specs, [DOOR]), { doors: undefined }],
    [
      "by the store's, where its own list has another floor for it",
      documentSchema(specs, [DOOR]),
      { doors: [LOW] },
    ],
    ["by its own, where the store's schema is older", documentSchema(specs), {}],
    [
      "by the store's alone, as break-glass without stack files",
      documentSchema(specs, [DOOR]),
      { doors: undefined, specs: specsOfSchema(documentSchema(specs)) ?? {} },
    ],
  ])("%s, lowers nothing, records its stop, and says why", async (_, schema, changes) => {
    const store = stores(schema, OFF, ALL, GONE);
    const outcome = await lowerFlags(store, request(changes), limits);
    expect(store.live).toBe(flagDocument(GONE));
    expect(outcome).toMatchObject({ deployment: undefined, recorded: 4, kept: expect.stringMatching(KEPT) });
    expect(kinds(store).at(-1)).toBe("stop");
  });

  test("lowers what has nothing to do with it", async () => {
    const store = stores(undefined, OFF, { ...GONE, BANNER: true });
    const outcome = await lowerFlags(store, request(), limits);
    expect(store.live).toBe(flagDocument(GONE, MARKS));
    expect(outcome.kept).toMatch(KEPT);
  });

  test("says why, also of a stage that only contracts, whose floor is above what is live already", async () => {
    const live: Flags = { ...OFF, PERCENT: 100, BANNER: true };
    const contracted: Flags = { ...live, BANNER: false };
    const door: Door = { ...DOOR, floor: contracted, flags: contracted, contracts: ["BANNER"] };
    const { note } = request();
    const asked = request({ doors: [door], floor: live, note: { ...note, stage: DOOR.stage } });
    const store = stores(undefined, OFF, live, contracted);
    const outcome = await lowerFlags(store, asked, limits);
    expect(store.live).toBe(flagDocument(contracted));
    expect(outcome).toMatchObject({
      deployment: undefined,
      kept: expect.stringContaining("PERCENT 100 % stays"),
    });
  });

  test("goes down to a floor at which the door's own flags are off, and no further the next time", async () => {
    const store = stores(undefined, OFF, { ...GONE, BANNER: true });
    for (const id of ["one", "two"]) {
      const { note } = request();
      const outcome = await lowerFlags(store, request({ doors: [LOW], note: { ...note, id } }), limits);
      expect(store.live).toBe(flagDocument({ ...OFF, PERCENT: 100 }, LOW_MARKS));
      expect(outcome.kept).toContain("PERCENT 100 % stays");
    }
  });

  test("ends at the floor, also where a flag that the door's stage contracted came up again since", async () => {
    const half: Flags = { ...OFF, PERCENT: 50 };
    const door: Door = { ...DOOR, floor: half, flags: half, contracts: ["BANNER"] };
    const before: Flags = { ...OFF, BANNER: true };
    const again: Flags = { ...OFF, PERCENT: 100, BANNER: true };
    const rows: [Partial<AbortRequest>, Flags][] = [
      [{ floor: before }, half],
      [{ floor: { ...half, BANNER: true } }, { ...half, BANNER: true }],
      [{ only: ["PERCENT"] }, { ...again, PERCENT: 50 }],
    ];
    for (const [asked, expected] of rows) {
      const store = stores(undefined, OFF, before);
      store.promote(half, {}, { "remove-v1": { floor: half, because: DOOR.because } });
      store.promote(again, {}, { "remove-v1": { floor: half, because: DOOR.because } });
      await lowerFlags(store, request({ doors: [door], ...asked }), limits);
      expect(JSON.parse(store.live ?? "{}")).toMatchObject(expected);
    }
  });

  test("raises nothing that was brought below the floor by hand", async () => {
    const store = stores(undefined, OFF, GONE);
    store.promote({ ...OFF, PERCENT: 40, BANNER: true }, {}, MARKS);
    await lowerFlags(store, request(), limits);
    expect(store.live).toBe(flagDocument({ ...OFF, PERCENT: 40 }, MARKS));
  });

  test("freezes all of it where its row says so, and says that it did", async () => {
    const live = { ...GONE, BANNER: true };
    const store = stores(undefined, OFF, live);
    const outcome = await lowerFlags(store, request({ freeze: true }), limits);
    expect(store.live).toBe(flagDocument(live));
    expect(outcome).toMatchObject({ frozen: true, deployment: undefined, recorded: 3 });
  });

  test("freezes nothing where v1 is still there", async () => {
    const store = stores(undefined, OFF, ALL);
    const outcome = await lowerFlags(store, request({ freeze: true }), limits);
    expect(store.live).toBe(flagDocument(OFF));
    expect(outcome.frozen).toBeUndefined();
  });

  test("lowers all where v1 is not gone yet, also while it is about to go", async () => {
    const before = stores(undefined, OFF, ALL);
    expect((await lowerFlags(before, request(), limits)).kept).toBeUndefined();
    expect(before.live).toBe(flagDocument(OFF));
    const going = stores(undefined, OFF, ALL);
    going.promote(GONE, { takes: 1_000, brief: false });
    await lowerFlags(going, request(), limits);
    expect(going.live).toBe(flagDocument(OFF));
  });

  test("a lowering with a written reason goes no further either", async () => {
    const store = stores(undefined, OFF, GONE);
    await lowerFlags(store, request({ kind: "lower", floor: ALL }), limits);
    expect(store.live).toBe(flagDocument(GONE));
  });

  test("falls back upon no version, and no document, with v1 in it", async () => {
    const up = flagDocument({ ...GONE, BANNER: true });
    // AppConfig takes nothing but what was live, and what would bring v1 back.
    const store = new MemoryStore({ accepts: (text) => text === up || text === flagDocument(OFF) });
    for (const flags of [OFF, { ...GONE, BANNER: true }]) store.promote(flags);
    await expect(lowerFlags(store, request(), limits)).rejects.toThrow("AppConfig does not take the flags");
    expect(store.live).toBe(up);
  });
});

test("no sequence of aborts and promotions leads anybody below a floor that everybody was behind", async () => {
  const step = fc.oneof(
    fc.constantFrom(OFF, ALL, GONE, { ...GONE, BANNER: true }).map((flags) => ({ flags })),
    fc.constantFrom(OFF, ALL).map((floor) => ({ floor })),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 8 }),
      fc.constantFrom(DOOR, LOW),
      async (steps, door) => {
        const store = stores(undefined, OFF);
        let behind = false;
        for (const [index, one] of steps.entries()) {
          if ("flags" in one) {
            // A promotion carries on what it is behind, and lowers nothing.
            if (behind && !one.flags.REMOVED) continue;
            behind ||= one.flags.REMOVED === true;
            store.promote(
              one.flags,
              {},
              behind ? { [door.stage]: { floor: door.floor, because: door.because } } : {},
            );
            continue;
          }
          const { note } = request();
          const asked = request({ doors: [door], floor: one.floor, note: { ...note, id: `${index}` } });
          await lowerFlags(store, asked, limits);
          if (behind) expect(JSON.parse(store.live ?? "{}")).toMatchObject({ PERCENT: 100 });
          if (behind && door === DOOR)
            expect(JSON.parse(store.live ?? "{}")).toMatchObject({ REMOVED: true });
          if (!behind && one.floor === OFF)
            expect(JSON.parse(store.live ?? "{}")).toMatchObject({ PERCENT: 0 });
        }
      },
    ),
  );
});
