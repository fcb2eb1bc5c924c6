import { describe, expect, it } from "vitest";
import { aborts } from "../../../cli/preview/aborts";
import type { PreviewView } from "../../../cli/preview/view";
import type { Alarm } from "../../../src/abort/alarm";
import { floorIn } from "../../../src/abort/inForce";
import { page } from "../../../src/abort/pages";
import type { AbortOutcome } from "../../../src/abort/request";
import { staysDown } from "../../../src/rollout/contracted";
import { floorOf, type Stage } from "../../../src/rollout/rollout";
import {
  baseline,
  booleanFlag,
  flags,
  opsFlags,
  READ,
  rollout,
  stageA,
  stageB,
  WRITE,
} from "../../support/build";

const both = { ...stageB, flags: flags(false, true), contracts: [READ] };
const only = { ...stageB, flags: flags(false, false), contracts: [READ] };
const door = { ...both, irreversible: { floor: "stageB", because: "the memory is gone" } };
const of = (stage: Stage) =>
  rollout({ flags: { ...opsFlags, [WRITE]: booleanFlag() }, stages: [baseline, stageA, stage] });

const STAYS = `${READ} false stays down: stageB contracts it, and no abort raises a flag`;
const UP = `${STAYS}. A new attempt of stageB goes on from there, and one of stageA raises it again; either through its gates`;

describe("what stays down after an abort", () => {
  it("is told with how it comes up again, and of no other stage", () => {
    expect([both, only, stageA].map((one) => staysDown(of(one), one))).toEqual([UP, UP, undefined]);
    expect(staysDown(of(stageB), stageB)).toBeUndefined();
  });

  it("is what stays of how far down it goes: nothing where everything goes off, and no more than that from further down", () => {
    expect(staysDown({ ...of(both), abortTo: "off" }, both)).toBeUndefined();
    const more = { ...stageA, name: "more", predecessor: "stageA", flags: flags(true, true) };
    const last = { ...both, predecessor: "more", abortTo: "stageA" };
    const long = { ...of(last), stages: [baseline, stageA, more, last] as never };
    expect(staysDown(long, last)).toBe(STAYS);
    const after = { ...last, name: "after", predecessor: "stageB", contracts: undefined };
    const longer = { ...long, stages: [baseline, stageA, more, last, after] as never };
    expect(staysDown(longer, after)).toBe(STAYS);
    expect(staysDown(longer, { ...after, abortTo: "predecessor" })).toBeUndefined();
  });

  it("is told of no row that goes elsewhere than its stage", () => {
    const config = {
      ...{ rollout: "ops-view", stage: "stageB", attempt: 1, specs: opsFlags, floor: flags(true, false) },
      contracted: UP,
    };
    const alarm = { row: "XB1", title: "Errors", reason: "1 > 0", limit: "0", at: "now", name: "a" } as Alarm;
    const outcome = { before: both.flags, after: only.flags, deployment: 4, stopped: [], ms: 8, attempt: 1 };
    const done = { kind: "lowered", outcome: outcome as unknown as AbortOutcome, followers: [] } as const;
    const says = (more: Partial<Alarm>, step?: { stage: string; to: string }) =>
      page(config, { ...alarm, ...more }, { ...done, step }).text.includes(UP);
    expect(says({ floor: flags(true, false) })).toBe(true);
    expect(says({ previous: { spanMs: 1, floor: {} } }, { stage: "stageB", to: "stageA" })).toBe(true);
    expect(says({ previous: { spanMs: 1, floor: {} } }, { stage: "stageC", to: "stageB" })).toBe(false);
    expect(says({ floor: flags(false, false) })).toBe(false);
    expect(says({ only: [WRITE] })).toBe(false);
  });

  it("is told with no way up where there is no way back", () => {
    expect(staysDown(of(door), door)).toBe(STAYS);
  });

  it("is why nothing goes down where a stage raised nothing", () => {
    const kept = (one: Stage) => floorIn(of(one), one, floorOf(of(one), one)).kept;
    expect(kept(only)).toBe(UP);
    expect(kept(both)).toBeUndefined();
    const gone = { ...only, flags: { ...only.flags, [WRITE]: true } };
    const stages = { ...gone, irreversible: door.irreversible };
    const before = { ...stageA, flags: flags(true, true) };
    const closed = { ...of(stages), stages: [baseline, before, stages] as never };
    expect(floorIn(closed, stages, before.flags).kept).toContain("there is no way back from stageB");
  });

  it("stands in the page, whatever became of the flags", () => {
    const config = { rollout: "ops-view", stage: "stageB", attempt: 1, specs: opsFlags, contracted: UP };
    const alarm = { row: "XB1", title: "Errors", reason: "1 > 0", limit: "0", at: "now", name: "a" } as Alarm;
    const outcome = { before: both.flags, after: only.flags, deployment: 4, stopped: [], ms: 8, attempt: 1 };
    const lowered = { kind: "lowered", outcome: outcome as unknown as AbortOutcome, followers: [] } as const;
    for (const done of [lowered, { kind: "page-only" } as const])
      expect(page(config, alarm, done).text).toContain(UP);
  });

  it("stands in the preview's comment", () => {
    const view = { aborts: [], smoke: ["SB1"], stage: "stageB", contracted: UP } as unknown as PreviewView;
    expect(aborts(view)?.tail.join("\n").replaceAll("\\", "")).toContain("stays down: stageB contracts it");
  });
});
