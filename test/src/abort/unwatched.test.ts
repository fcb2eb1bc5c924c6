import { expect, test } from "vitest";
import { unwatched } from "../../../src/abort/unwatched";

const stages = new Map([
  ["baseline", { attempt: 1 }],
  ["stageA", { attempt: 1, abort: { XA1: {} } }],
  ["stageB", { attempt: 1, abort: { XB1: {}, XB3: {} } }],
]);
const asked = (...there: string[]) =>
  unwatched("eu-central-1", "ops-view", { stages }, async () => new Set(there));

test.each<[string, string[], string[]]>([
  ["where each alarm is there", ["ops-view-stageA-XA1", "ops-view-stageB-XB1", "ops-view-stageB-XB3"], []],
  ["where one is gone", ["ops-view-stageA-XA1", "ops-view-stageB-XB1"], ["stageB"]],
  ["where none is left", [], ["stageA", "stageB"]],
])("tells the stages that no alarm watches, %s", async (_, there, expected) => {
  expect(await asked(...there)).toEqual({ ok: true, value: expected });
});

test("never throws: what cannot be read is not known", async () => {
  const failing = () => Promise.reject(new Error("AccessDenied"));
  expect(await unwatched("eu-central-1", "ops-view", { stages }, failing)).toMatchObject({
    ok: false,
    why: expect.stringContaining("AccessDenied"),
  });
});
