import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rehearse } from "../../cli/rehearse/run";
import type { Rehearsal } from "../../cli/rehearse/timeline";
import { loadRollout } from "../../src/rollout/load";
import { examples } from "./examples";

const DAY_MS = 86_400_000;

/** One a day, in turn; all of them, or one by its name, where `CUTOVER_EXAMPLES` says so. */
function chosen() {
  const all = examples();
  const asked = process.env.CUTOVER_EXAMPLES;
  if (asked === "all") return all;
  if (asked !== undefined) return all.filter(({ name }) => name === asked);
  return all.filter((_, at) => at === Math.floor(Date.now() / DAY_MS) % all.length);
}

test("there is one to rehearse", () => {
  expect(chosen()).not.toEqual([]);
});

/** Only a rehearsal that hangs ever takes as long. */
test.each(chosen())(
  "$name is rehearsed by its stack files alone",
  { timeout: 1_200_000 },
  async ({ name, folder }) => {
    expect(await rehearse({ cwd: folder })).toBe(0);
    const file = join(folder, ".cutover", "rehearsal.json");
    const { ok, rollout, steps } = JSON.parse(readFileSync(file, "utf8")) as Rehearsal;
    expect({ ok, rollout }).toEqual({ ok: true, rollout: name });
    // Every stage went up, and one that was aborted went up once more.
    const promoted = steps.filter(({ outcome }) => outcome === "promoted").map(({ stack }) => stack);
    expect(promoted).toEqual(
      expect.arrayContaining(
        loadRollout(folder)
          .stages.slice(1)
          .map((stage) => stage.name),
      ),
    );
  },
);
