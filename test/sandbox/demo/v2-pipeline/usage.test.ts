import { expect, test } from "vitest";
import { Signals } from "../../../../sandbox/demo/v2-pipeline/signals";
import { percentsOf, sampler, type Usage, usageNow } from "../../../../sandbox/demo/v2-pipeline/usage";
import { NOWHERE } from "../service/served";

const MB = 1024 * 1024;
const usage = (cpuMicros: number, memoryBytes: number, at: number): Usage => ({ cpuMicros, memoryBytes, at });

test.each<[string, Usage, Usage, { cpu: number; memory: number }]>([
  ["idle", usage(0, 0, 0), usage(0, 0, 100), { cpu: 0, memory: 0 }],
  ["half a core", usage(0, 0, 0), usage(50_000, 512 * MB, 100), { cpu: 50, memory: 50 }],
  ["more than one core", usage(0, 0, 0), usage(250_000, 4096 * MB, 100), { cpu: 100, memory: 100 }],
  ["two looks at once", usage(0, 0, 5), usage(0, 0, 5), { cpu: 0, memory: 0 }],
])("%s", (_, before, now, expected) => {
  expect(percentsOf(before, now)).toEqual(expected);
});

test("each sample is about the time since the one before", () => {
  const looks = [usage(0, 0, 0), usage(10_000, 0, 100), usage(40_000, 0, 200)];
  const signals = new Signals(NOWHERE);
  const sample = sampler(
    signals,
    () => 60,
    () => looks.shift() as Usage,
  );
  sample();
  sample();
  const cpu = signals.drain(new Date(0)).find(({ MetricName }) => MetricName === "CpuPercent");
  expect([cpu?.Values, cpu?.Counts, cpu?.Unit]).toEqual([[70, 90], [1, 1], "Percent"]);
});

test("this very process uses something", () => {
  expect(usageNow().cpuMicros).toBeGreaterThan(0);
  expect(usageNow().memoryBytes).toBeGreaterThan(MB);
});
