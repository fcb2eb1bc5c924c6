import { describe, expect, it, test } from "vitest";
import type { Flags } from "../../../src/flags/flags";
import { doorsOf, doorsThrough, showDoor } from "../../../src/rollout/doors";
import { plan } from "../../../src/rollout/plan";
import type { Rollout } from "../../../src/rollout/rollout";
import {
  again,
  baseline,
  entry,
  flags,
  ledger,
  note,
  OFF,
  READING,
  rollout,
  stage,
  stageA,
  stageB,
  WRITING,
} from "../../support/build";

const BECAUSE = "the memory is gone";
const irreversible = { floor: "stageA", because: BECAUSE };
const door = { ...stageB, formerly: ["writes"], irreversible };
const last = stage("stageC", { predecessor: "stageB", flags: WRITING });
const spec = (one = door): Rollout => rollout({ stages: [baseline, stageA, one, last] });

describe("doorsOf", () => {
  it("knows how far down each door goes, by a stage's name or flag by flag", () => {
    const found = { stage: "stageB", formerly: ["writes"], because: BECAUSE, floor: READING, flags: WRITING };
    expect(doorsOf(spec())).toEqual([found]);
    const floor = { OPS_VIEW_DB_READ: true };
    expect(doorsOf(spec({ ...door, irreversible: { ...irreversible, floor } as never }))).toEqual([found]);
    expect(doorsOf(rollout())).toEqual([]);
  });
});

describe("showDoor", () => {
  it("tells of the door itself, and of no stage before or after it", () => {
    expect(showDoor(spec(), door)).toBe(
      `Once this is promoted there is no way back from stageB (${BECAUSE}): OPS_VIEW_DB_READ true stays, whoever asks.`,
    );
    for (const other of [stageA, last]) expect(showDoor(spec(), other)).toBeUndefined();
  });
});

describe("doorsThrough", () => {
  const MARK = { floor: READING, because: BECAUSE };
  const live = (flags: Flags, doors: string[]) => ({
    flags,
    doors: Object.fromEntries(doors.map((name) => [name, MARK])),
  });
  test.each<[string, Parameters<typeof doorsThrough>[1], ReturnType<typeof live> | undefined, string[]]>([
    ["a stage before the door", stageA, live(OFF, []), []],
    ["the door", door, live(READING, []), ["stageB"]],
    ["a stage after it", last, live(WRITING, []), ["stageB"]],
    ["a stage before it, once it was gone through", stageA, live(READING, ["stageB"]), ["stageB"]],
    ["the same, by its former name", stageA, live(READING, ["writes"]), ["stageB"]],
    ["nothing live", stageA, undefined, []],
    [
      "a stage, once config calls another one irreversible no more",
      last,
      live(WRITING, ["other"]),
      ["stageB"],
    ],
  ])("%s", (_, of, on, expected) => {
    expect(doorsThrough(spec(), of, on).map((one) => one.stage)).toEqual(expected);
  });
});

describe("pulumi up behind a door", () => {
  const history = [
    entry(1, { note: note({ stage: "baseline" }) }),
    entry(2, { note: note({ stage: "stageA" }) }),
    entry(3, { note: note({ stage: "stageB" }) }),
  ];
  const because = { lower: { reason: "writes are lost" } };

  test.each([
    ["with a written reason", { ...again(baseline, 2), ...because }],
    ["without one", again(baseline, 2)],
  ])("goes no lower than its floor, %s", (_, of) => {
    expect(plan(spec(), of, ledger(WRITING, history))).toMatchObject({
      kind: "refused",
      problems: [
        {
          where: "stage baseline",
          what: `would lower flags below their floor: there is no way back from stageB (${BECAUSE}): OPS_VIEW_DB_READ true stays`,
        },
      ],
    });
  });

  it("goes down to the floor", () => {
    const planned = plan(spec(), { ...again(stageA, 2), ...because }, ledger(WRITING, history));
    expect(planned).toMatchObject({ kind: "lower", to: READING });
  });

  it("goes no lower at the floor either, by what the document says it is behind", () => {
    const down = ledger(READING, [
      ...history,
      entry(4, { note: note({ kind: "abort", stage: "stageB", row: "XB1" }) }),
    ]);
    const of = { ...again(baseline, 2), ...because };
    expect(plan(spec(), of, down).kind).toBe("lower");
    const behind = {
      ...down,
      live: {
        ...(down.live as NonNullable<typeof down.live>),
        doors: { stageB: { floor: READING, because: BECAUSE } },
      },
    };
    expect(plan(spec(), of, behind).kind).toBe("refused");
  });

  it("goes anywhere before the door, and where config knows none", () => {
    const of = { ...again(baseline, 2), ...because };
    expect(plan(spec(), of, ledger(READING, history.slice(0, 2))).kind).toBe("lower");
    expect(plan(rollout(), of, ledger(flags(true, true), history)).kind).toBe("lower");
  });
});
