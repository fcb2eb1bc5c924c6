import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lowerFlags } from "../../../src/abort/lower";
import type { AbortRequest } from "../../../src/abort/request";
import { documentSchema, flagDocument } from "../../../src/flags/document";
import type { FlagSpecs, Flags } from "../../../src/flags/flags";
import { specsOfSchema } from "../../../src/flags/specs";
import { MemoryStore } from "./memory";

/** Once v1 is removed, nothing that fires leads anybody back to it. */

const specs: FlagSpecs = {
  PERCENT: { kind: "percentage", off: 0, requires: [], writes: false },
  DEPRECATED: { kind: "boolean", off: false, requires: [{ flag: "PERCENT", atLeast: 100 }], writes: false },
  REMOVED: { kind: "boolean", off: false, requires: ["DEPRECATED"], writes: false, oneWay: true },
  BANNER: { kind: "boolean", off: false, requires: [], writes: false },
};
const OFF: Flags = { PERCENT: 0, DEPRECATED: false, REMOVED: false, BANNER: false };
const ALL: Flags = { PERCENT: 100, DEPRECATED: true, REMOVED: false, BANNER: false };
const GONE: Flags = { ...ALL, REMOVED: true };
const KEPT = /^REMOVED is on and one-way/;

const request = (changes: Partial<AbortRequest> = {}): AbortRequest => ({
  specs,
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
const kinds = (store: MemoryStore) => store.deployments.map(({ note }) => note?.kind);

describe("an abort with v1 gone", () => {
  test.each<[string, string | undefined, Partial<AbortRequest>]>([
    ["by its own list of flags", undefined, {}],
    ["by the store's", documentSchema(specs), {}],
    [
      "by the store's alone, as break-glass without stack files",
      documentSchema(specs),
      { specs: specsOfSchema(documentSchema(specs)) ?? {} },
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
    expect(store.live).toBe(flagDocument(GONE));
    expect(outcome.kept).toMatch(KEPT);
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

  test("lowers all the same where a written reason asks for it", async () => {
    const store = stores(undefined, OFF, GONE);
    const outcome = await lowerFlags(store, request({ kind: "lower", floor: ALL }), limits);
    expect(store.live).toBe(flagDocument(ALL));
    expect(outcome.kept).toBeUndefined();
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

test("no sequence of aborts and promotions leads anybody off a one-way flag that everybody had", async () => {
  const step = fc.oneof(
    fc.constantFrom(OFF, ALL, GONE, { ...GONE, BANNER: true }).map((flags) => ({ flags })),
    fc.constantFrom(OFF, ALL).map((floor) => ({ floor })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const store = stores(undefined, OFF);
      for (const [index, one] of steps.entries()) {
        const before = store.live;
        if ("flags" in one) store.promote(one.flags);
        else {
          const { note } = request();
          await lowerFlags(store, request({ floor: one.floor, note: { ...note, id: `${index}` } }), limits);
          if (before?.includes('"REMOVED":true'))
            expect(JSON.parse(store.live ?? "{}")).toMatchObject({ PERCENT: 100, REMOVED: true });
        }
      }
    }),
  );
});
