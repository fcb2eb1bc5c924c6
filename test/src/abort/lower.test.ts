import { describe, expect, test } from "vitest";
import { lowerFlags } from "../../../src/abort/lower";
import { AbortFailed, type AbortLimits } from "../../../src/abort/request";
import { documentSchema, flagDocument } from "../../../src/flags/document";
import type { FlagSpecs, Flags } from "../../../src/flags/flags";
import { MemoryStore } from "./memory";

const specs: FlagSpecs = {
  READ: { kind: "boolean", off: false, requires: [], writes: false },
  WRITE: { kind: "boolean", off: false, requires: ["READ"], writes: true },
};
const BOTH: Flags = { READ: true, WRITE: true };
const READ: Flags = { READ: true, WRITE: false };
const OFF: Flags = { READ: false, WRITE: false };
const limits: AbortLimits = { total: 2_000, patience: 50, pause: 1 };
/** Where patience must not run out, however slow the machine is: the outcome is then decided by what is seen. */
const PATIENT: AbortLimits = { total: 120_000, patience: 60_000, pause: 1 };

const request = (floor: Flags, row = "XB1") => ({
  specs,
  floor,
  note: { rollout: "ops-view", stage: "stageB", attempt: 2, row, reason: "errors" },
});
const abort = (store: MemoryStore, floor: Flags = READ, within = limits) =>
  lowerFlags(store, request(floor), within);

function live(...flags: Flags[]): MemoryStore {
  const store = new MemoryStore();
  for (const one of flags) store.promote(one);
  return store;
}

describe("the ordinary abort", () => {
  test("deploys the floor, says so in the ledger, and looks again", async () => {
    const store = live(OFF, READ, BOTH);
    expect(await abort(store)).toMatchObject({ before: BOTH, after: READ, deployment: 4, stopped: [] });
    expect(store.live).toBe(flagDocument(READ));
    expect(store.deployments.at(-1)?.note).toMatchObject({
      cutover: 1,
      kind: "abort",
      ...request(READ).note,
      // The ledger knows of none before it: config may be ahead.
      attempt: 1,
    });
    // `read` is two calls on AWS at first, and one when it looks again; the schema is asked for beside the first, and
    // which attempt is live before the flags come down.
    expect(store.calls.filter((call) => call !== "entry" && call !== "document")).toEqual([
      "read",
      "schema",
      "create",
      "start",
      "read",
    ]);
  });

  test("waits for no entry of the ledger while flags are up: they come down under config's attempt", async () => {
    const store = live(OFF, READ, BOTH);
    store.entry = () => new Promise(() => {});
    const note = { ...request(READ).note, id: "XB1 at noon" };
    const asked = { ...request(READ), note, since: "2026-11-21T12:00:00.000Z" };
    expect(await lowerFlags(store, asked, { ...limits, ledger: 20 })).toMatchObject({
      after: READ,
      deployment: 4,
    });
    expect(store.deployments.at(-1)?.note).toMatchObject({ kind: "abort", attempt: note.attempt });
  });

  test("twice, by one and the same act, is once", async () => {
    const store = live(OFF, READ, BOTH);
    const act = { ...request(READ), note: { ...request(READ).note, id: "XB1 at noon" } };
    await lowerFlags(store, act, limits);
    const again = await lowerFlags(store, act, limits);
    expect(again).toMatchObject({ before: READ, after: READ, deployment: 4, recorded: 4 });
    expect(store.deployments).toHaveLength(4);
  });

  test("by another act is a stop of its own: of the next attempt, since none is live any more", async () => {
    const store = live(OFF, READ, BOTH);
    await abort(store);
    const again = await abort(store);
    expect(again).toMatchObject({ after: READ, deployment: undefined, recorded: 5, attempt: 2 });
    expect(store.deployments.at(-1)?.note).toMatchObject({ kind: "stop", stage: "stageB", attempt: 2 });
  });

  test("of a stage that is not live changes no flag, and its stop is recorded all the same", async () => {
    for (const store of [live(OFF), live(OFF, READ)]) {
      const [before, shown] = [store.deployments.length, store.live];
      expect(await abort(store)).toMatchObject({ deployment: undefined, recorded: before + 1, attempt: 1 });
      expect(store.deployments).toHaveLength(before + 1);
      expect(store.deployments.at(-1)?.note).toMatchObject({ kind: "stop", attempt: 1 });
      expect(store.live).toBe(shown);
    }
  });

  test("before anything was deployed touches nothing, and says why", async () => {
    const store = live();
    expect(await abort(store)).toMatchObject({
      recorded: undefined,
      unrecorded: "nothing was ever deployed",
    });
    expect(store.deployments).toHaveLength(0);
  });

  test("names the attempt that is live, whatever config says, and stops the one after it where it is down", async () => {
    const store = live(OFF);
    const promoted = {
      cutover: 1,
      rollout: "ops-view",
      kind: "promote",
      stage: "stageB",
      attempt: 1,
    } as const;
    await store.deploy(flagDocument(BOTH), promoted, 1);
    expect(await abort(store)).toMatchObject({ after: READ, attempt: 1, deployment: 3 });
    expect(await abort(store)).toMatchObject({ deployment: undefined, attempt: 2, recorded: 4 });
  });

  test("that was asked for as a lowering stops nothing", async () => {
    const store = live(OFF, READ, BOTH);
    const asked = { ...request(READ), kind: "lower" as const };
    expect(await lowerFlags(store, asked, limits)).toMatchObject({ deployment: 4 });
    expect(store.deployments.at(-1)?.note).toMatchObject({ kind: "lower", attempt: 2 });
    await lowerFlags(store, asked, limits);
    expect(store.deployments).toHaveLength(4);
  });
});

describe("a deployment under way", () => {
  test("is ended, and the ledger says why", async () => {
    const store = live(OFF, READ);
    store.promote(BOTH, { takes: 1_000, brief: false });
    expect(await abort(store)).toMatchObject({ before: BOTH, after: READ, stopped: [3], deployment: 4 });
    expect(store.live).toBe(flagDocument(READ));
    expect(store.deployments.at(-1)?.note?.kind).toBe("abort");
  });

  test("is ended while it bakes, when every server has it", async () => {
    const store = live(OFF, READ);
    store.promote(BOTH, { baking: true });
    expect(await abort(store, OFF)).toMatchObject({ before: BOTH, after: OFF, stopped: [3] });
    expect(store.live).toBe(flagDocument(OFF));
  });

  test("is ended when it is the first of all", async () => {
    const store = new MemoryStore();
    store.promote(READ, { takes: 1_000, brief: false });
    expect(await abort(store, OFF)).toMatchObject({ after: OFF, stopped: [1] });
    expect(store.live).toBe(flagDocument(OFF));
  });

  test("that lowers, and is about to end, is waited for: no server sees the higher flags again", async () => {
    const store = live(OFF, READ, BOTH);
    store.promote(READ, { takes: 4 });
    expect(await abort(store, OFF, PATIENT)).toMatchObject({ after: OFF, stopped: [], deployment: 5 });
    expect(store.live).toBe(flagDocument(OFF));
  });

  test("that lowers to the floor is left to it, however long it takes", async () => {
    const store = live(OFF, READ, BOTH);
    store.promote(READ, { takes: 1_000_000 });
    expect(await abort(store)).toMatchObject({
      after: READ,
      deployment: undefined,
      stopped: [],
      why: "deployment 4, under way, brings them down",
    });
  });

  test("that lowers, but not enough, is ended when it takes too long", async () => {
    const store = live(OFF, READ, BOTH);
    store.promote(READ, { takes: 1_000_000 });
    expect(await abort(store, OFF)).toMatchObject({ after: OFF, stopped: [4], deployment: 5 });
  });

  test("that nobody can end makes the abort fail loudly", async () => {
    const store = live(OFF, READ);
    store.promote(BOTH, { takes: 1_000_000, brief: false });
    store.stop = async () => undefined;
    await expect(lowerFlags(store, request(READ), { ...limits, total: 50 })).rejects.toThrow(AbortFailed);
  });
});

describe("several at once", () => {
  test("end at or below every floor, in one entry each at most", async () => {
    const store = new MemoryStore({ takes: 3 });
    for (const one of [OFF, READ, BOTH]) store.promote(one);
    const floors = [READ, OFF, READ, OFF];
    const outcomes = await Promise.all(floors.map((floor) => abort(store, floor, PATIENT)));
    store.settle();
    expect(store.live).toBe(flagDocument(OFF));
    expect(outcomes.map(({ stopped }) => stopped)).toEqual([[], [], [], []]);
    expect(store.deployments.length).toBeLessThanOrEqual(7);
  });

  test("bring down a promotion that came between", async () => {
    const store = live(OFF, READ, BOTH);
    const start = store.redeploy.bind(store);
    let interfered = false;
    store.redeploy = async (...args) => {
      if (!interfered) interfered = store.promote(BOTH);
      return start(...args);
    };
    expect(await abort(store)).toMatchObject({ after: READ, deployment: 5 });
    expect(store.live).toBe(flagDocument(READ));
  });
});

describe("after its own deployment, the abort looks again", () => {
  const meddle = (then: (store: MemoryStore) => void) => {
    const store = live(OFF, READ, BOTH);
    const start = store.redeploy.bind(store);
    let meddled = false;
    store.redeploy = async (...args) => {
      const result = await start(...args);
      if (!meddled) then(store);
      meddled = true;
      return result;
    };
    return store;
  };

  test("and brings down a promotion that came right after it", async () => {
    const store = meddle((one) => one.promote(BOTH));
    expect(await abort(store)).toMatchObject({ before: BOTH, after: READ, deployment: 6 });
    expect(store.live).toBe(flagDocument(READ));
  });

  test("and deploys once more where somebody rolled it back", async () => {
    const store = meddle((one) => {
      (one.deployments.at(-1) as { state: string }).state = "rolled-back";
    });
    expect(await abort(store)).toMatchObject({ after: READ, deployment: 5 });
    expect(store.live).toBe(flagDocument(READ));
  });

  test("and leaves one alone that is at the floor", async () => {
    const store = meddle((one) => one.promote(OFF));
    expect(await abort(store)).toMatchObject({ after: OFF, deployment: 4 });
  });
});

describe("a store that is not as it should be", () => {
  test.each(["{", '{"READ":1}'])("has every flag off after an abort where it held %s", async (text) => {
    const store = live(OFF);
    store.promote(text);
    expect(await abort(store)).toMatchObject({ before: undefined, after: OFF });
    expect(store.live).toBe(flagDocument(OFF));
  });

  test("that holds documents to more flags than we know keeps their values", async () => {
    const newer: FlagSpecs = { ...specs, NEW: { kind: "percentage", off: 0, requires: [], writes: false } };
    const store = strict(newer);
    store.promote({ ...BOTH, NEW: 40 });
    expect(await abort(store)).toMatchObject({ after: { ...READ, NEW: 40 } });
    expect(store.live).toBe(flagDocument({ ...READ, NEW: 40 }));
  });

  test("turns a flag off that we do not know where it requires one that goes off", async () => {
    const newer: FlagSpecs = {
      ...specs,
      NEW: { kind: "boolean", off: false, requires: ["WRITE"], writes: false },
    };
    const store = strict(newer);
    store.promote({ ...BOTH, NEW: true });
    expect(await abort(store)).toMatchObject({ after: { ...READ, NEW: false } });
  });

  test("that does not know one of our flags yet is given the others", async () => {
    const { READ: only } = specs as { READ: FlagSpecs[string] };
    const store = strict({ READ: only });
    store.promote({ READ: true });
    expect(await abort(store, OFF)).toMatchObject({ after: { READ: false } });
  });

  test("that takes no more versions is given one that is as low", async () => {
    const store = new MemoryStore({ quota: 3 });
    for (const one of [OFF, READ, BOTH]) store.promote(one);
    expect(await abort(store)).toMatchObject({ after: READ });
    expect(store.live).toBe(flagDocument(READ));
  });

  test("that takes none, and has none that is as low, makes the abort fail loudly", async () => {
    const store = new MemoryStore({ quota: 1 });
    store.promote(BOTH);
    await expect(abort(store)).rejects.toThrow(/has no version that is as low/);
  });
});

/** A store that refuses documents with other flags than these. */
function strict(known: FlagSpecs): MemoryStore {
  const names = (flags: object) => Object.keys(flags).sort().join();
  return new MemoryStore({
    accepts: (document) => names(JSON.parse(document)) === names(known),
    schema: documentSchema(known),
  });
}
