import { describe, expect, test } from "vitest";
import { holdFrozen } from "../../../src/abort/freeze";
import { lowerFlags } from "../../../src/abort/lower";
import type { AbortRequest } from "../../../src/abort/request";
import { documentSchema } from "../../../src/flags/document";
import type { Door, Marks } from "../../../src/flags/doors";
import type { FlagSpecs, Flags } from "../../../src/flags/flags";
import type { Note } from "../../../src/flags/ledger";
import type { UnderWay } from "../../../src/flags/store";
import { type MemoryOptions, MemoryStore } from "./memory";

/** What may go wrong around a door: who does not know of it, what comes between, and what forgets it. */

const specs: FlagSpecs = {
  PERCENT: { kind: "percentage", off: 0, requires: [], writes: false },
  DEPRECATED: { kind: "boolean", off: false, requires: [{ flag: "PERCENT", atLeast: 100 }], writes: false },
  REMOVED: { kind: "boolean", off: false, requires: ["DEPRECATED"], writes: false },
  BANNER: { kind: "boolean", off: false, requires: [], writes: false },
};
const OFF: Flags = { PERCENT: 0, DEPRECATED: false, REMOVED: false, BANNER: false };
const P100: Flags = { ...OFF, PERCENT: 100 };
const ALL: Flags = { ...P100, DEPRECATED: true };
const GONE: Flags = { ...ALL, REMOVED: true };
const BECAUSE = "v1 is gone from the code";
const DOOR: Door = { stage: "remove-v1", because: BECAUSE, floor: GONE, flags: GONE };
const LOW: Door = { ...DOOR, floor: P100 };
const marked = ({ stage, floor }: Door): Marks => ({ [stage]: { floor, because: BECAUSE } });
const ofDoor: Note = { cutover: 1, rollout: "v2", kind: "promote", stage: "remove-v1", attempt: 1 };
const SLOW = { takes: 1e9, brief: false } as const;
const limits = { total: 3_000, patience: 50, pause: 1 };

const request = (changes: Partial<AbortRequest> = {}): AbortRequest => ({
  specs,
  doors: [DOOR],
  floor: OFF,
  note: { rollout: "v2", stage: "percent10", attempt: 1, row: "T2", reason: "stuck", id: "one" },
  ...changes,
});
const live = (store: MemoryStore): Flags => JSON.parse(store.live ?? "{}");

/** Live behind the door, by a promotion of ours. */
function behind(door = DOOR, options: MemoryOptions = {}, Store = MemoryStore, how: { lost?: boolean } = {}) {
  const store = new Store(options);
  for (const flags of [OFF, ALL]) store.promote(flags);
  store.promote(GONE, { note: ofDoor, ...how }, marked(door));
  return store;
}

describe("who does not know of the door, goes by what is served", () => {
  class Late extends MemoryStore {
    override async schema() {
      await new Promise((resolve) => setTimeout(resolve, 2_200));
      return documentSchema(specs, [DOOR]);
    }
  }
  test.each<[string, MemoryStore]>([
    ["the store's schema cannot be read", behind(DOOR, { schemaFails: "throttled" })],
    ["it comes too late", behind(DOOR, {}, Late)],
    ["an older checkout has taken the door out of it", behind(DOOR, { schema: documentSchema(specs) })],
  ])("where %s", async (_, store) => {
    const outcome = await lowerFlags(store, request({ doors: undefined }), limits);
    expect(live(store)).toMatchObject(GONE);
    expect(outcome.kept).toContain(BECAUSE);
  });
});

test("a version that stands in for want of another is no way past the door", async () => {
  const store = new MemoryStore({ quota: 3 });
  for (const flags of [OFF, P100]) store.promote(flags);
  store.promote(GONE, { note: ofDoor }, marked(LOW));
  for (const id of ["one", "two", "three"]) {
    const { note } = request();
    await lowerFlags(store, request({ doors: undefined, note: { ...note, id } }), limits);
    expect(live(store)).toMatchObject({ PERCENT: 100, REMOVED: false });
  }
});

describe("what somebody else deploys after the door, does not undo it", () => {
  test.each<[string, (store: MemoryStore) => void, Flags]>([
    ["lower flags under way", (store) => void store.promote(ALL, SLOW), GONE],
    ["what nobody can read, under way", (store) => void store.promote("garbage", SLOW), GONE],
    ["lower flags, completed", (store) => void store.promote(ALL), ALL],
    ["what nobody can read, completed", (store) => void store.promote("garbage"), GONE],
    [
      "a flag of another type",
      (store) => void store.promote(JSON.stringify({ ...GONE, BANNER: "yes" })),
      GONE,
    ],
  ])("%s", async (_, deploy, expected) => {
    const store = behind();
    deploy(store);
    await lowerFlags(store, request(), limits);
    store.settle();
    expect(live(store)).toMatchObject(expected);
  });

  test("nor does a version that AppConfig has lost", async () => {
    const store = behind(DOOR, {}, MemoryStore, { lost: true });
    await lowerFlags(store, request(), limits);
    expect(live(store)).toMatchObject(GONE);
  });
});

describe("between a look and an act", () => {
  test.each([1, 2, 3, 4, 5, 6, 8, 10, 12, 14])(
    "the door's deployment completes within %i calls: then there is no way back",
    async (takes) => {
      const store = new MemoryStore();
      for (const flags of [OFF, ALL]) store.promote(flags);
      store.promote(GONE, { takes, brief: true, note: ofDoor }, marked(DOOR));
      await lowerFlags(store, request(), limits);
      store.settle();
      expect(live(store)).toMatchObject(store.deployments[2]?.state === "complete" ? GONE : OFF);
    },
  );

  test("it completes while the ledger is asked", async () => {
    class Asking extends MemoryStore {
      override async entry(number: number) {
        const door = this.deployments[2];
        if (door?.state === "deploying") door.state = "complete";
        return super.entry(number);
      }
    }
    const store = new Asking();
    for (const flags of [OFF, ALL]) store.promote(flags);
    store.promote(GONE, { takes: 1e9, brief: true, note: ofDoor }, marked(DOOR));
    await lowerFlags(store, request({ since: "2026-01-01T00:00:00Z" }), limits);
    expect(live(store)).toMatchObject(GONE);
  });

  /** AppConfig takes a while to roll back. */
  class Slow extends MemoryStore {
    override async stop(one: UnderWay) {
      await super.stop(one);
      const found = this.deployments[one.deployment - 1];
      if (found?.state !== "rolling-back") return;
      found.left = 1e9;
      setTimeout(() => {
        found.state = "rolled-back";
      }, 100);
    }
  }
  const baking = (Store: typeof MemoryStore, door: Door, flags: Flags) => {
    const store = new Store();
    for (const one of [OFF, ALL]) store.promote(one);
    store.promote(flags, { ...SLOW, baking: true, note: ofDoor }, marked(door));
    return store;
  };

  test.each([
    ["at once", MemoryStore],
    ["slowly", Slow],
  ])("one that bakes has reached everybody: taken back %s, nobody goes below its floor", async (_, Store) => {
    for (const [door, flags] of [[DOOR, { ...GONE, BANNER: true }] as const, [LOW, GONE] as const]) {
      const store = baking(Store, door, flags);
      await lowerFlags(store, request({ doors: [door] }), limits);
      store.settle();
      expect(live(store)).toMatchObject({ PERCENT: 100, BANNER: false });
    }
  });

  test("one that bakes is taken back by somebody: nothing is raised over what is live then", async () => {
    class Taken extends MemoryStore {
      override async stop(one: UnderWay) {
        this.takeBack();
        await super.stop(one);
      }
    }
    const store = baking(Taken, DOOR, { ...GONE, BANNER: true });
    await lowerFlags(store, request(), limits);
    expect(live(store)).toMatchObject(ALL);
  });

  test("a row that freezes ends a lowering by nothing that is higher", async () => {
    const store = new Slow({ takes: 4 });
    store.promote(OFF);
    store.promote({ ...GONE, BANNER: true }, { note: ofDoor }, marked(DOOR));
    store.promote(GONE, SLOW, marked(DOOR));
    await lowerFlags(store, request({ freeze: true }), limits);
    store.settle();
    expect(live(store)).toMatchObject(GONE);
  });
});

describe("a contract that there is no way back from, while it reaches one server after the other", () => {
  const contract = { ...DOOR, stage: "new-only", floor: P100, flags: P100, contracts: ["BANNER"] };
  const BOTH: Flags = { ...P100, BANNER: true };
  /** Half of the reads come from the new store, and both are written: with BANNER alone down, nobody could say where to. */
  const HALF: Flags = { ...BOTH, PERCENT: 50 };
  const coming = (coming: Flags, options: MemoryOptions = {}) => {
    const store = new MemoryStore(options);
    for (const flags of [OFF, HALF, BOTH]) store.promote(flags);
    store.promote(coming, { ...SLOW, note: { ...ofDoor, stage: "new-only" } }, marked(contract));
    return store;
  };

  test.each<[string, Partial<AbortRequest>]>([
    ["one phase down", { floor: HALF }],
    ["all the way", {}],
    ["a floor that lowers nothing", { floor: BOTH }],
    ["other flags alone", { floor: OFF, only: ["REMOVED"] }],
  ])("is brought to its end by an abort that asks for %s, and says why", async (_, changes) => {
    const store = coming(P100);
    const outcome = await lowerFlags(store, request({ doors: [contract], ...changes }), limits);
    expect(live(store)).toMatchObject(P100);
    expect(outcome).toMatchObject({ stopped: [4], after: P100 });
    expect(store.deployments.at(-1)?.note?.kind).toBe("abort");
  });

  test("so it is by any number of aborts at once, without stack files", async () => {
    const store = coming(P100, { schema: documentSchema(specs, [contract]) });
    const ids = ["one", "two", "three", "four"];
    const { note } = request();
    const asked = (id: string) => request({ doors: undefined, floor: HALF, note: { ...note, id } });
    await Promise.all(ids.map((id) => lowerFlags(store, asked(id), limits)));
    store.settle();
    expect(live(store)).toMatchObject(P100);
  });

  test("is ended where it raises as well, as no server is led to what it was not given", async () => {
    const more = { ...P100, DEPRECATED: true };
    const raising = { ...contract, floor: more, flags: more };
    const store = coming(more);
    await lowerFlags(store, request({ doors: [raising], floor: BOTH }), limits);
    expect(live(store)).toMatchObject(P100);
    await lowerFlags(store, request({ doors: [raising], note: { ...request().note, id: "two" } }), limits);
    expect(live(store)).toMatchObject(OFF);
  });
});

describe("a row that freezes", () => {
  test("leaves of an unsound document what is sound", async () => {
    const store = new MemoryStore({
      accepts: (text) => {
        const { REMOVED, DEPRECATED } = JSON.parse(text) as { REMOVED: boolean; DEPRECATED: boolean };
        return !REMOVED || DEPRECATED;
      },
    });
    store.promote(OFF);
    store.promote({ ...GONE, DEPRECATED: false, BANNER: true }, { note: ofDoor }, marked(DOOR));
    const outcome = await lowerFlags(store, request({ freeze: true }), limits);
    expect(live(store)).toMatchObject({ PERCENT: 100, REMOVED: false, BANNER: true });
    expect(outcome.frozen).toBe(true);
  });

  test("holds once: delivered again after its release, it holds nothing anew", async () => {
    const store = behind();
    const asked = request({ freeze: true });
    await lowerFlags(store, asked, limits);
    const held = await holdFrozen(store, asked.note);
    const release: Note = { cutover: 1, rollout: "v2", kind: "release", stage: "all", attempt: 1 };
    await store.redeploy("2", release, store.deployments.length);
    await lowerFlags(store, asked, limits);
    expect(await holdFrozen(store, asked.note)).toEqual(held);
    expect(store.deployments.at(-1)?.note?.kind).toBe("release");
  });
});
