import { describe, expect, it, test } from "vitest";
import { markdownOf } from "../../../cli/preview/markdown";
import { viewOf } from "../../../cli/preview/view";
import { DOOR_GATE, doorGate } from "../../../src/rollout/doors";
import { type Rollout, requireStage } from "../../../src/rollout/rollout";
import { redactor } from "../../../src/text/redact";
import { entry, flags, ledger, note } from "../../support/build";
import { at, factsOf, HOUR, NOON, opsView, type Situation, WEAKER } from "./facts";

const redact = redactor({ secrets: [], hosts: [] });
const irreversible = { floor: "stageB", because: "what servers kept in memory is gone" };
const stageB = requireStage(opsView, "stageB");
const { XB1 } = stageB.abort;
if (!XB1) throw new Error("XB1 is not declared");

/** Stage B as a door; XB1 leaves everything where it is. */
function withDoor(more: Partial<typeof stageB> = {}): Rollout {
  const door = {
    ...stageB,
    irreversible,
    entry: { [DOOR_GATE]: doorGate(irreversible), ...stageB.entry },
    abort: { ...stageB.abort, XB1: { ...XB1, whenIrreversible: "freeze" as const } },
    ...more,
  };
  const stages = opsView.stages.map((stage) => (stage.name === "stageB" ? door : stage));
  return { ...opsView, stages: stages as never };
}

const live = (deployment: number, hoursAgo: number, spec = {}) =>
  entry(deployment, { completedAt: at(NOON - hoursAgo * HOUR), note: note(spec) });
const behindA = ledger(flags(true, false), [live(1, 100, { stage: "baseline" }), live(2, 30)]);

function shown(situation: Partial<Situation>) {
  const view = viewOf(factsOf({ rollout: withDoor(), ledger: behindA, ...situation }), redact);
  return { view, comment: markdownOf(view) };
}

describe("a raise through a door", () => {
  it("says first that there is no way back, why, and what stays; before what is weaker", () => {
    const { view, comment } = shown({ strength: WEAKER });
    expect(view.irreversible).toEqual({
      because: irreversible.because,
      floor: { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: true },
    });
    expect(comment.split("\n")[1]).toMatch(/`stageB`: no way back; /);
    const headings = comment.split("\n").filter((line) => line.startsWith("### "));
    expect(headings[0]).toBe("### 🚪 There is no way back from `stageB`");
    expect(headings[1]).toMatch(/Weaker than before/);
    expect(comment).toContain(
      "**what servers kept in memory is gone.** From its flip on no abort, rollback or lowering goes below `OPS_VIEW_DB_READ` true, `OPS_VIEW_DB_WRITE` true, whoever asks.",
    );
  });

  it("says the same where it is refused, and nothing of it where the stage is live already", () => {
    const old = ledger(flags(false, false), [live(1, 100, { stage: "baseline" })]);
    const { view, comment } = shown({ ledger: old });
    expect(view.kind).toBe("refused");
    expect(comment.indexOf("no way back")).toBeLessThan(comment.indexOf("What speaks against it"));
    const on = ledger(flags(true, true), [live(1, 100), live(3, 1, { stage: "stageB" })]);
    expect(shown({ ledger: on }).view).toMatchObject({ kind: "none", irreversible: undefined });
    expect(shown({ stage: "stageA", ledger: old }).view.irreversible).toBeUndefined();
  });

  it("shows the sign-off that is missing for it, with what to paste", () => {
    const none = { kind: "failure" as const, failure: "no-data" as const, message: "nobody has signed it" };
    const { comment } = shown({ seen: { [DOOR_GATE]: none } });
    expect(comment).toMatch(/`irreversible`.* There is no way back from this stage, and that is meant/);
    expect(comment).toMatch(/ {6}irreversible:\n {8}by: ""/);
  });
});

describe("what happens by itself behind a door", () => {
  const line = (comment: string, row: string) =>
    comment.split("\n").find((one) => one.startsWith(`| \`${row}\``)) ?? "";

  test.each([
    [
      "a row that freezes",
      "XB1",
      /freezes every flag where it is, and holds the rollout: there is no way back/,
    ],
    [
      "a row that reverts",
      "XB2",
      /lowers nothing \(reverts to the floor\): there is no way back from stageB/,
    ],
    ["a row that only pages", "XA3", /pages on-call; the flags stay/],
  ])("%s: it says how soon people know, and promises no flag", (_, row, words) => {
    const said = line(shown({}).comment, row);
    expect(said).toMatch(words);
    expect(said).toMatch(/to the page \|$/);
  });

  it("a smoke check that fails stops the attempt and pages on-call, and takes down no more than the floor", () => {
    const { view, comment } = shown({});
    expect(view.smokeKept).toMatch(/^there is no way back from stageB/);
    expect(comment).toMatch(/One that fails stops the attempt and pages on-call: there is no way back/);
    const { comment: before } = shown({ rollout: opsView });
    expect(before).toContain("One that fails takes the flags down again.");
    expect(before).not.toMatch(/no way back|reverts to the floor|freezes/);
  });
});
