import fc from "fast-check";
import { expect, test } from "vitest";
import { Snapshot } from "../../../../kit/node/src/snapshot";
import { ALL_OFF, DECLARED } from "../../../../sandbox/demo/v2-pipeline/flags";
import { Landings } from "../../../../sandbox/demo/v2-pipeline/landings";
import { pipelineFor, pipelineOf } from "../../../../sandbox/demo/v2-pipeline/routing";

const percent = fc.integer({ min: 0, max: 100 });
const user = fc.string({ minLength: 1 });

test("a user on v2 at one percentage is on v2 at every higher one", () => {
  fc.assert(
    fc.property(user, percent, percent, (who, a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      if (pipelineFor(who, low) === "v2") expect(pipelineFor(who, high)).toBe("v2");
    }),
  );
});

test("nobody is on v2 at 0 %, and everybody at 100 %", () => {
  fc.assert(
    fc.property(user, (who) => {
      expect([pipelineFor(who, 0), pipelineFor(who, 100)]).toEqual(["v1", "v2"]);
    }),
  );
});

test("of many users about so many percent are on v2", () => {
  const users = Array.from({ length: 10_000 }, (_, index) => `user-${index}`);
  for (const share of [10, 50, 90]) {
    const onV2 = users.filter((who) => pipelineFor(who, share) === "v2").length / 100;
    expect(Math.abs(onV2 - share)).toBeLessThan(2);
  }
});

test("servers route as who looks from outside expects", () => {
  fc.assert(
    fc.property(user, percent, (who, share) => {
      const now = new Snapshot(DECLARED, { ...ALL_OFF, V2_ROLLOUT_PERCENT: share }, "1");
      expect(pipelineOf(now, who)).toBe(pipelineFor(who, share));
    }),
  );
});

test("traffic's log tells users who were taken back to v1, and no others", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ user, at: fc.nat(), percent }), { maxLength: 50 }), (list) => {
      const log = new Landings();
      for (const one of list) log.add({ ...one, pipeline: pipelineFor(one.user, one.percent) });
      expect(log.report().takenBack).toEqual([]);
      expect(log.report().imports).toBe(list.length);
    }),
  );
  const log = new Landings();
  log.add({ user: "ada", at: 1, pipeline: "v2", percent: 10 });
  // After a rollback that is as it should be.
  log.add({ user: "ada", at: 2, pipeline: "v1", percent: 0 });
  expect(log.report().takenBack).toEqual([]);
  const back = { user: "ada", at: 3, pipeline: "v1", percent: 50 } as const;
  log.add(back);
  log.add(undefined);
  expect(log.report()).toEqual({
    imports: 3,
    unanswered: 1,
    byPipeline: { v1: 2, v2: 1 },
    takenBack: [back],
  });
});
