import fc from "fast-check";
import { expect, test } from "vitest";
import { decide, isAbove } from "../../../src/abort/decide";
import { lowerFlags } from "../../../src/abort/lower";
import type { AbortLimits } from "../../../src/abort/request";
import { flagDocument, parseDocument } from "../../../src/flags/document";
import {
  allOff,
  brokenRequirements,
  type FlagSpecs,
  type Flags,
  lowerTo,
  nearer,
  rank,
  sameFlags,
} from "../../../src/flags/flags";
import { floorOf, type Stage } from "../../../src/rollout/rollout";
import { rollout, stage } from "../../support/build";
import { MemoryStore } from "./memory";

/** Up to four flags of any kind, some off at true or 100, or between two states, each requiring some of those before it. */
const specsOf = fc
  .array(
    fc.record({
      kind: fc.constantFrom("boolean" as const, "percentage" as const, "states" as const),
      inverted: fc.boolean(),
      requires: fc.array(fc.nat(3), { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map(
    (flags): FlagSpecs =>
      Object.fromEntries(
        flags.map(({ kind, inverted, requires }, index) => [
          `F${index}`,
          {
            kind,
            ...(kind === "states" ? { states: ["old", "off", "new", "only"] } : {}),
            off:
              kind === "boolean"
                ? inverted
                : kind === "states"
                  ? inverted
                    ? "only"
                    : "off"
                  : inverted
                    ? 100
                    : 0,
            requires: [...new Set(requires.filter((other) => other < index).map((other) => `F${other}`))],
            writes: false,
          },
        ]),
      ),
  );

/** Any values, sound or not. */
const anyFlags = (specs: FlagSpecs): fc.Arbitrary<Flags> =>
  fc.record(
    Object.fromEntries(
      Object.entries(specs).map(([flag, { kind, states }]) => [
        flag,
        states
          ? fc.constantFrom(...states)
          : kind === "boolean"
            ? fc.boolean()
            : fc.integer({ min: 0, max: 1_000 }).map((tenths) => tenths / 10),
      ]),
    ),
  ) as fc.Arbitrary<Flags>;

/** What a stage may have: sound. */
const soundFlags = (specs: FlagSpecs) => anyFlags(specs).map((flags) => lowerTo(specs, flags, flags));

const document = (specs: FlagSpecs) =>
  fc.oneof(
    { weight: 6, arbitrary: anyFlags(specs).map(flagDocument) },
    { weight: 1, arbitrary: fc.constantFrom("", "{", "[]", "null", '{"F0":"on"}', '{"F0":null}', '{"x":1}') },
  );

const situation = specsOf.chain((specs) =>
  fc.record({
    specs: fc.constant(specs),
    texts: fc.array(document(specs), { maxLength: 2 }),
    floor: soundFlags(specs),
    other: soundFlags(specs),
  }),
);

const served = (specs: FlagSpecs, texts: readonly string[]) =>
  texts.map((text) => parseDocument(specs, text));
const after = (specs: FlagSpecs, texts: readonly string[], floor: Flags): string[] => {
  const decision = decide({ specs, floor, served: served(specs, texts) });
  return decision.kind === "deploy" ? [flagDocument(decision.flags)] : [...texts];
};

test("an abort never raises any flag, whatever is live, and leaves nothing above the floor", () => {
  fc.assert(
    fc.property(situation, ({ specs, texts, floor }) => {
      const decision = decide({ specs, floor, served: served(specs, texts) });
      if (decision.kind === "nothing") {
        for (const one of served(specs, texts))
          expect(one.ok && !isAbove(specs, one.flags, floor)).toBe(true);
        return;
      }
      const { flags } = decision;
      expect(brokenRequirements(specs, flags)).toEqual([]);
      expect(isAbove(specs, flags, floor)).toBe(false);
      expect(Object.keys(flags).sort()).toEqual(Object.keys(specs).sort());
      for (const one of served(specs, texts)) {
        for (const [flag, spec] of Object.entries(specs)) {
          const now = one.ok ? (one.flags[flag] ?? spec.off) : spec.off;
          const after = flags[flag] ?? spec.off;
          expect(rank(spec, after)).toBeLessThanOrEqual(rank(spec, now));
          // Nor does it ever lead across off.
          expect(nearer(spec, now, after)).toBe(after);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

/** Stages of a percentage, each above the one before, with what rollout, stage and row say of an abort. */
const to = fc.option(fc.constantFrom("predecessor" as const, "off" as const), { nil: undefined });
const percents = fc
  .uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 5 })
  .map((list) => [0, ...list.sort((a, b) => a - b)]);

test("an abort at any stage leads to 0 where that is said, and else to its predecessor; it never raises", () => {
  const specs: FlagSpecs = { P: { kind: "percentage", off: 0, requires: [], writes: false } };
  fc.assert(
    fc.property(
      percents,
      fc.nat(5),
      fc.integer({ min: 0, max: 100 }),
      to,
      to,
      to,
      (list, at, live, ...said) => {
        const [ofRollout, ofStage, ofRow] = said;
        const stages = list.map((percent, index) =>
          stage(`s${index}`, {
            flags: { P: percent },
            abortTo: ofStage,
            ...(index > 0 ? { predecessor: `s${index - 1}` } : {}),
          }),
        );
        const index = at % stages.length;
        const of = rollout({ flags: specs, stages: stages as [Stage, ...Stage[]], abortTo: ofRollout });
        const floor = floorOf(of, stages[index] as Stage, { to: ofRow });
        const decision = decide({ specs, floor, served: served(specs, [flagDocument({ P: live })]) });
        const after = decision.kind === "deploy" ? decision.flags.P : live;
        const off = (ofRow ?? ofStage ?? ofRollout) === "off" || index === 0;
        expect(after).toBe(off ? 0 : Math.min(live, list[index - 1] as number));
      },
    ),
  );
});

test("however far down a row goes, nothing is raised, and one phase is never further down than the row's own stage", () => {
  const specs: FlagSpecs = { P: { kind: "percentage", off: 0, requires: [], writes: false } };
  fc.assert(
    fc.property(percents, fc.nat(4), fc.nat(4), fc.nat(8), (list, of, more, place) => {
      const stages = list.map((percent, index) =>
        stage(`s${index}`, {
          flags: { P: percent },
          ...(index > 0 ? { predecessor: `s${index - 1}` } : {}),
        }),
      );
      const own = 1 + (of % (stages.length - 1));
      const live = Math.min(own + more, stages.length - 1);
      const words = ["predecessor", "previous", "off", ...stages.slice(0, own).map(({ name }) => name)];
      const all = rollout({ flags: specs, stages: stages as [Stage, ...Stage[]] });
      const floorBy = (to: string) =>
        floorOf(all, stages[own] as Stage, { to }, stages[live] as Stage).P as number;
      for (const to of words) expect(floorBy(to)).toBeLessThan(list[live] as number);
      expect(floorBy("previous")).toBe(list[live - 1]);
      expect(floorBy("previous")).toBeGreaterThanOrEqual(floorBy("predecessor"));
      expect(floorBy(words[place % words.length] as string)).toBeGreaterThanOrEqual(floorBy("off"));
    }),
  );
});

test("twice is once, and aborts commute", () => {
  fc.assert(
    fc.property(situation, ({ specs, texts, floor, other }) => {
      const once = after(specs, texts, floor);
      expect(after(specs, once, floor)).toEqual(once);
      const [one, two] = [after(specs, once, other), after(specs, after(specs, texts, other), floor)];
      // Two documents are served at once only while a deployment is under way: then either order may do nothing.
      const same = (a: string[], b: string[]) =>
        served(specs, a).every((x) =>
          served(specs, b).every((y) => x.ok && y.ok && sameFlags(specs, x.flags, y.flags)),
        );
      expect(texts.length === 2 || same(one, two)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

const limits: AbortLimits = { total: 10_000, patience: 2_000, pause: 0.01 };

const step = fc.oneof(
  fc.record({ do: fc.constant("promote" as const), to: fc.nat(2), takes: fc.nat(4), brief: fc.boolean() }),
  // Several at once, each up to three times: alarms of two stages, duplicates, late ones, retries.
  fc.record({
    do: fc.constant("abort" as const),
    floors: fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ do: fc.constant("race" as const), floor: fc.nat(2), to: fc.nat(2), takes: fc.nat(3) }),
);

test("no sequence of aborts, promotions, duplicates and retries shows write without read", async () => {
  const specs: FlagSpecs = {
    READ: { kind: "boolean", off: false, requires: [], writes: false },
    WRITE: { kind: "boolean", off: false, requires: ["READ"], writes: true },
  };
  const OFF = allOff(specs);
  const stages: Flags[] = [OFF, { READ: true, WRITE: false }, { READ: true, WRITE: true }];
  const at = (index: number) => stages[index] ?? OFF;
  const abort = (store: MemoryStore, floor: number) =>
    lowerFlags(
      store,
      { specs, floor: at(floor), note: { rollout: "r", stage: `s${floor}`, attempt: 1 } },
      limits,
    );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), fc.nat(3), async (steps, takes) => {
      const store = new MemoryStore({ takes });
      store.promote(OFF);
      for (const one of steps) {
        if (one.do === "promote") {
          store.promote(at(one.to), one);
        } else if (one.do === "abort") {
          await Promise.all(one.floors.map((floor) => abort(store, floor)));
          store.settle();
          const lowest = at(Math.min(...one.floors));
          expect(isAbove(specs, JSON.parse(store.live ?? "{}"), lowest)).toBe(false);
        } else {
          // A promotion at any moment of an abort: whichever comes last is what is live, and it is sound.
          const aborted = abort(store, one.floor);
          await new Promise((resolve) => setImmediate(resolve));
          store.promote(at(one.to), one);
          await aborted;
        }
      }
      store.settle();
      for (const shown of store.shown) expect(brokenRequirements(specs, JSON.parse(shown))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("an abort raises nothing that a server may have been given, also among others", async () => {
  await fc.assert(
    fc.asyncProperty(
      specsOf.chain((specs) =>
        fc.record({
          specs: fc.constant(specs),
          live: soundFlags(specs),
          floors: fc.array(soundFlags(specs), { minLength: 1, maxLength: 4 }),
        }),
      ),
      fc.nat(3),
      async ({ specs, live, floors }, takes) => {
        const store = new MemoryStore({ takes });
        store.promote(live);
        await Promise.all(
          floors.map((floor) =>
            lowerFlags(store, { specs, floor, note: { rollout: "r", stage: "s", attempt: 1 } }, limits),
          ),
        );
        store.settle();
        const shown = store.deployments.map(
          ({ version }) => JSON.parse(store.documents[version] ?? "{}") as Flags,
        );
        shown.slice(1).forEach((flags, index) => {
          expect(isAbove(specs, flags, shown[index] ?? {})).toBe(false);
        });
        for (const floor of floors) expect(isAbove(specs, shown.at(-1) ?? {}, floor)).toBe(false);
      },
    ),
    { numRuns: 300 },
  );
});
