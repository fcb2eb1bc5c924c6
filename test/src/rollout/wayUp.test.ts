import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Flags, sameFlags, showFlags } from "../../../src/flags/flags";
import { assemble } from "../../../src/rollout/assemble";
import { causeOf } from "../../../src/rollout/cause";
import { rolloutConfig, stageConfig } from "../../../src/rollout/config/stackFile";
import type { Plan } from "../../../src/rollout/plan";
import { liveStage, stands } from "../../../src/rollout/position";
import { predecessorOf, type Rollout, type Stage, stagesUpTo } from "../../../src/rollout/rollout";
import { showProblem } from "../../../src/text/problem";
import { alarm, gist } from "../../support/build";
import { World } from "./world";

const FLAGS = ["A", "B", "C"];
const STAGES = ["s0", "s1", "s2", "s3", "s4"];
const only = (...on: string[]): Flags => Object.fromEntries(FLAGS.map((flag) => [flag, on.includes(flag)]));

const because = "what was before is gone";

const anyDoor = fc.record({ at: fc.nat(3), floor: fc.oneof(fc.nat(3), fc.subarray(FLAGS)) });
const anyRow = fc.record({
  at: fc.nat(3),
  to: fc.oneof(fc.constantFrom("predecessor", "off", "previous"), fc.nat(3)),
  flags: fc.option(fc.subarray(FLAGS, { minLength: 1, maxLength: 2 }), { nil: undefined }),
});

/** Stages that each raise some flags, and contract some: what is contracted stays down. With doors, and rows. */
const anyLine = fc
  .record({
    steps: fc.array(fc.subarray(FLAGS, { minLength: 1 }), { minLength: 2, maxLength: 4 }),
    doors: fc.array(anyDoor, { maxLength: 2 }),
    rows: fc.array(anyRow, { maxLength: 2 }),
  })
  .map(({ steps, doors, rows }) => {
    let on: string[] = [];
    const gone: string[] = [];
    return steps.map((step, index) => {
      const contracts = on.filter((flag) => step.includes(flag));
      const raised = step.filter((flag) => !on.includes(flag) && !gone.includes(flag));
      on = [...on.filter((flag) => !contracts.includes(flag)), ...raised];
      gone.push(...contracts);
      const door = doors.find(({ at }) => at === index);
      const floor = typeof door?.floor === "number" ? STAGES[door.floor + 1] : only(...(door?.floor ?? []));
      const before = STAGES.slice(0, index + 1);
      const abort = rows
        .filter(({ at }) => at === index)
        .map(({ to, flags = [] }, row) => {
          const some = to === "previous" ? [] : flags.filter((flag) => on.includes(flag));
          const down = typeof to === "number" ? before[to % before.length] : to;
          return [
            `X${index}${row}`,
            { ...alarm, to: down, ...(some.length > 0 ? { flags: some } : {}) },
          ] as const;
        });
      return {
        predecessor: STAGES[index],
        flags: only(...on),
        ...(contracts.length > 0 ? { contracts } : {}),
        ...(door ? { irreversible: { because, floor } } : {}),
        abort: Object.fromEntries(abort),
      };
    });
  });

/** The rollout, where these stages load. */
function load(stages: readonly object[]): Rollout | undefined {
  const loaded = assemble(
    [
      {
        stack: "s0",
        rollout: rolloutConfig.parse({
          name: "ops-view",
          flags: Object.fromEntries(FLAGS.map((flag) => [flag, { kind: "boolean" }])),
          topics: { onCall: [{ protocol: "email", endpoint: "on-call@example.com" }] },
        }),
        stage: stageConfig.parse({ flags: only() }),
      },
      ...stages.map((stage, index) => ({
        stack: STAGES[index + 1] as string,
        stage: stageConfig.parse({
          soak: "1h",
          entry: index > 0 ? { [`S${index}`]: { source: "soak", title: "Soaked" } } : {},
          ...stage,
        }),
      })),
    ],
    (stack, path) => [stack, ...path].join(" › "),
  );
  return loaded.ok ? loaded.rollout : undefined;
}

const anyActs = fc.array(
  fc.record({
    act: fc.constantFrom("up", "up", "up", "row", "row", "hand", "all", "lower", "ended"),
    which: fc.nat(5),
  }),
  { maxLength: 12 },
);
type Act = { readonly act: string; readonly which: number };

const steps = (world: World): (readonly [Stage, Plan])[] =>
  world.of.stages.slice(1).map((stage) => [stage, world.plan(stage.name)] as const);
const isStep = ([, { kind }]: readonly [Stage, Plan]) => kind === "raise";

/** Does what is asked for, where it can be done. */
function does(world: World, { act, which }: Act): void {
  const { of } = world;
  const one = of.stages[which % of.stages.length] as Stage;
  const live = liveStage(of, world.ledger);
  if (act === "all") world.abort("all");
  if (act === "lower") world.lower(one.name);
  if (act === "hand" && one !== of.stages[0]) world.abort(one.name, which > 3 ? "off" : "predecessor");
  if (act === "up") {
    const next = steps(world)
      .filter(isStep)
      .at((which % 2) - 1);
    if (next) world.up(next[0].name);
  }
  if (act === "ended") {
    const [next] = steps(world).find(isStep) ?? [];
    const whose = of.stages[1 + (which % (of.stages.length - 1))] as Stage;
    if (next) world.abortUnderWay(next.name, whose.name, { to: which > 3 ? "off" : "predecessor" });
  }
  if (act === "row" && live) {
    const rows = stagesUpTo(of, live).flatMap((owner) =>
      Object.values(owner.abort).map(({ to, flags }) => ({ owner, way: { to, flags, live } })),
    );
    const rang = rows[which % Math.max(1, rows.length)];
    if (rang) world.abort(rang.owner.name, rang.way);
  }
}

/** Goes up by what the plans say, and by the aborts that they print; what they said where that leads nowhere. */
function climbs(world: World): string[] {
  const { of } = world;
  const top = of.stages.at(-1) as Stage;
  const said: string[] = [];
  for (let step = 0; step < 4 * of.stages.length; step++) {
    const isLive = liveStage(of, world.ledger)?.name === top.name;
    if (isLive && sameFlags(of.flags, world.live, top.flags) && !causeOf(of, top, world.ledger)) return [];
    const plans = steps(world);
    const next = plans.findLast(isStep) ?? plans.findLast(([, { kind }]) => kind === "restart");
    said.push(`live: ${showFlags(world.live)}`, ...plans.map(([{ name }, made]) => `${name}: ${gist(made)}`));
    const remedies = plans.flatMap(([, made]) => (made.kind === "refused" ? made.problems : []));
    const printed = /cutover abort -s (\S+) --reason/.exec(remedies.map(showProblem).join("\n"))?.[1];
    if (next) world.up(next[0].name);
    else if (printed) world.abort(printed);
    else break;
  }
  return said;
}

/** Lives lives of rollouts that load. */
function lives(check: (world: World, acts: readonly Act[]) => void): void {
  let loaded = 0;
  fc.assert(
    fc.property(anyLine, anyActs, (stages, acts) => {
      const of = load(stages);
      if (!of) return;
      loaded++;
      check(new World(of), acts);
    }),
    { numRuns: 1_500 },
  );
  expect(loaded).toBeGreaterThan(200);
}

describe("whatever came down, by a row, by hand, behind doors and below contracts", () => {
  it("what is printed leads up to the last stage again", () => {
    lives((world, acts) => {
      for (const act of acts) does(world, act);
      expect(climbs(world)).toEqual([]);
    });
  });

  it("a step forward raises nothing that an earlier stage raises, unless what is raised is its own stage's still", () => {
    lives((world, acts) => {
      for (const act of acts) {
        for (const [stage, made] of steps(world)) {
          if (made.kind !== "raise" || stands(world.of, stage, world.ledger)) continue;
          const before = predecessorOf(world.of, stage) as Stage;
          const raised = made.changes.filter(({ direction }) => direction === "raise");
          for (const { flag, from } of raised) expect([flag, from]).toEqual([flag, before.flags[flag]]);
        }
        does(world, act);
      }
    });
  });

  it("a stage whose turn never came is not live, though a row left just its flags", () => {
    const of = load([
      { predecessor: "s0", flags: only("A"), abort: { X1: { ...alarm, flags: ["A"] } } },
      { predecessor: "s1", flags: only("A", "B") },
      { predecessor: "s2", flags: only("B"), contracts: ["A"] },
      { predecessor: "s3", flags: only("B", "C") },
    ]) as Rollout;
    const world = new World(of);
    for (const name of ["s1", "s2"]) world.up(name);
    world.abort("s1", { flags: ["A"], live: of.stages[2] });
    expect([world.live, liveStage(of, world.ledger)]).toEqual([only("B"), undefined]);
    expect(gist(world.plan("s2"))).toBe(
      'refused: follows s1, but live is no stage (A false, B true, C false) -> Bring down what is left of s1 and the stages after it: cutover abort -s s1 --reason "…". Then promote s1 anew',
    );
    expect(climbs(world)).toEqual([]);
  });

  it("with the stage that an abort names goes the one that contracted it, and what comes after is not gone on to", () => {
    const of = load([
      { predecessor: "s0", flags: only("A") },
      { predecessor: "s1", flags: only("A", "B") },
      { predecessor: "s2", flags: only("A"), contracts: ["B"] },
      { predecessor: "s3", flags: only("A", "C") },
    ]) as Rollout;
    const world = new World(of);
    for (const name of ["s1", "s2", "s3", "s4"]) world.up(name);
    world.abort("s2");
    expect([world.live, liveStage(of, world.ledger)?.name]).toEqual([only("A"), "s1"]);
    expect(gist(world.plan("s4"))).toContain("refused: ");
    expect(gist(world.plan("s2"))).toBe("raise");
    expect(climbs(world)).toEqual([]);
  });

  it("a lowering that left flags of no stage is led out of", () => {
    const of = load([
      { predecessor: "s0", flags: only("A") },
      { predecessor: "s1", flags: only("A", "B") },
      { predecessor: "s2", flags: only("B", "C"), contracts: ["A"] },
    ]) as Rollout;
    const world = new World(of);
    for (const name of ["s1", "s2"]) world.up(name);
    world.lower("s3");
    expect([world.live, liveStage(of, world.ledger)]).toEqual([only("B"), undefined]);
    expect(gist(world.plan("s2"))).toContain("cutover abort -s s1 --reason");
    expect(climbs(world)).toEqual([]);
  });

  it("what a row left of a stranger's flags is led out of", () => {
    const of = load([
      { predecessor: "s0", flags: only("A"), abort: { X1: { ...alarm, to: "off", flags: ["A"] } } },
      { predecessor: "s1", flags: only("A", "B") },
    ]) as Rollout;
    const world = new World(of);
    world.stranger(only("A", "B"));
    world.abort("s1", { to: "off", flags: ["A"], live: of.stages[2] });
    expect(world.live).toEqual(only("B"));
    expect(gist(world.plan("s1"))).toContain("cutover abort --all --reason");
    world.abort("all");
    expect(climbs(world)).toEqual([]);
  });

  it("a stranger's way below a door and back is gone on from by the door's floor", () => {
    const of = load([
      { predecessor: "s0", flags: only("A") },
      { predecessor: "s1", flags: only("A", "B"), irreversible: { because, floor: "s2" } },
      { predecessor: "s2", flags: only("A", "B", "C") },
    ]) as Rollout;
    const world = new World(of);
    for (const name of ["s1", "s2"]) world.up(name);
    world.stranger(only());
    world.stranger(only("A", "B"));
    world.abort("all");
    expect(gist(world.plan("s1"))).toContain("there is no way back from s2");
    expect(gist(world.plan("s2"))).toBe("raise");
    expect(climbs(world)).toEqual([]);
  });

  it("an abort to all off below a contracted pair is gone on from by one step at a time", () => {
    const of = load([
      { predecessor: "s0", flags: only("A") },
      { predecessor: "s1", flags: only("A", "B") },
      { predecessor: "s2", flags: only("B"), contracts: ["A"] },
    ]) as Rollout;
    const world = new World(of);
    for (const name of ["s1", "s2", "s3"]) world.up(name);
    world.abort("s3", "off");
    expect(gist(world.plan("s2"))).toContain("follows s1, but live is s0");
    expect(gist(world.plan("s1"))).toBe("raise");
    expect(climbs(world)).toEqual([]);
  });

  it("what comes before the floor of a door that was gone through is not promoted again", () => {
    const of = load([
      { predecessor: "s0", flags: only("A", "B") },
      { predecessor: "s1", flags: only("B"), contracts: ["A"], irreversible: { because, floor: "s2" } },
      { predecessor: "s2", flags: only("B", "C") },
    ]) as Rollout;
    const world = new World(of);
    for (const name of ["s1", "s2", "s3"]) world.up(name);
    world.abort("all");
    expect(world.live).toEqual(only("B"));
    expect(gist(world.plan("s1"))).toBe(
      "refused: there is no way back to it from s2: what was before is gone -> Go on from s2: pulumi up -s s2, or a stage after it",
    );
    expect(climbs(world)).toEqual([]);
  });
});
