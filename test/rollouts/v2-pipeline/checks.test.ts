import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CheckGate } from "../../../src/gates/kinds/check";
import { look } from "../../../src/gates/kinds/check.look";
import { loadRollout } from "../../../src/rollout/load";
import { ownChecks } from "../../../src/rollout/ownChecks";
import { gateAs, gateOf } from "../../support/build";
import { json, standIn } from "../../support/standIn";

const DAY = 86_400_000;
const FOLDER = join(__dirname, "..", "..", "..", "rollouts", "v2-pipeline");
const checks = ownChecks(loadRollout(FOLDER), FOLDER);

async function run(check: string, sunset: unknown, timeScale = 1) {
  const server = await standIn((_, response) => json(response, {}));
  const gate = gateOf("D3", { source: "check", check, timeout: "5s" }).definition as CheckGate;
  const sources = {
    checks,
    service: { url: server.url, tokens: {} },
    sql: undefined,
    parameters: { sunset: sunset as string },
    timeScale,
  };
  return { seen: await look(gateAs(gate), sources), asked: server.asked };
}

describe("sunset-is-ahead", () => {
  test.each<[string, unknown, number, boolean]>([
    ["eight days ahead", 8 * DAY, 1, true],
    ["a week ahead", 7 * DAY + 60_000, 1, true],
    ["six days ahead", 6 * DAY, 1, false],
    ["over", -1, 1, false],
    ["as far ahead as scaled days are long", DAY, 8, true],
    ["not as far ahead as scaled days are long", DAY, 6, false],
  ])("of a sunset that is %s", async (_, ahead, timeScale, holds) => {
    const sunset = new Date(Date.now() + Number(ahead)).toISOString();
    const { seen, asked } = await run("sunset-is-ahead", sunset, timeScale);
    expect(seen).toMatchObject({ kind: "check", holds });
    expect(asked).toEqual([]);
  });
});

test("a sunset that is no time is not ahead", async () => {
  const { seen } = await run("sunset-is-ahead", "soon");
  expect(seen).toEqual({ kind: "check", holds: false, said: "the rollout's parameter sunset is no time" });
});
