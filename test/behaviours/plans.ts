import { stageViews } from "../../cli/status/stages";
import { snapshotBeforeWrites } from "../../policies/rules/snapshotBeforeWrites";
import { documentSchema } from "../../src/flags/document";
import { brokenRequirements, type Flags } from "../../src/flags/flags";
import { plan } from "../../src/rollout/plan";
import { floorOf, type Rollout } from "../../src/rollout/rollout";
import { facts, is } from "../cli/status/facts";
import { stageViolations } from "../policies/judge";
import { type Behaviour, type Shipped, same } from "./behaviour";
import { DAY, HOUR, MINUTE, NOW } from "./world/clock";
import { ops, v2 } from "./world/flags";
import { gateBefore, outcomeOf, stageOf } from "./world/gates";
import { ledgerAfter } from "./world/ledger";

/** The stages of a plan, in its order: the flags of each, and how long it is held before the next. */
type Line = readonly (readonly [stage: string, flags: Flags, holdMs: number | undefined])[];

const LINES: Readonly<Record<Shipped, Line>> = {
  "ops-view": [
    ["baseline", ops(false, false), undefined],
    ["stageA", ops(true, false), DAY],
    ["stageB", ops(true, true), 2 * DAY],
  ],
  "v2-pipeline": [
    ["baseline", v2(0), undefined],
    ["percent10", v2(10), DAY],
    ["percent50", v2(50), 2 * DAY],
    ["percent100", v2(100), 7 * DAY],
    ["deprecate-v1", v2(100, true), 7 * DAY],
    ["remove-v1", v2(100, true, true), undefined],
  ],
};
const NAMES = Object.keys(LINES) as Shipped[];

/** The gates of the plans that wait for a hold: before which stage they stand. */
const HOLDS: readonly (readonly [Shipped, id: string, before: string, ms: number])[] = [
  ["ops-view", "B2", "stageB", DAY],
  ["v2-pipeline", "P50", "percent50", DAY],
  ["v2-pipeline", "P100", "percent100", 2 * DAY],
  ["v2-pipeline", "D1", "deprecate-v1", 7 * DAY],
  ["v2-pipeline", "X1", "remove-v1", 7 * DAY],
];

const until = (rollout: Rollout, name: string) =>
  rollout.stages.slice(0, rollout.stages.findIndex((one) => one.name === name) + 1);

const order = (of: Shipped): Behaviour => ({
  rollout: of,
  rows: ["order", "flags", "predecessor", "attempt", "name"],
  title: `order: each stage of ${of} is raised from the one before it, to the plan's flags, and from no other`,
  async run(rollout) {
    const line = LINES[of];
    same(
      rollout.stages.map(({ name }) => name),
      line.map(([name]) => name),
      "the stages",
    );
    same(rollout.name, of, "the name of the rollout");
    for (const [index, [name, flags]] of line.entries()) {
      for (const [from, [live, before]] of line.entries()) {
        const made = plan(rollout, stageOf(rollout, name), ledgerAfter(rollout, until(rollout, live), DAY));
        const raises = from === index - 1;
        same(made.kind === "raise", raises, `whether ${name} is raised from ${live}`);
        if (made.kind === "raise")
          same([sorted(made.from), sorted(made.to)], [sorted(before), sorted(flags)], `the flags of ${name}`);
      }
    }
  },
});

const sorted = (flags: Flags) => Object.entries(flags).sort();

const soaks = (of: Shipped): Behaviour => ({
  rollout: of,
  rows: ["soak", "soaks"],
  title: `soaks: each stage of ${of} soaks as long as the plan holds it`,
  async run(rollout) {
    for (const [name, , holdMs] of LINES[of]) {
      const ledger = ledgerAfter(rollout, until(rollout, name), HOUR);
      const known = await facts(undefined, { rollout, ledger: is(ledger), now: NOW });
      const views = stageViews(known, undefined);
      const ends = views.find((view) => view.name === name)?.soakEnds;
      same(ends && Date.parse(ends), holdMs && NOW - HOUR + holdMs, `when the soak of ${name} is over`);
    }
  },
});

const hold = ([of, id, before, ms]: (typeof HOLDS)[number]): Behaviour => ({
  rollout: of,
  rows: [id],
  title: `${id}: ${before} waits until what is before it has been live for ${ms / HOUR} h, and no longer`,
  async run(rollout) {
    const gate = gateBefore(rollout, before, id);
    // It holds by itself, too, whatever is done to the soak of the stage before it.
    const short = rollout.stages.map((stage) => (stage.soak ? { ...stage, soak: "1h" } : stage));
    const byItself = gateBefore({ ...rollout, stages: short as unknown as Rollout["stages"] }, before, id);
    for (const [liveMs, outcome] of [
      [ms, "pass"],
      [ms - MINUTE, "fail"],
    ] as const)
      for (const one of [gate, byItself])
        same(
          await outcomeOf(one, { rollout, promoted: before, liveMs }),
          outcome,
          `${id} after ${liveMs / HOUR} h`,
        );
  },
});

const requires: readonly Behaviour[] = [
  {
    rollout: "ops-view",
    rows: ["flags", "requires"],
    title: "requires: OPS_VIEW_DB_WRITE is never on without OPS_VIEW_DB_READ",
    async run({ flags }) {
      same(brokenRequirements(flags, ops(false, true)).length, 1, "write without read");
      for (const sound of [ops(false, false), ops(true, false), ops(true, true)])
        same(brokenRequirements(flags, sound), [], `the requirements of ${JSON.stringify(sound)}`);
      same(/OPS_VIEW_DB_READ/.test(documentSchema(flags)), true, "AppConfig's own validator");
    },
  },
  {
    rollout: "ops-view",
    rows: ["flags", "B4", "snapshot"],
    title: "B4: no stage that lets data be written goes up without a snapshot",
    async run(rollout) {
      const [before, stage] = [stageOf(rollout, "stageA"), stageOf(rollout, "stageB")];
      const asked = (snapshot: unknown) =>
        stageViolations(snapshotBeforeWrites, {
          ...{ flagSpecs: rollout.flags, flags: stage.flags, stage: stage.name, snapshot },
          "predecessor.flags": before.flags,
        }).length;
      same(asked(undefined), 1, "stageB without a snapshot");
      same(asked(stage.snapshot), 0, "stageB with the snapshot that it declares");
    },
  },
  {
    rollout: "v2-pipeline",
    rows: ["flags", "requires"],
    title: "requires: v1 is deprecated only once everyone is on v2, and removed only once it is deprecated",
    async run({ flags }) {
      for (const broken of [v2(99, true), v2(50, true, true), v2(100, false, true)])
        same(brokenRequirements(flags, broken).length > 0, true, `that ${JSON.stringify(broken)} is refused`);
      for (const sound of [v2(0), v2(99), v2(100), v2(100, true), v2(100, true, true)])
        same(brokenRequirements(flags, sound), [], `the requirements of ${JSON.stringify(sound)}`);
    },
  },
];

const downTo: Behaviour = {
  rollout: "v2-pipeline",
  rows: ["abortTo"],
  title: "K1: an abort takes everyone back to v1; that of deprecate-v1 undoes it alone",
  async run(rollout) {
    for (const [name] of LINES["v2-pipeline"].slice(1)) {
      const down = name === "deprecate-v1" ? v2(100) : v2(0);
      same(sorted(floorOf(rollout, stageOf(rollout, name))), sorted(down), `how far down ${name} goes`);
    }
  },
};

export const PLANS: readonly Behaviour[] = [
  downTo,
  ...NAMES.map(order),
  ...NAMES.map(soaks),
  ...HOLDS.map(hold),
  ...requires,
];
