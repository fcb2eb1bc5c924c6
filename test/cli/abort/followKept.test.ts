import { expect, test } from "vitest";
import { followOutcome } from "../../../cli/abort/follow";
import { followable } from "../../../src/abort/follow";
import type { AbortOutcome } from "../../../src/abort/request";

const GONE = { V2_ROLLOUT_PERCENT: 100, V1_REMOVED: true, BANNER: false };
const kept =
  "there is no way back from remove-v1 (v1 is gone): V2_ROLLOUT_PERCENT 100 %, V1_REMOVED true stay";
const outcome = (changes: Partial<AbortOutcome>): AbortOutcome => ({
  ...{
    before: GONE,
    after: GONE,
    attempt: 1,
    recorded: 4,
    served: 4,
    stopped: [],
    ms: 1,
    why: "at the floor",
  },
  ...changes,
});

test.each<[string, Partial<AbortOutcome>, ReturnType<typeof followable>]>([
  ["all flags down already, and none kept", {}, "all"],
  ["all flags kept", { kept }, "nothing"],
  ["some kept, one lowered", { kept, before: { ...GONE, BANNER: true } }, "servers"],
  ["some kept, and unknown what was up", { kept, before: undefined }, "servers"],
])("%s", (_, changes, what) => {
  expect(followable(outcome(changes))).toBe(what);
});

test("where an irreversible stage kept all, says so at once and waits for nothing", async () => {
  const lines: string[] = [];
  await followOutcome(outcome({ kept }), {
    ...{ rollout: "v2-pipeline", region: "eu-central-1", folder: "/nowhere" },
    print: (line) => lines.push(line),
  });
  expect(lines).toEqual([`Nothing to follow: no flag went down. ${kept}`]);
});

test("where some went down, says what is kept before it looks at servers", async () => {
  const lines: string[] = [];
  await followOutcome(outcome({ kept, before: { ...GONE, BANNER: true } }), {
    ...{ rollout: "v2-pipeline", region: "eu-central-1", folder: "/nowhere" },
    print: (line) => lines.push(line),
  });
  expect(lines[0]).toBe(`Servers alone are followed, since not every flag went down. ${kept}`);
  expect(lines[1]).toMatch(/^Not followed: the stack files of v2-pipeline cannot be read/);
});
