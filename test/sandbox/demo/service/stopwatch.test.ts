import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { stopwatch } from "../../../../sandbox/demo/service/stopwatch";

it("counts what is waited for, and what is worked", async () => {
  const elapsed = stopwatch();
  await sleep(30);
  const slept = elapsed();
  expect(slept).toBeGreaterThan(10);
  for (const until = process.cpuUsage().user + 30_000; process.cpuUsage().user < until; );
  expect(elapsed()).toBeGreaterThan(slept + 10);
});

it("never counts more than has gone by", () => {
  const started = performance.now();
  const elapsed = stopwatch();
  for (let ms = 0; ms < 1_000; ms++) {
    const counted = elapsed();
    expect(counted).toBeGreaterThanOrEqual(0);
    expect(counted).toBeLessThanOrEqual(performance.now() - started);
  }
});
