import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAbove } from "../../../src/abort/decide";
import { lowerFlags } from "../../../src/abort/lower";
import { AbortFailed, type AbortLimits, type AbortOutcome } from "../../../src/abort/request";
import { shapedLike, storesTerms, unchanged } from "../../../src/abort/terms";
import { documentSchema, flagDocument, parseDocument } from "../../../src/flags/document";
import {
  brokenRequirements,
  type FlagSpec,
  type FlagSpecs,
  type Flags,
  type FlagValue,
  lowerTo,
  nearer,
  rank,
  sameOrder,
} from "../../../src/flags/flags";
import { booleanFlag, percentageFlag, statesFlag } from "../../support/build";
import { MemoryStore } from "./memory";

/** An abort whose list of flags is another than the store's. */

const READ = booleanFlag();
const WRITE = booleanFlag({ requires: ["READ"], writes: true });
const V2 = percentageFlag();
/** What the function knows, and what the store does. */
const OURS: FlagSpecs = { READ, WRITE };
const NEWER: FlagSpecs = { ...OURS, V2 };
const FLOOR: Flags = { READ: true, WRITE: false };
const LIMITS: AbortLimits = { total: 2_000, patience: 30, pause: 1 };

/** Whether AppConfig takes a document by this list. */
function takes(specs: FlagSpecs, text: string): boolean {
  const document = parseDocument(specs, text);
  const named = () => Object.keys(JSON.parse(text)).filter((key) => key !== "_cutover");
  return (
    document.ok &&
    document.undeclared.length === 0 &&
    named().length === Object.keys(specs).length &&
    brokenRequirements(specs, document.flags).length === 0
  );
}

type Options = NonNullable<ConstructorParameters<typeof MemoryStore>[0]>;

/** A store that holds documents to a list of its own. */
const storeOf = (specs: FlagSpecs, options: Options = {}) =>
  new MemoryStore({ accepts: (text) => takes(specs, text), schema: documentSchema(specs), ...options });

const abort = (store: MemoryStore, floor: Flags = FLOOR, specs: FlagSpecs = OURS) =>
  lowerFlags(store, { specs, floor, note: { rollout: "r", stage: "stageB", attempt: 1 } }, LIMITS);

const liveOf = (store: MemoryStore) => JSON.parse(store.live ?? "null") as Flags;

describe("a flag that only the store knows", () => {
  test("stays as low as a lowering that bakes has brought it, whatever is live before it (old-1)", async () => {
    const store = storeOf(NEWER);
    store.promote({ READ: true, WRITE: true, V2: 50 });
    store.promote({ READ: true, WRITE: true, V2: 10 }, { baking: true });
    expect(await abort(store)).toMatchObject({ after: { ...FLOOR, V2: 10 }, stopped: [2], deployment: 3 });
    expect(liveOf(store)).toEqual({ ...FLOOR, V2: 10 });
  });

  test("is as low in a version that is used again, where there is room for no other (old-2)", async () => {
    const store = storeOf(NEWER, { quota: 4 });
    store.add({ ...FLOOR, V2: 0 });
    store.add({ ...FLOOR, V2: 50 });
    store.promote({ READ: true, WRITE: true, V2: 50 });
    store.promote({ READ: true, WRITE: true, V2: 10 }, { baking: true });
    expect(await abort(store)).toMatchObject({ after: { ...FLOOR, V2: 0 } });
    expect(liveOf(store)).toEqual({ ...FLOOR, V2: 0 });
  });

  test("is as low there also where the store's list cannot be read: it stays, or the abort fails", async () => {
    const full = (options: Options) => {
      const store = storeOf(NEWER, { quota: 3, ...options });
      store.add({ ...FLOOR, V2: 10 });
      store.add({ ...FLOOR, V2: 50 });
      store.promote({ READ: true, WRITE: true, V2: 10 });
      return store;
    };
    for (const options of [{ schema: undefined }, { schema: "{" }, { schemaFails: "Rate exceeded" }]) {
      const store = full(options);
      await abort(store);
      expect(liveOf(store)).toEqual({ ...FLOOR, V2: 10 });
    }
    // Nobody can say whether 20 is higher or lower than 10.
    const store = storeOf(NEWER, { quota: 2, schemaFails: "Rate exceeded" });
    store.add({ ...FLOOR, V2: 20 });
    store.promote({ READ: true, WRITE: true, V2: 10 });
    await expect(abort(store)).rejects.toThrow(/its schema cannot be read \(Rate exceeded\)/);
    expect(store.deployments).toHaveLength(1);
  });

  test.each([{ schema: undefined }, { schemaFails: "Rate exceeded" }])(
    "stays as every server has it where the store's list cannot be read: %j",
    async (options) => {
      const store = storeOf(NEWER, options);
      store.promote({ READ: true, WRITE: true, V2: 10 });
      expect(await abort(store)).toMatchObject({ after: FLOOR });
      expect(liveOf(store)).toEqual({ ...FLOOR, V2: 10 });

      // Two servers have it at two values: which is the lower one nobody can say.
      const split = storeOf(NEWER, options);
      split.promote({ READ: true, WRITE: true, V2: 50 });
      split.promote({ READ: true, WRITE: true, V2: 10 }, { baking: true });
      await expect(abort(split)).rejects.toThrow(AbortFailed);
    },
  );

  test("goes off beside a document that nobody can read", async () => {
    const store = storeOf(NEWER);
    store.promote({ READ: true, WRITE: true, V2: 50 }, { lost: true });
    store.promote({ READ: true, WRITE: true, V2: 10 }, { takes: 1_000, brief: false });
    expect(await abort(store)).toMatchObject({ after: { READ: false, WRITE: false, V2: 0 } });
  });

  test("does not set an abort off by itself, whichever way it goes", async () => {
    const store = storeOf(NEWER);
    store.promote({ ...FLOOR, V2: 10 });
    store.promote({ ...FLOOR, V2: 50 }, { takes: 1_000, brief: false });
    expect(await abort(store)).toMatchObject({ after: { ...FLOOR, V2: 50 }, deployment: undefined });
  });

  test("goes off with all of ours, where the way down is all the way", async () => {
    const store = storeOf(NEWER);
    store.promote({ ...FLOOR, V2: 50 });
    expect(await abort(store, { READ: false, WRITE: false })).toMatchObject({
      after: { READ: false, WRITE: false, V2: 0 },
    });
  });

  test("stays at the state, or is at the state of a version, that is as low as what bakes (old-1, old-2)", async () => {
    const rate = { ...OURS, RATE: statesFlag() };
    const store = storeOf(rate);
    store.promote({ READ: true, WRITE: true, RATE: "enforce" });
    store.promote({ READ: true, WRITE: true, RATE: "shadow" }, { baking: true });
    expect(await abort(store)).toMatchObject({ after: { ...FLOOR, RATE: "shadow" } });

    const full = storeOf(rate, { quota: 4 });
    full.add({ ...FLOOR, RATE: "off" });
    full.add({ ...FLOOR, RATE: "enforce" });
    full.promote({ READ: true, WRITE: true, RATE: "enforce" });
    full.promote({ READ: true, WRITE: true, RATE: "shadow" }, { baking: true });
    expect(await abort(full)).toMatchObject({ after: { ...FLOOR, RATE: "off" } });
  });

  test("is at off where two servers have it on two sides of it", async () => {
    const store = storeOf({ ...OURS, RATE: statesFlag({ off: "shadow" }) });
    store.promote({ READ: true, WRITE: true, RATE: "off" });
    store.promote({ READ: true, WRITE: true, RATE: "enforce" }, { takes: 1_000, brief: false });
    expect(await abort(store)).toMatchObject({ after: { ...FLOOR, RATE: "shadow" } });
  });

  test("keeps a state where the store's list cannot be read and every server has it alike", async () => {
    const store = storeOf({ ...OURS, RATE: statesFlag() }, { schemaFails: "Rate exceeded" });
    store.promote({ READ: true, WRITE: true, RATE: "shadow" });
    expect(await abort(store)).toMatchObject({ after: FLOOR });
    expect(liveOf(store)).toEqual({ ...FLOOR, RATE: "shadow" });
  });

  test("is off at 100 where the store says so", async () => {
    const store = storeOf({ ...OURS, OLD: percentageFlag({ off: 100 }) }, { quota: 3 });
    store.add({ ...FLOOR, OLD: 90 });
    store.add({ ...FLOOR, OLD: 10 });
    store.promote({ READ: true, WRITE: true, OLD: 50 });
    expect(await abort(store)).toMatchObject({ after: { ...FLOOR, OLD: 90 } });
  });
});

describe("a demand that only the store makes", () => {
  const STRICTER: FlagSpecs = { ...OURS, SHARE: booleanFlag({ requires: ["WRITE"] }) };

  test("turns off what rests on a flag that goes off", async () => {
    const store = storeOf(STRICTER);
    store.promote({ READ: true, WRITE: true, SHARE: true });
    const ours: FlagSpecs = { ...OURS, SHARE: booleanFlag() };
    expect(await abort(store, { ...FLOOR, SHARE: true }, ours)).toMatchObject({
      after: { ...FLOOR, SHARE: false },
    });
  });

  test("counts beside ours: what either list demands is met", async () => {
    const store = storeOf({ READ, WRITE: booleanFlag() });
    store.promote({ READ: true, WRITE: true });
    expect(await abort(store, { READ: false, WRITE: true })).toMatchObject({
      after: { READ: false, WRITE: false },
    });
  });

  test("is all that counts where ours is of a flag that the store has no more", async () => {
    const store = storeOf({ WRITE: booleanFlag(), SHARE: V2 });
    store.promote({ WRITE: true, SHARE: 80 });
    expect(await abort(store, { READ: true, WRITE: true, SHARE: 20 }, { ...OURS, SHARE: V2 })).toMatchObject({
      after: { WRITE: true, SHARE: 20 },
    });
  });
});

describe("a flag that means another thing to the store", () => {
  test.each([
    ["a percentage by now", V2, 40, 0],
    ["a percentage that is off at 100", percentageFlag({ off: 100 }), 40, 100],
    ["off at true", booleanFlag({ off: true }), false, true],
  ] as const)("goes off as the store knows it: %s", async (_, spec, value, off) => {
    const store = storeOf({ READ, WRITE: spec });
    store.promote({ READ: true, WRITE: value });
    expect(await abort(store, { READ: true, WRITE: false }, { READ, WRITE: booleanFlag() })).toMatchObject({
      after: { READ: true, WRITE: off },
    });
    expect(liveOf(store)).toEqual({ READ: true, WRITE: off });
  });

  test("stays down where the store knows it to be off, also where our floor names that value", async () => {
    const store = storeOf({ READ, OLD: booleanFlag({ off: true }) });
    store.promote({ READ: true, OLD: true });
    expect(await abort(store, { READ: false, OLD: false }, { READ, OLD: booleanFlag() })).toMatchObject({
      after: { READ: false, OLD: true },
    });
  });

  test("is off as we know it where the store's schema does not say", async () => {
    const schema = JSON.stringify({ properties: { OLD: { type: "boolean" } } });
    const store = new MemoryStore({ schema });
    store.promote({ OLD: false });
    expect(await abort(store, { OLD: true }, { OLD: booleanFlag({ off: true }) })).toMatchObject({
      after: { OLD: true },
    });
  });
});

describe("a flag that only we know", () => {
  test("goes with the next document, and is waited for by nobody", async () => {
    const store = storeOf({ READ });
    store.promote({ READ: true });
    const { before, after } = await abort(store, { READ: false, WRITE: false });
    expect([before, after]).toEqual([{ READ: true }, { READ: false }]);
  });

  test("is brought down where the live document still has it", async () => {
    const store = storeOf({ READ });
    store.promote({ READ: true, WRITE: true });
    expect(await abort(store)).toMatchObject({ before: { READ: true, WRITE: true }, after: { READ: true } });
    expect(store.live).toBe(flagDocument({ READ: true }));
  });
});

describe("a store that takes nothing that was worked out", () => {
  /** Demands something of which its schema, as we read it, says nothing. */
  const odd = (accepts: (text: string) => boolean, options: Options = {}) =>
    storeOf(NEWER, { accepts, ...options });

  test("is given a version that it has, and that is as low in every flag", async () => {
    const known = [flagDocument({ ...FLOOR, V2: 5 }), flagDocument({ READ: true, WRITE: true, V2: 10 })];
    const store = odd((text) => known.includes(text));
    for (const text of known) store.promote(text);
    expect(await abort(store)).toMatchObject({ after: { ...FLOOR, V2: 5 } });
  });

  test("is given all off by its own schema before the abort gives up", async () => {
    const off = flagDocument({ READ: false, WRITE: false, V2: 0 });
    const store = odd((text) => text === off);
    store.promote({ READ: true, WRITE: true, V2: 10 });
    expect(await abort(store)).toMatchObject({ after: { READ: false, WRITE: false, V2: 0 } });
    expect(store.live).toBe(off);
  });

  test.each([
    ["refuses that too", { accepts: () => false }],
    ["has room for no version", { quota: 2 }],
  ])("makes the abort fail loudly where it %s", async (_, options: Options) => {
    const store = storeOf(NEWER, options);
    store.add({ READ: false, WRITE: false, V2: 20 });
    store.promote({ READ: true, WRITE: true, V2: 10 });
    await expect(abort(store)).rejects.toThrow(AbortFailed);
    await expect(abort(store)).rejects.toThrow(/READ true, WRITE false, V2 10 %.*as low in every flag/);
    expect(store.deployments).toHaveLength(1);
  });

  test("is not waited for where it does not tell its schema", async () => {
    const store = new MemoryStore();
    store.promote({ READ: true, WRITE: true });
    store.schema = () => new Promise(() => undefined);
    const note = { rollout: "r", stage: "stageB", attempt: 1 };
    const limits = { ...LIMITS, total: 60_000 };
    expect(await lowerFlags(store, { specs: OURS, floor: FLOOR, note }, limits)).toMatchObject({
      after: FLOOR,
    });
  });

  test("is given all off also where it does not list its versions", async () => {
    const off = flagDocument({ READ: false, WRITE: false, V2: 0 });
    const store = odd((text) => text === off);
    store.versions = () => Promise.reject(new Error("denied"));
    store.promote({ READ: true, WRITE: true, V2: 10 });
    expect(await abort(store)).toMatchObject({ after: { READ: false, WRITE: false, V2: 0 } });
  });

  test("never has more again than a version that was used again", async () => {
    const known = [flagDocument({ ...FLOOR, V2: 0 }), flagDocument({ READ: true, WRITE: true, V2: 10 })];
    const store = odd((text) => known.includes(text) || text === flagDocument({ ...FLOOR, V2: 10 }), {
      quota: 2,
    });
    for (const text of known) store.promote(text);
    const start = store.redeploy.bind(store);
    let once = true;
    store.redeploy = async (...args) => {
      const result = await start(...args);
      if (once && result.kind === "started") {
        once = false;
        // Somebody makes room, adds a version that would do for what is live now, and promotes once more.
        store.promote(known[1] ?? "");
        store.add({ ...FLOOR, V2: 10 });
      }
      return result;
    };
    expect(await abort(store)).toMatchObject({ after: { ...FLOOR, V2: 0 } });
  });

  test("whose list changes meanwhile is asked again", async () => {
    const store = storeOf(NEWER);
    const told = [documentSchema(OURS), documentSchema(NEWER)];
    store.schema = async () => told.shift();
    store.promote({ READ: true, WRITE: true, V2: 10 });
    expect(await abort(store)).toMatchObject({ after: { ...FLOOR, V2: 10 } });
  });

  test("holds what no list knows: only what every server has already is deployed again", async () => {
    const text = (WRITE: boolean, more: object) => JSON.stringify({ READ: true, WRITE, ...more });
    for (const [more, taken] of [
      [{ theme: "dark" }, true],
      [{}, true],
      [{ theme: "light" }, false],
      [{ theme: "dark", size: 1 }, false],
    ] as const) {
      const store = new MemoryStore({ quota: 2, schema: documentSchema(OURS) });
      store.add(text(false, more));
      store.promote(text(true, { theme: "dark" }));
      if (taken) expect(await abort(store)).toMatchObject({ after: FLOOR });
      else await expect(abort(store)).rejects.toThrow(AbortFailed);
    }
  });
});

describe("a lowering that bakes", () => {
  const baking = () => {
    const store = storeOf(OURS);
    store.promote({ READ: true, WRITE: true });
    store.promote(FLOOR, { baking: true });
    return store;
  };

  test("and is taken back leaves nothing above the floor", async () => {
    const store = baking();
    const aborted = lowerFlags(
      store,
      { specs: OURS, floor: FLOOR, note: { rollout: "r", stage: "stageB", attempt: 1 } },
      { total: 120_000, patience: 60_000, pause: 1 },
    );
    while (store.calls.length < 6) await new Promise((resolve) => setImmediate(resolve));
    store.takeBack();
    expect(await aborted).toMatchObject({
      before: { READ: true, WRITE: true },
      after: FLOOR,
      deployment: 3,
      stopped: [],
      why: "flags are above the floor",
    });
    expect(liveOf(store)).toEqual(FLOOR);
  });

  test("and comes to its end is left alone", async () => {
    const store = baking();
    const aborted = abort(store);
    store.settle();
    expect(await aborted).toMatchObject({ after: FLOOR, deployment: undefined });
  });

  test("for longer than anyone waits is left to it, and what a rollback would do is said", async () => {
    const store = baking();
    expect(await abort(store)).toMatchObject({ after: FLOOR, deployment: undefined, stopped: [] });
    expect((await abort(store)).why).toBe(
      "deployment 2, which bakes still, brought them down; were it rolled back, the flags of 1 would be up again",
    );
  });

  test("is not waited for where a rollback would bring nothing up", async () => {
    const store = storeOf(OURS);
    store.promote(FLOOR);
    store.promote({ READ: false, WRITE: false }, { baking: true });
    expect(await abort(store)).toMatchObject({
      why: "every flag is at or below the floor already",
      recorded: undefined,
      unrecorded: "deployment 2 is under way",
    });
  });

  test("is not done while ours is being taken back", async () => {
    const store = storeOf(OURS, { takes: 50 });
    store.promote({ READ: true, WRITE: true });
    const start = store.redeploy.bind(store);
    let once = true;
    store.redeploy = async (...args) => {
      const result = await start(...args);
      const made = store.deployments.at(-1) as { state: string; left: number };
      if (once) Object.assign(made, { state: "rolling-back", left: 3 });
      once = false;
      return result;
    };
    expect(await abort(store)).toMatchObject({ after: FLOOR, deployment: 3 });
    store.settle();
    expect(liveOf(store)).toEqual(FLOOR);
  });
});

describe("by the store's own list", () => {
  test.each<[string, string[], string]>([
    ["has more states than ours, in the same order", ["off", "shadow", "strict", "enforce"], "shadow"],
    ["has fewer", ["off", "shadow"], "shadow"],
    ["has them in another order", ["off", "enforce", "shadow"], "off"],
  ])("our floor of states counts where it means the same: the store %s", (_, states, floor) => {
    const ours = { specs: { RATE: statesFlag({ writes: true }) }, floor: { RATE: "shadow" } };
    const terms = storesTerms(ours, documentSchema({ RATE: statesFlag({ states }) }));
    expect(terms?.floor).toEqual({ RATE: floor });
    expect(terms?.specs.RATE?.states).toEqual(states);
  });

  test("our floor counts where both mean the same", () => {
    const store: FlagSpecs = {
      READ,
      WRITE: booleanFlag(),
      OLD: V2,
      V2,
      REST: percentageFlag({ off: 100 }),
      IN: booleanFlag({ off: true }),
    };
    const ours = {
      specs: { READ, WRITE, OLD: booleanFlag(), GONE: booleanFlag() },
      floor: { READ: true, WRITE: false, OLD: true, GONE: true },
    };
    const terms = storesTerms(ours, documentSchema(store));
    expect(terms?.named.toSorted()).toEqual(Object.keys(store).sort());
    expect(terms?.specs).toEqual({ ...store, WRITE, GONE: booleanFlag() });
    expect(Object.keys(terms?.specs ?? {}).slice(0, 3)).toEqual(["READ", "WRITE", "OLD"]);
    expect(terms?.floor).toEqual({
      READ: true,
      WRITE: false,
      OLD: 0,
      GONE: true,
      V2: 100,
      REST: 0,
      IN: false,
    });
  });

  test("nothing is known where its schema is none of a list of flags", () => {
    for (const schema of [undefined, "{", "{}"])
      expect(storesTerms({ specs: OURS, floor: FLOOR }, schema)).toBeUndefined();
  });

  test("a document names what the schema names in whatever shape, and all of ours where it takes more", () => {
    const properties = { READ: { type: "boolean" }, WRITE: { enum: [true, false] } };
    const ours = { specs: { ...OURS, V2 }, floor: FLOOR };
    const named = (more: object) => storesTerms(ours, JSON.stringify({ properties, ...more }))?.named;
    expect(named({ additionalProperties: false })).toEqual(["READ", "WRITE"]);
    expect(named({})).toEqual(["READ", "WRITE", "V2"]);
  });
});

test("flags are put into the documents that are served, where these have the rest alike", () => {
  const put = (...served: (string | undefined)[]) => shapedLike(OURS, FLOOR, served, {});
  expect(put('{"READ":true,"WRITE":true,"V2":10,"_cutover":{"drill":"x"}}')).toBe(
    '{"READ":true,"V2":10,"WRITE":false}',
  );
  expect(put('{"V2":10,"WRITE":true}', '{"READ":true,"V2":10}')).toBe('{"READ":true,"V2":10}');
  for (const served of [["{"], ["[]"], [undefined], ['{"V2":10}', '{"V2":50}'], ['{"V2":10}', undefined], []])
    expect(put(...served)).toBeUndefined();
});

test("what no list knows is unchanged where every document has it alike", () => {
  expect(unchanged([], "{}", ["{"])).toBe(true);
  expect(unchanged(["a"], '{"a":1}', ['{"a":1,"b":2}'])).toBe(true);
  expect(unchanged(["a"], '{"a":1}', ['{"a":1}', "{}"])).toBe(false);
  for (const other of ["{", "null", "[]", '"a"', undefined])
    expect(unchanged(["a"], '{"a":1}', [other])).toBe(false);
  expect(unchanged(["toString"], '{"toString":1}', ["{}"])).toBe(false);
});

/** Two lists that are much alike, and differ in what they know, in kinds, in what is off and in what they demand. */
const NAMES = ["A", "B", "C", "constructor"];
const specOf = fc.record({
  kind: fc.constantFrom("boolean" as const, "percentage" as const, "states" as const),
  states: fc.constantFrom(["a", "b", "c"], ["a", "c", "b"], ["b", "a", "c"], ["a", "b"]),
  inverted: fc.boolean(),
  requires: fc.subarray([0, 1, 2, 3]),
});
const listsOf = fc
  .tuple(...NAMES.map(() => fc.tuple(specOf, fc.option(specOf, { freq: 3 }), fc.nat(9), fc.nat(9))))
  .map((flags) => {
    const list = (which: 0 | 1): FlagSpecs => {
      const there = flags.map(([, , ...odds]) => odds[which] > 1);
      return Object.fromEntries(
        flags.flatMap(([base, changed], index): [string, FlagSpec][] => {
          const { kind, states, inverted, requires } = which === 1 && changed ? changed : base;
          const off =
            kind === "boolean" ? inverted : kind === "states" ? (inverted ? "b" : "a") : inverted ? 100 : 0;
          const own = { kind, ...(kind === "states" ? { states } : {}), off };
          const needs = requires
            .filter((other) => other < index && there[other])
            .map((at) => NAMES[at] as string);
          return there[index] ? [[NAMES[index] as string, { ...own, requires: needs, writes: false }]] : [];
        }),
      );
    };
    return { ours: list(0), store: list(1) };
  })
  .filter(({ ours, store }) => Object.keys(ours).length > 0 && Object.keys(store).length > 0);

const valuesOf = (specs: FlagSpecs): fc.Arbitrary<Flags> =>
  fc
    .tuple(
      ...Object.entries(specs).map(([flag, { kind, states }]) =>
        fc.tuple(
          fc.constant(flag),
          states
            ? fc.constantFrom<FlagValue[]>(...states)
            : kind === "boolean"
              ? fc.boolean()
              : fc.constantFrom(0, 0.5, 10, 50, 90, 100),
        ),
      ),
    )
    .map((values) => Object.fromEntries(values));
const soundOf = (specs: FlagSpecs) => valuesOf(specs).map((flags) => lowerTo(specs, flags, flags));

const case_ = listsOf.chain(({ ours, store }) => {
  const document = fc.oneof(
    { weight: 8, arbitrary: soundOf(store).map(flagDocument) },
    { weight: 2, arbitrary: soundOf(ours).map(flagDocument) },
    { weight: 1, arbitrary: fc.constantFrom("{", "[]", '{"A":"on"}', '{"x":true,"y":3}') },
  );
  return fc.record({
    ours: fc.constant(ours),
    store: fc.constant(store),
    floor: soundOf(ours),
    versions: fc.array(document, { maxLength: 4 }),
    live: document,
    next: fc.option(
      fc.record({
        document,
        how: fc.constantFrom({ baking: true }, { takes: 3 }, { takes: 99, brief: false }),
      }),
    ),
    full: fc.boolean(),
    told: fc.constantFrom("told", "told", "told", "fails", "none") as fc.Arbitrary<"told" | "fails" | "none">,
    takes: fc.constantFrom("its own", "its own", "its own", "anything", "nothing"),
    deploying: fc.nat(2),
  });
});

test("whatever the two lists say, an abort raises no flag of either, and ends at the floor or fails loudly", async () => {
  let failed = 0;
  let lowered = 0;
  await fc.assert(
    fc.asyncProperty(
      case_,
      async ({ ours, store: theirs, floor, versions, live, next, full, told, takes: by, deploying }) => {
        const strict = (text: string) => by === "anything" || (by === "its own" && takes(theirs, text));
        const room = versions.length + (next ? 2 : 1);
        const store = new MemoryStore({
          schema: told === "none" ? undefined : documentSchema(theirs),
          ...(told === "fails" ? { schemaFails: "denied" } : {}),
          accepts: strict,
          takes: deploying,
          ...(full ? { quota: room } : {}),
        });
        for (const version of versions) store.add(version);
        store.promote(live);
        if (next) store.promote(next.document, next.how);
        const before = store.deployments.length;
        const served = [live, ...(next ? [next.document] : [])];
        const outcome: AbortOutcome | undefined = await lowerFlags(
          store,
          { specs: ours, floor, note: { rollout: "r", stage: "s", attempt: 1 } },
          { total: 1_000, patience: 3, pause: 0.01 },
        ).catch((error: unknown) => {
          expect(error).toBeInstanceOf(AbortFailed);
          return undefined;
        });
        store.settle();
        if (!outcome) failed++;
        // Lowering is never blocked where it is known what the store takes, and there is room for it.
        if (told === "told" && by !== "nothing" && !full) expect(outcome).toBeDefined();
        if (outcome?.deployment !== undefined) lowered++;

        // Where the store's list can be known it is the store's word that counts, and else ours.
        const known = told === "told" ? { ...ours, ...theirs } : { ...theirs, ...ours };
        const at = (text: string | undefined, flag: string, spec: FlagSpec): number | undefined => {
          const parsed = parseDocument({ [flag]: spec }, text ?? "");
          return parsed.ok ? rank(spec, parsed.flags[flag] ?? spec.off) : undefined;
        };
        const since = store.deployments.slice(before);
        // A stop carries on what is live by then, which something under way may have raised to the floor meanwhile.
        const stops = since.filter(({ note }) => note?.kind === "stop");
        for (const stop of stops) {
          const earlier = store.deployments.slice(0, store.deployments.indexOf(stop));
          expect(stop.version).toBe(earlier.findLast(({ state }) => state === "complete")?.version);
        }
        const made = since
          .filter((one) => !stops.includes(one))
          .map(({ version }) => store.documents[version]);
        for (const [flag, spec] of Object.entries(known)) {
          const least = Math.min(...served.map((text) => at(text, flag, spec) ?? 0));
          for (const text of made) expect(at(text, flag, spec)).toBeLessThanOrEqual(least);
          const value = (text: string | undefined) => {
            const parsed = parseDocument({ [flag]: spec }, text ?? "");
            return parsed.ok ? (parsed.flags[flag] ?? spec.off) : spec.off;
          };
          for (const text of made)
            for (const now of served) expect(nearer(spec, value(now), value(text))).toBe(value(text));
        }
        if (told === "told")
          for (const text of made) {
            const parsed = parseDocument(theirs, text ?? "");
            expect(parsed.ok && brokenRequirements(theirs, parsed.flags)).toEqual([]);
          }
        if (!outcome || outcome.after === undefined) return;
        for (const [flag, spec] of Object.entries(ours)) {
          const theirsToo = told === "told" && Object.hasOwn(theirs, flag) ? theirs[flag] : undefined;
          const means = theirsToo && theirsToo.kind === spec.kind && theirsToo.off === spec.off;
          if (theirsToo && !(means && sameOrder(theirsToo, spec)))
            expect(at(store.live, flag, theirsToo)).toBe(0);
          else {
            // The store's list may have states that ours has not, and the other way round.
            const judged = theirsToo ?? spec;
            const bound = lowerTo({ [flag]: { ...judged, requires: [] } }, floor, floor)[flag] ?? judged.off;
            expect(at(store.live, flag, judged)).toBeLessThanOrEqual(rank(judged, bound));
          }
        }
        expect(isAbove(ours, outcome.after, floor) && told !== "told").toBe(false);
      },
    ),
    { numRuns: 1_000 },
  );
  // Neither end is a corner of this law.
  expect(failed).toBeGreaterThan(20);
  expect(lowered).toBeGreaterThan(200);
});
