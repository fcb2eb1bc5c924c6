import { describe, expect, test } from "vitest";
import { percentage, simulate } from "../../../support/soaks";

/** A day of requests at random, log-normal latency: see `support/soaks`. Seeded: the same soaks every time; a thousand a cell are in the bench. */
describe("of simulated soaks of a day, held to a p95 below 500 ms", () => {
  test.each([
    [1, 40],
    [5, 20],
    [20, 10],
    [100, 3],
  ])("at %d requests a minute, %d times", (perMinute, runs) => {
    const passing = (p95: number) => percentage(simulate({ p95, perMinute, runs, seed: 14 }), "pass");
    const failing = (p95: number) => percentage(simulate({ p95, perMinute, runs, seed: 14 }), "fail");
    expect(passing(300)).toBeGreaterThanOrEqual(99);
    expect(failing(700)).toBeGreaterThanOrEqual(99);
    if (perMinute >= 20) expect(failing(520)).toBeGreaterThanOrEqual(95);
  });
});
