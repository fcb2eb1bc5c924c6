import { describe, expect, test, vi } from "vitest";
import { unarmedAfter } from "../../../src/promotion/guards";
import type { Unarmed } from "../../../src/rollout/armed";

describe("what may come right by itself", () => {
  const passing: Unarmed = {
    stage: "stageB",
    rows: ["XB3"],
    what: "its probe",
    remedy: "wait",
    passing: true,
  };
  const lasting: Unarmed = { ...passing, passing: false };
  const looks = (...lists: Unarmed[][]) =>
    vi.fn(async () => (lists.length > 1 ? lists.shift() : lists[0]) ?? []);

  test.each<[string, ReturnType<typeof looks>, number, number, Unarmed[]]>([
    ["is waited for", looks([passing], [passing], []), 60_000, 3, []],
    ["is not waited for beside what does not", looks([passing, lasting], []), 60_000, 1, [passing, lasting]],
    ["counts once time is up", looks([passing]), 0, 1, [passing]],
  ])("%s", async (_, look, patience, times, list) => {
    expect(await unarmedAfter(look, { patience, pause: 1 })).toEqual(list);
    expect(look).toHaveBeenCalledTimes(times);
  });
});
