import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { heldAgainstFacts } from "../../../src/flags/facts";
import {
  brokenRequirements,
  changes,
  type Flags,
  isLeftOf,
  lowersBeyond,
  sameFlags,
} from "../../../src/flags/flags";
import type { LedgerEntry, Note } from "../../../src/flags/ledger";
import { causeOf } from "../../../src/rollout/cause";
import type { Plan } from "../../../src/rollout/plan";
import { liveStage } from "../../../src/rollout/position";
import { predecessorOf, type Rollout, type Stage, stageNamed } from "../../../src/rollout/rollout";
import { attemptsOf } from "../../../src/rollout/stops";
import {
  booleanFlag,
  entry,
  gist,
  note as noteOf,
  percentageFlag,
  rollout,
  stage,
} from "../../support/build";
import { World } from "./world";

const specs = { SHADOW: booleanFlag(), FILL: booleanFlag(), READ: percentageFlag({ requires: ["SHADOW"] }) };
const values = (SHADOW: boolean, FILL: boolean, READ: number): Flags => ({ SHADOW, FILL, READ });

const baseline = stage("baseline", { flags: values(false, false, 0) });
const shadow = stage("shadow", { predecessor: "baseline", flags: values(true, false, 0) });
const fill = stage("fill", { predecessor: "shadow", flags: values(true, true, 0) });

/** The backfill comes down in a step of its own, whose flags are those of `shadow` again. */
const filled = stage("filled", { predecessor: "fill", flags: values(true, false, 0), contracts: ["FILL"] });
const afterFilled = stage("read", { predecessor: "filled", flags: values(true, false, 10) });
const apart = spec([baseline, shadow, fill, filled, afterFilled]);

/** It comes down in the step that raises reads. */
const both = stage("both", { predecessor: "fill", flags: values(true, false, 10), contracts: ["FILL"] });
const afterBoth = stage("whole", { predecessor: "both", flags: values(true, false, 100) });
const together = spec([baseline, shadow, fill, both, afterBoth]);

function spec(stages: readonly Stage[]): Rollout {
  return rollout({ flags: specs, stages: stages as Rollout["stages"] });
}

function at(of: Rollout, ...stages: string[]): World {
  const world = new World(of);
  for (const name of stages) expect(`${name}: ${gist(world.up(name))}`).toBe(`${name}: raise`);
  return world;
}

describe("an abort of a stage whose flags are down already, and below which nothing goes", () => {
  it("keeps what stands on it from being built on, until that is promoted anew", () => {
    const world = at(apart, "shadow", "fill", "filled");
    world.abort("fill");
    expect(world.live).toEqual(filled.flags);
    expect(gist(world.plan("read"))).toBe(
      "refused: fill, on which it stands, was stopped since, by X1 at 1970-01-01T00:05:00.000Z, in deployment 5 -> Find the cause. Promote it anew, with the next attempt, before read",
    );
    expect(gist(world.up("filled"))).toBe("restart");
    expect(gist(world.plan("read"))).toBe("raise");
  });

  it("does so behind a door, too", () => {
    const door: Stage = { ...both, irreversible: { because: "the rows are gone", floor: "both" } };
    const world = at(spec([baseline, shadow, fill, door, afterBoth]), "shadow", "fill", "both");
    world.abort("shadow");
    expect(world.live).toEqual(both.flags);
    expect(gist(world.plan("whole"))).toContain("refused: shadow, on which it stands, was stopped since");
    expect(gist(world.up("both"))).toBe("restart");
    expect(gist(world.plan("whole"))).toBe("raise");
  });
});

describe("a step that raises one flag and contracts another", () => {
  it("is one step forward, from its predecessor's flags", () => {
    expect(at(together, "shadow", "fill").plan("both")).toMatchObject({
      kind: "raise",
      from: fill.flags,
      to: both.flags,
      changes: [
        { flag: "FILL", direction: "lower" },
        { flag: "READ", direction: "raise" },
      ],
    });
    const world = at(together, "shadow", "fill", "both");
    expect(world.ledger.history[0]).toMatchObject({ note: { kind: "promote", contracts: ["FILL"] } });
    expect(liveStage(together, world.ledger)?.name).toBe("both");
    expect(causeOf(together, fill, world.ledger)).toBeUndefined();
    expect(gist(world.plan("whole"))).toBe("raise");
  });

  it("is none from elsewhere, or of a flag that it does not contract", () => {
    expect(gist(at(together, "shadow").plan("both"))).toContain("follows fill, but live is shadow");
    const silent = spec([baseline, shadow, fill, { ...both, contracts: undefined }]);
    expect(gist(at(silent, "shadow", "fill").plan("both"))).toBe(
      "refused: would raise some flags and lower others (FILL: true → false; READ: 0 → 10) -> Bring the rollout to a stage of its own first; only what a stage contracts is lowered by a step forward, and both does not contract FILL",
    );
  });

  it("comes down in what it raised; what it contracted stays down, and is the predecessor's still", () => {
    const world = at(together, "shadow", "fill", "both");
    world.abort("both");
    expect(world.live).toEqual(values(true, false, 0));
    expect(causeOf(together, both, world.ledger)).toMatchObject({ kind: "abort", by: "X1" });
    expect(causeOf(together, fill, world.ledger)).toBeUndefined();
    expect(attemptsOf(together, fill, world.ledger)).toMatchObject({ highest: 1, stops: new Map() });
  });

  it.each(["both", "fill"])("comes up again from there, in a new attempt: of %s", (name) => {
    const world = at(together, "shadow", "fill", "both");
    world.abort("both");
    expect(gist(world.up(name))).toBe("raise");
    expect(world.live).toEqual(stageNamed(together, name)?.flags);
    expect(gist(world.up(name === "both" ? "whole" : "both"))).toBe("raise");
  });

  it("is not stepped over", () => {
    const world = at(together, "shadow", "fill", "both");
    world.abort("both");
    expect(gist(world.plan("whole"))).toContain("follows both, but live is");
    world.up("fill");
    expect(gist(world.plan("whole"))).toContain("follows both, but live is fill");
  });

  it("keeps what it contracted down in an abort of a later stage, and in one of an earlier one's row", () => {
    const later = at(together, "shadow", "fill", "both", "whole");
    later.abort("whole");
    expect(later.live).toEqual(both.flags);
    later.abort("fill");
    expect(later.live).toEqual(shadow.flags);
    expect(liveStage(together, later.ledger)?.name).toBe("shadow");
    expect(gist(later.plan("both"))).toContain("attempt 1 was stopped by X1");
    expect(gist(later.up("fill"))).toBe("raise");
  });

  it("goes on from nothing that a stranger put there", () => {
    const world = at(together, "shadow", "fill");
    world.entries.push(entry(4, { note: undefined, flags: values(true, false, 0) }));
    world.live = values(true, false, 0);
    for (const name of ["both", "fill"]) expect(gist(world.plan(name))).toContain("cutover did not make");
  });

  it("was on its way when it was aborted: servers may have had either document", () => {
    const world = at(together, "shadow", "fill");
    const note = noteOf({ stage: "both", contracts: ["FILL"] });
    world.entries.push(entry(4, { note, flags: both.flags, state: "rolled-back" }));
    const aborted = noteOf({ kind: "abort", stage: "both", row: "X1" });
    world.entries.push(entry(5, { note: aborted, flags: values(true, false, 0) }));
    world.live = values(true, false, 0);
    expect(causeOf(together, fill, world.ledger)).toBeUndefined();
    for (const name of ["both", "fill"]) expect(gist(world.plan(name))).toBe("raise");
  });
});

describe("a step that only contracts", () => {
  it("is one step forward, and its stage is live, though an earlier one has the same flags", () => {
    const world = at(apart, "shadow", "fill", "filled");
    expect(liveStage(apart, world.ledger)?.name).toBe("filled");
    expect(gist(world.plan("read"))).toBe("raise");
    expect(gist(world.plan("fill"))).toContain("follows shadow, but live is");
  });

  it("is not live where an abort came down to the same flags", () => {
    const world = at(apart, "shadow", "fill");
    world.abort("fill");
    expect(liveStage(apart, world.ledger)?.name).toBe("shadow");
    expect(gist(world.plan("read"))).toContain("follows filled, but live is");
    expect(gist(world.plan("filled"))).toContain("fill");
    expect(gist(world.plan("fill"))).toBe("raise");
  });

  it("is stopped by an abort that lowers nothing: then it starts over, or its predecessor comes up again", () => {
    const world = at(apart, "shadow", "fill", "filled");
    world.abort("filled");
    expect(world.live).toEqual(filled.flags);
    expect(gist(world.plan("read"))).toContain("was stopped");
    expect(gist(world.plan("filled"))).toBe("restart");
    expect(gist(world.up("fill"))).toBe("raise");
    expect(gist(world.plan("read"))).toContain("follows filled, but live is fill");
    world.abort("fill");
    expect(gist(world.plan("read"))).toContain("follows filled");
  });
});

describe("laws", () => {
  const anyAct = fc.record({
    act: fc.constantFrom("up", "up", "up", "abort", "off"),
    to: fc.integer({ min: 0, max: 4 }),
  });
  const anyLife = fc.tuple(fc.constantFrom(apart, together), fc.array(anyAct, { maxLength: 14 }));

  /** Lives a life, and asks after each act. */
  function live(check: (world: World, before: Flags, made: Plan | undefined, name: string) => void): void {
    fc.assert(
      fc.property(anyLife, ([of, acts]) => {
        const world = at(of, "shadow", "fill");
        for (const { act, to } of acts) {
          const { name } = of.stages[to] as Stage;
          const before = world.live;
          const made = act === "up" ? world.up(name) : undefined;
          if (act !== "up") world.abort(name, act === "off" ? "off" : "predecessor");
          check(world, before, made, name);
        }
      }),
      { numRuns: 500 },
    );
  }

  it("an abort raises nothing, and no document is ever unsound", () => {
    live((world, before, made) => {
      if (!made)
        expect(changes(specs, before, world.live).map((one) => one.direction)).not.toContain("raise");
      expect(brokenRequirements(specs, world.live)).toEqual([]);
    });
  });

  it("a step forward lowers only what its stage contracts, and begins at no less than an abort leaves of a neighbour", () => {
    let steps = 0;
    live((world, before, made, name) => {
      if (made?.kind !== "raise") return;
      steps++;
      const one = stageNamed(world.of, name) as Stage;
      const from = predecessorOf(world.of, one) as Stage;
      expect(lowersBeyond(one.contracts ?? [], made.changes)).toEqual([]);
      expect([from, one].some(({ flags }) => isLeftOf(specs, ["FILL"], flags, before))).toBe(true);
    });
    expect(steps).toBeGreaterThan(100);
  });

  it("after an abort there is always a stage to go on with, and never one whose predecessor is not there", () => {
    live((world, before, made) => {
      const next = world.of.stages
        .slice(1)
        .filter(({ name }) => ["raise", "restart"].includes(world.plan(name).kind));
      if (!made && !sameFlags(specs, before, world.live)) expect(next).not.toEqual([]);
      for (const { name } of next) {
        const own = predecessorOf(world.of, stageNamed(world.of, name) as Stage) as Stage;
        if (own !== world.of.stages[0]) expect(causeOf(world.of, own, world.ledger)).toBeUndefined();
      }
    });
  });
});

test("what a promotion's note says that it contracts is held against the documents", () => {
  const world = at(together, "shadow", "fill", "both");
  const [newest, ...others] = world.entries.toReversed() as [LedgerEntry, ...LedgerEntry[]];
  const read = (contracts: string[] | undefined) =>
    heldAgainstFacts(specs, [...others, { ...newest, note: { ...(newest.note as Note), contracts } }])[0];
  expect(read(["FILL"])?.foreign).toBeUndefined();
  for (const said of [undefined, [], ["READ"]])
    expect(read(said)?.foreign).toBe("it says that it promotes, but lowers");
});
