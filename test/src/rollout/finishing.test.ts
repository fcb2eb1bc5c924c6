import { describe, expect, test } from "vitest";
import type { AlarmNow } from "../../../src/aws/alarms";
import type { Known } from "../../../src/aws/known";
import type { LedgerEntry } from "../../../src/flags/ledger";
import { type Finishing, lastStage, problemsOfFinish } from "../../../src/rollout/finishing";
import { plan } from "../../../src/rollout/plan";
import type { Stage } from "../../../src/rollout/rollout";
import { definitionsOf } from "../../../src/rollout/strength/definitions";
import { alarm } from "../../components/rollout";
import {
  again,
  entry,
  ledger,
  note,
  READING,
  rollout,
  sqlGate,
  stageA,
  stageB,
  WRITING,
} from "../../support/build";

const ofBaseline = entry(1, { note: note({ stage: "baseline" }) });
const ofA = entry(2, { note: note({ stage: "stageA" }) });
const ofB = entry(3, { note: note({ stage: "stageB" }) });
const carry = (kind: "finish" | "hold" | "stop" | "release" | "page", stage = "all", number = 4) =>
  entry(number, { note: note({ kind, stage, reason: "it is so", by: "ada" }), configurationVersion: "3" });
const finish = carry("finish");

const row = (changes = {}) => alarm(changes) as Stage["abort"][string];
const rows = { XA1: row(), XA3: row({ action: "page" }) };
const A: Stage = { ...stageA, abort: rows };
const B: Stage = { ...stageB, abort: { XB1: row() }, exit: { F1: sqlGate("F1").definition } };
const ours = (last: Stage = B) => rollout({ stages: [rollout().stages[0], A, last] });

const quiet = (changes: Record<string, AlarmNow> = {}): Known<ReadonlyMap<string, AlarmNow>> => ({
  ok: true,
  value: new Map(
    Object.entries({
      "ops-view-stageA-XA1": { state: "OK" },
      "ops-view-stageB-XB1": { state: "OK" },
      ...changes,
    }),
  ) as ReadonlyMap<string, AlarmNow>,
});
/** Held to what it is held to now. */
const held = (last: Stage = B): Finishing["heldTo"] => ({
  ok: true,
  value: { definitions: definitionsOf(ours(last)), weakened: [] },
});
const settled = { kind: "recorded", attempt: 1, outcome: "settled" } as const;

function problems(
  history: LedgerEntry[],
  { last = B, live = WRITING, ...changes }: Partial<Finishing> & { last?: Stage; live?: typeof WRITING } = {},
): string[] {
  const found = problemsOfFinish({
    rollout: ours(last),
    ledger: ledger(live, history),
    recorded: settled,
    heldTo: held(last),
    open: [],
    alarms: quiet(),
    ...changes,
  });
  return found.map(({ where, what }) => `${where} ${what}`);
}

test("nothing speaks against it where the last stage is live, settled, held by nobody, and all is quiet", () => {
  expect(lastStage(ours()).name).toBe("stageB");
  expect(problems([ofBaseline, ofA, ofB])).toEqual([]);
  expect(problems([ofBaseline, ofA, ofB, carry("page", "stageB")])).toEqual([]);
  // What only pages is no reason to bring anything down.
  expect(
    problems([ofBaseline, ofA, ofB], { alarms: quiet({ "ops-view-stageA-XA3": { state: "ALARM" } }) }),
  ).toEqual([]);
});

describe("it is not finished", () => {
  const up = [ofBaseline, ofA, ofB];
  const abort = entry(4, { note: note({ kind: "abort", stage: "stageB", row: "XB1" }) });
  test.each<[string, string[], RegExp]>([
    [
      "before the last stage is up",
      problems([ofBaseline, ofA], { live: READING }),
      /stageB attempt 1 is not live/,
    ],
    ["after an abort", problems([...up, abort], { live: READING }), /was aborted by XB1/],
    [
      "in an attempt that is not live",
      problems(up, { last: again(B, 2) }),
      /attempt 2 is not live by a promotion/,
    ],
    ["while it is stopped", problems([...up, carry("stop", "stageB")]), /attempt 1 was stopped/],
    ["while every stage is held", problems([...up, carry("hold")]), /is held since/],
    [
      "while an earlier stage is held",
      problems([...up, carry("hold", "stageA")]),
      /stage stageA is held since/,
    ],
    [
      "while something is under way",
      problems([...up, entry(4, { state: "under-way", note: note({ stage: "stageB", attempt: 2 }) })]),
      /deployment 4 \(stageB, attempt 2\) is under way/,
    ],
    [
      "over somebody else's deployment",
      problems([...up, entry(4, { note: undefined })]),
      /live now is deployment 4, which was not made by cutover/,
    ],
    [
      "while its record is of another attempt",
      problems(up, { recorded: { kind: "recorded", attempt: 2, outcome: "settled" } }),
      /nobody knows how its smoke checks came out/,
    ],
    [
      "where its smoke checks took it down",
      problems(up, { recorded: { kind: "recorded", attempt: 1, outcome: "aborted" } }),
      /was taken down by its own smoke checks/,
    ],
    [
      "where its record cannot be read",
      problems(up, { recorded: { kind: "unreadable", why: "locked" } }),
      /locked/,
    ],
    ["without an exit gate", problems(up, { last: { ...B, exit: {} } }), /declares no gate/],
    [
      "while an alarm of an earlier stage rings",
      problems(up, { alarms: quiet({ "ops-view-stageA-XA1": { state: "ALARM", reason: "1 of 1" } }) }),
      /^XA1 its alarm ops-view-stageA-XA1 is in ALARM \(1 of 1\)/,
    ],
    [
      "where an alarm is gone",
      problems(up, { alarms: { ok: true, value: new Map() } }),
      /ops-view-stageA-XA1 is not there/,
    ],
    [
      "where no alarm can be read",
      problems(up, { alarms: { ok: false, why: "AccessDenied", remedy: "" } }),
      /cannot be read: AccessDenied/,
    ],
  ])("%s", (_, found, expected) => {
    expect(found.join("\n")).toMatch(expected);
  });

  test("and everything is told at once", () => {
    const found = problems([...up, carry("hold")], {
      last: { ...B, exit: {} },
      alarms: quiet({ "ops-view-stageB-XB1": { state: "ALARM" } }),
    });
    expect(
      found.filter((line) => /declares no gate|is held|in ALARM/.test(line)).length,
    ).toBeGreaterThanOrEqual(3);
    expect(new Set(found).size).toBe(found.length);
  });
});

describe("of a finished rollout, up", () => {
  const ended = ledger(WRITING, [ofBaseline, ofA, ofB, finish]);
  test.each([A, B])("changes no flag: $name", (stage) => {
    expect(plan(ours(), stage, ended)).toEqual({
      kind: "none",
      why: "finished",
      sentence: "ops-view is finished since 2026-11-04 12:00:00Z, by ada (deployment 4): it is so",
    });
  });

  test.each<[string, Stage, RegExp]>([
    [
      "raises nothing",
      again(B, 2),
      /Nothing is promoted any more: set attempt back to 1\. .*abort -s stageB --reopen/,
    ],
    [
      "lowers nothing",
      { ...A, lower: { reason: "too slow" } },
      /Take lower out\. .*abort -s stageA --reopen/,
    ],
  ])("%s", (_, stage, remedy) => {
    const made = plan(ours(), stage, ended);
    expect(made).toMatchObject({
      kind: "refused",
      problems: [
        { what: expect.stringContaining("is finished since"), remedy: expect.stringMatching(remedy) },
      ],
    });
  });

  test("says of a stage that was never promoted to take it out: there is no attempt to go back to", () => {
    const stageC: Stage = { ...B, name: "stageC", predecessor: "stageB" };
    const more = rollout({ stages: [rollout().stages[0], A, B, stageC] });
    const made = plan(more, stageC, ended);
    expect(made).toMatchObject({
      kind: "refused",
      problems: [{ remedy: expect.stringMatching(/^Take Pulumi\.stageC\.yaml out/) }],
    });
    expect(JSON.stringify(made)).not.toMatch(/back to 0|--reopen/);
  });

  test("is as ever once it is reopened", () => {
    const abort = entry(5, { note: note({ kind: "abort", stage: "stageB" }) });
    const open = ledger(READING, [ofBaseline, ofA, ofB, finish, abort]);
    expect(plan(ours(), B, open)).toMatchObject({ kind: "none", why: "aborted" });
    expect(plan(ours(), again(B, 2), open)).toMatchObject({ kind: "raise" });
  });
});
