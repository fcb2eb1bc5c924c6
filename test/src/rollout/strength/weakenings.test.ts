import { describe, expect, it, test } from "vitest";
import type { Rollout } from "../../../../src/rollout/rollout";
import { weakenings } from "../../../../src/rollout/strength/compare";
import { definitionsOf } from "../../../../src/rollout/strength/definitions";
import { read, shipped, type Weakened, weakened } from "./generator";

const NAMES = ["ops-view", "v2-pipeline"] as const;

function rolloutOf(files: Weakened["files"]): Rollout {
  const result = read(files);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.rollout;
}

describe.each(NAMES)("weakenings of %s", (name) => {
  const was = definitionsOf(rolloutOf(shipped(name)));
  const all = weakened(name);

  it("are several hundred", () => {
    expect(all.length).toBeGreaterThan(200);
  });

  it("are each named, or refused as they are loaded", () => {
    let refused = 0;
    const unseen = all.filter(({ files, key }) => {
      const result = read(files);
      if (!result.ok) refused += 1;
      return result.ok && !weakenings(was, definitionsOf(result.rollout)).some((one) => one.key === key);
    });
    console.log(name, all.length, refused);
    expect(unseen.map((one) => `${one.name} (${one.key})`)).toEqual([]);
  });
});
test.todo("x");
