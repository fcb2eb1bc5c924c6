import { describe, expect, test } from "vitest";
import { runbookCommand } from "../../cli/runbook/run";
import { loadRollout } from "../../src/rollout/load";
import { examples, SAYS } from "./examples";

function runbookOf(folder: string, stage: string): string {
  let printed = "";
  expect(
    runbookCommand({
      folder,
      stage,
      print: (text) => {
        printed += text;
      },
    }),
  ).toBe(0);
  return printed;
}

/** Sentences go over lines as it comes. */
const flowing = (text: string) => text.replace(/\s+/g, " ");

test("every example says what its plan says, and none is missing", () => {
  expect(Object.keys(SAYS).toSorted()).toEqual(examples().map(({ name }) => name));
});

describe.each(examples().map((example) => [example.name, example] as const))("%s", (name, { folder }) => {
  test("loads, under the name of its folder", () => {
    expect(loadRollout(folder).name).toBe(name);
  });

  test("has a runbook for each stage, which says what the plan says", () => {
    const lacking = loadRollout(folder).stages.flatMap(({ name: stage }) => {
      const runbook = flowing(runbookOf(folder, stage));
      const says = (SAYS[name] ?? []).flatMap((said) => (said.stage === stage ? said.says : []));
      return says.filter((words) => !runbook.includes(flowing(words))).map((words) => `${stage}: ${words}`);
    });
    expect(lacking).toEqual([]);
    const stages = loadRollout(folder).stages.map((stage) => stage.name);
    expect(stages).toEqual(expect.arrayContaining((SAYS[name] ?? []).map(({ stage }) => stage)));
  });
});
