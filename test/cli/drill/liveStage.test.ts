import { expect, test } from "vitest";
import { liveStage } from "../../../cli/drill/liveStage";
import type { Note } from "../../../src/flags/ledger";
import type { StoreEntry } from "../../../src/flags/store";

const entry = (kind: Note["kind"], stage: string): StoreEntry => ({
  note: { cutover: 1, rollout: "search", kind, stage, attempt: 1 },
});

test.each<[string, StoreEntry[], string | undefined]>([
  ["was promoted last", [entry("promote", "baseline"), entry("promote", "stageA")], "stageA"],
  [
    "lies below a drill, a hold and what a person saw of another stage",
    [
      entry("promote", "stageA"),
      entry("drill", "stageB"),
      entry("hold", "all"),
      entry("acknowledge", "stageB"),
    ],
    "stageA",
  ],
  ["came of an abort", [entry("promote", "stageB"), entry("abort", "stageB")], "stageB"],
  [
    "was there before one that was rolled back",
    [entry("promote", "stageA"), { ...entry("promote", "stageB"), rolledBack: true }],
    "stageA",
  ],
  ["is not known: somebody else deployed", [entry("promote", "stageA"), {}], undefined],
  ["is not known: there is none", [], undefined],
])("the stage whose flags are live %s", async (_, entries, stage) => {
  const store = { entry: async (deployment: number) => entries[deployment - 1] ?? {} };
  expect(await liveStage(store, entries.length)).toBe(stage);
});
