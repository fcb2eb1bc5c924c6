import { expect, test } from "vitest";
import { toReconcile } from "../../../src/rollout/byHand";
import { loadRollout } from "../../../src/rollout/load";

test("what is typed shows the first hundred rows, and the query has all of them", () => {
  const rollout = loadRollout(".");
  const all = rollout.stages.flatMap((stage) => toReconcile(rollout, stage));
  expect(all.map(({ title }) => title)).toEqual(["What clients were told, and what the database holds"]);
  for (const { query, differing } of all) {
    expect(query).toMatch(/ order by 1$/);
    expect(differing).toMatch(/ order by 1 limit 100'$/);
  }
});
