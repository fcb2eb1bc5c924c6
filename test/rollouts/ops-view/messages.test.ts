import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { report } from "../../../src/messages/texts";
import { exitGatesOf } from "../../../src/promotion/resolve";
import { loadRollout } from "../../../src/rollout/load";
import { requireStage } from "../../../src/rollout/rollout";

/** The plan's communication plan, word for word: who is told what, and when. */

const rollout = loadRollout(join(__dirname, "..", "..", ".."));
const OPS = ["ops"];
const OPS_AND_STAKEHOLDERS = ["ops", "stakeholders"];
const ALL = ["onCall", "ops", "stakeholders"];

const PLAN: [row: string, stage: string, when: unknown, who: string[], what: string][] = [
  ["C1", "stageA", "before", OPS, "Enabling DB read for operations queue. No user-facing changes expected."],
  ["C2", "stageA", { after: "24h" }, OPS, "Status update: soak metrics summary"],
  [
    "C3",
    "stageB",
    "before",
    OPS_AND_STAKEHOLDERS,
    "Enabling DB writes. Status transitions will persist to database.",
  ],
  ["C4", "stageB", "finish", ALL, "Release announcement: v2.54.1 fully enabled"],
];

describe.each(PLAN)("%s of %s", (row, name, when, who, what) => {
  const { messages } = requireStage(rollout, name);
  const message = messages[row];
  if (!message) throw new Error(`${name} has no ${row}`);

  test("is told at the plan's time, to the plan's recipients, in its words", () => {
    expect(message.when).toEqual(when);
    expect([...message.to].sort()).toEqual(who);
    expect(message.title).toBe(what);
  });

  test("reaches people in these words, uncut, with the release at its head", () => {
    const lived = { since: "2026-11-20T12:00:00.000Z", forMs: 1, flags: {} };
    const { release } = rollout;
    const { subject, text } = report(
      { rollout: rollout.name, release, stage: name, attempt: 1, row, message },
      lived,
      {},
    );
    expect(subject).toBe(`ops-view ${name} ${row}: ${what}`);
    expect(text.split("\n")[0]).toBe(`ops-view ${name} ${row}: ${what}`);
    expect(text).toMatch(/^Release: +v2\.54\.1 of 2026-02-17$/m);
  });
});

test("what is to be summed up, is", () => {
  expect(requireStage(rollout, "stageA").messages.C2?.soakSummary).toBe(true);
  expect(requireStage(rollout, "stageB").messages.C4?.soakSummary).toBe(true);
});

test("C4 is announced at the finish alone, which all of F1 to F5 have to allow", () => {
  const stageB = requireStage(rollout, "stageB");
  expect(stageB.messages.C4).toMatchObject({ when: "finish", soakSummary: true });
  const exit = exitGatesOf(rollout, stageB);
  expect(exit.map(({ id }) => id)).toEqual(expect.arrayContaining(["F1", "F2", "F3", "F4", "F4s", "F5"]));
});
