import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { service } from "../../../../cli/rehearse/derived/levers/service";
import { rowsOf } from "../../../../cli/rehearse/derived/rehearsedRows";
import { PROGRAM } from "../../../../cli/sandbox/project";
import { scriptOf } from "../../../../sandbox/standin/service/script";
import { loadRollout } from "../../../../src/rollout/load";

const rollout = loadRollout(PROGRAM);
const script = scriptOf(rollout, { clock: { now: 0, timeScale: 1 }, answers: {} });

it.each<[string, object]>([
  ["stageA.SA1", { wrong: ["stageA.SA1"] }],
  // SA1 asks the same, and would be found wrong first.
  ["stageA.SA4", { slow: ["stageA.SA4"] }],
  ["stageA.A2", { flags: "stale" }],
])("%s is turned by %j, and mended", async (key, faults) => {
  const fleet = { faults: vi.fn(async () => {}) };
  const lever = service(script, rollout, fleet);
  const row = rowsOf(rollout).find((one) => one.key === key);
  if (!row) throw new Error(`there is no ${key}`);
  expect(lever.can(row)).toBe(true);
  await lever.pull(row);
  await lever.release();
  expect(fleet.faults.mock.calls).toEqual([[faults], [{}]]);
});

it("turns one of the servers alone where each is asked by itself", async () => {
  const each = loadRollout(join(PROGRAM, "rollouts", "examples", "every-server"));
  const fleet = { faults: vi.fn(async () => {}) };
  const asked = scriptOf(each, { clock: { now: 0, timeScale: 1 }, answers: {} });
  const lever = service(asked, each, fleet);
  const row = rowsOf(each).find(({ id }) => id === "V1");
  if (!row) throw new Error("there is no V1");
  expect(lever.can(row)).toBe(true);
  await lever.pull(row);
  await lever.release();
  expect(fleet.faults.mock.calls).toEqual([[{ wrong: ["search.V1"] }, "app-2"], [{}]]);
});
