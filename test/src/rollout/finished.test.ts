import { describe, expect, it } from "vitest";
import type { LedgerEntry, Note } from "../../../src/flags/ledger";
import { finishOf, showFinish } from "../../../src/rollout/finished";

const entry = (
  deployment: number,
  kind: Note["kind"],
  state: LedgerEntry["state"] = "complete",
  rollout = "ops-view",
): LedgerEntry => ({
  deployment,
  state,
  configurationVersion: "1",
  note: { cutover: 1, rollout, kind, stage: "all", attempt: 1 },
});
const finishIn = (...history: LedgerEntry[]) => finishOf({ name: "ops-view" }, { history })?.deployment;

describe("finishOf", () => {
  it.each<[string, LedgerEntry[], number | undefined]>([
    ["nothing is finished by a promotion", [entry(1, "promote")], undefined],
    ["a finish stands", [entry(2, "finish"), entry(1, "promote")], 2],
    ["the order of the list does not matter", [entry(1, "promote"), entry(2, "finish")], 2],
    ["what carries the flags on leaves it standing", [entry(3, "page"), entry(2, "finish")], 2],
    ["an abort reopens", [entry(3, "abort"), entry(2, "finish")], undefined],
    ["so does the stop of an abort that lowered nothing", [entry(3, "stop"), entry(2, "finish")], undefined],
    [
      "so does an abort that was taken back",
      [entry(3, "abort", "rolled-back"), entry(2, "finish")],
      undefined,
    ],
    ["a promotion that was taken back does not", [entry(3, "promote", "rolled-back"), entry(2, "finish")], 2],
    [
      "one that was taken back finishes nothing",
      [entry(2, "finish", "rolled-back"), entry(1, "promote")],
      undefined,
    ],
    ["one after a reopening finishes anew", [entry(4, "finish"), entry(3, "abort"), entry(2, "finish")], 4],
    [
      "another rollout's does not count",
      [entry(2, "finish", "complete", "other"), entry(1, "promote")],
      undefined,
    ],
  ])("%s", (_, history, expected) => {
    expect(finishIn(...history)).toBe(expected);
  });

  it.each(["promote", "abort", "stop"] as const)(
    "a copied note of another place is somebody else's, and ends nothing: %s",
    (kind) => {
      const copied = entry(3, kind);
      const note = { ...(copied.note as Note), after: 1 };
      expect(finishIn({ ...copied, note }, entry(2, "finish"))).toBe(2);
    },
  );
});

it("shows a finish on one line, whatever its reason holds", () => {
  const reason = "done\u001b[2J\nops-view: all of it is gone";
  const shown = showFinish({ deployment: 2, reason });
  expect([shown.includes("\u001b"), shown.includes("\n")]).toEqual([false, false]);
});
