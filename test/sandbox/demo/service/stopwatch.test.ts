import { expect, it } from "vitest";
import { Stopwatch } from "../../../../sandbox/demo/service/stopwatch";

it("counts a pause as long as it was asked for, however late it ends", async () => {
  const stopwatch = new Stopwatch();
  await stopwatch.wait(30);
  const paused = stopwatch.read();
  expect(paused).toBeGreaterThanOrEqual(30);
  for (const until = process.cpuUsage().user + 30_000; process.cpuUsage().user < until; );
  expect(stopwatch.read()).toBeGreaterThan(paused);
});

it("never counts more than has gone by, and never goes back", () => {
  const started = performance.now();
  const stopwatch = new Stopwatch();
  let last = 0;
  for (let time = 0; time < 1_000; time++) {
    const counted = stopwatch.read();
    expect(counted).toBeGreaterThanOrEqual(last);
    expect(counted).toBeLessThanOrEqual(performance.now() - started + 1);
    last = counted;
  }
});
