import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { alsoTurned, canTurn } from "../../../../sandbox/standin/service/script";
import { loadRollout } from "../../../../src/rollout/load";
import type { Rollout } from "../../../../src/rollout/rollout";
import { type Served, serve } from "./served";

const ROOT = join(__dirname, "..", "..", "..", "..");

/** How each row comes out, by its name, while its own stage is live. */
async function outcomes({ script, live, outcome }: Served): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const row of script.plan.rows) {
    live({ flags: row.flags });
    found[row.row] = await outcome(row);
  }
  return found;
}

/** The same with a minute for each answer: how fast this machine is decides nothing. */
function patient(rollout: Rollout): Rollout {
  const text = JSON.stringify(rollout, (name, value) => (name === "within" ? "1m" : value));
  return JSON.parse(text) as Rollout;
}

const failing = (found: Readonly<Record<string, string>>) =>
  Object.keys(found).filter((row) => found[row] !== "pass");

describe.each([
  ["ops-view", ROOT, 9],
  ["v2-pipeline", join(ROOT, "rollouts", "v2-pipeline"), 3],
])("%s", (_, folder, rows) => {
  test("is answered so that every gate passes, and every known-bad probe fails", async () => {
    const served = await serve(patient(loadRollout(folder)));
    const found = await outcomes(served);
    expect(served.script.problems).toEqual([]);
    expect(Object.keys(found)).toHaveLength(rows);
    expect(failing(found)).toEqual([]);
    for (const row of served.script.plan.rows)
      expect(["fail", undefined]).toContain(await served.probed(row));
  });

  test("has one row wrong, and no others but those that ask the same", async () => {
    const served = await serve(patient(loadRollout(folder)));
    const { script } = served;
    expect(canTurn(script, "wrong")).toEqual(script.plan.rows.map(({ row }) => row));
    for (const { row } of script.plan.rows) {
      await served.faults({ wrong: [row] });
      const found = await outcomes(served);
      expect(failing(found).sort(), row).toEqual([row, ...alsoTurned(script, row)].sort());
      expect(found[row], row).toBe("fail");
    }
    await served.faults({});
    expect(failing(await outcomes(served))).toEqual([]);
  });

  test("answers by what queries say at the moment", async () => {
    for (const known of [1, 40])
      expect(failing(await outcomes(await serve(patient(loadRollout(folder)), known)))).toEqual([]);
  });
});

test("a row is slow where it allows a time", async () => {
  const served = await serve(loadRollout(ROOT));
  expect(canTurn(served.script, "slow")).toEqual(["stageA.SA4"]);
  await served.faults({ slow: ["stageA.SA4"] });
  const found = await outcomes(served);
  expect(found["stageA.SA4"]).toBe("fail");
  expect(failing(found)).toEqual(["stageA.SA4"]);
});

test("rows that ask the same may be wrong together, in any order", async () => {
  const served = await serve(patient(loadRollout(ROOT)));
  for (const wrong of [
    ["stageA.SA4", "stageA.SA1"],
    ["stageA.SA1", "stageA.SA4"],
  ]) {
    await served.faults({ wrong });
    const found = await outcomes(served);
    expect(wrong.map((row) => found[row])).toEqual(["fail", "fail"]);
  }
});
