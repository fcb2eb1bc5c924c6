import { beforeEach, expect, test, vi } from "vitest";
import { metricKey } from "../../../src/aws/metricId";
import { lastHeard } from "../../../src/aws/metrics";
import type { Verdict } from "../../../src/gates/judge";
import { awaitSilentRows } from "../../../src/promotion/silentRows";
import type { Situation } from "../../../src/promotion/sources";
import type { AbortThreshold } from "../../../src/rollout/config/abortRow";
import { stageB } from "../../support/build";

vi.mock("../../../src/aws/metrics");
// Waiting takes no time here, but the clock goes on by as much.
vi.mock("node:timers/promises", () => ({
  setTimeout: async (ms: number) => void vi.setSystemTime(Date.now() + ms),
}));

const FLIP = Date.parse("2026-11-21T12:00:00.000Z");
const metric = { namespace: "OpsView", name: "Write5xx", statistic: "Sum", period: "10s" };
const XB1 = {
  title: "Writes fail",
  metric,
  silentUntilFlip: { heartbeat: "Requests", within: "5m" },
} as unknown as AbortThreshold;
const situation = (abort: Record<string, AbortThreshold>, timeScale = 1) =>
  ({ stage: { ...stageB, abort }, settings: { region: "eu-central-1", timeScale } }) as unknown as Situation;
const quiet = async () => undefined;
/** The metric is heard from then on, so many seconds after the flip. */
const heardFrom = (after: number) =>
  vi.mocked(lastHeard).mockImplementation(async () => {
    const at = FLIP + after * 1_000;
    return new Map(Date.now() >= at ? [[metricKey(metric), at]] : []);
  });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: FLIP });
  return () => {
    vi.useRealTimers();
    vi.resetAllMocks();
  };
});

test.each<[string, number, number, string | undefined]>([
  ["comes at once", 0, 1, undefined],
  ["comes within its time", 290, 1, undefined],
  ["comes too late", 310, 1, "inconclusive"],
  ["was heard before the flip alone", -5, 1, "inconclusive"],
  ["comes in half a minute, however fast time is scaled", 20, 3_600, undefined],
  ["does not", 40, 3_600, "inconclusive"],
])("a metric that was silent until the flip %s", async (_, after, timeScale, outcome) => {
  heardFrom(after);
  const verdict = await awaitSilentRows(situation({ XB1 }, timeScale), FLIP, quiet);
  expect(verdict?.outcome).toBe(outcome);
  if (outcome) expect(verdict).toMatchObject({ gate: "XB1", observed: expect.stringContaining("Write5xx") });
});

test("what FILL takes for nothing need not come, and the rest of its expression has to", async () => {
  const errors = { ...metric, name: "Errors" };
  const source = { metrics: { e: errors, w: metric }, expression: "FILL(e, 0) / w", period: "1m" };
  const row = { ...XB1, metric: source } as unknown as AbortThreshold;
  heardFrom(20);
  expect(await awaitSilentRows(situation({ XB1: row }), FLIP, quiet)).toBeUndefined();
  heardFrom(1_000);
  vi.setSystemTime(FLIP);
  expect(await awaitSilentRows(situation({ XB1: row }), FLIP, quiet)).toMatchObject({ gate: "XB1" });
});

test("data are told as finely as time is scaled, and by the minute on a real clock", async () => {
  heardFrom(0);
  const row = { ...XB1, metric: { ...metric, period: "5m" } } as AbortThreshold;
  for (const timeScale of [1, 3_600]) await awaitSilentRows(situation({ XB1: row }, timeScale), FLIP, quiet);
  expect(vi.mocked(lastHeard).mock.calls.map(([, , { period }]) => period)).toEqual([60, 10]);
});

test("a metric that cannot be read has not come", async () => {
  vi.mocked(lastHeard).mockRejectedValue(new Error("throttled"));
  expect(await awaitSilentRows(situation({ XB1 }), FLIP, quiet)).toMatchObject({ gate: "XB1" });
});

test("what comes after the flip meanwhile counts at once", async () => {
  heardFrom(1_000);
  const spoken = { gate: "ledger", outcome: "fail" } as Verdict;
  expect(await awaitSilentRows(situation({ XB1 }), FLIP, async () => spoken)).toBe(spoken);
});

test("nothing is asked where no row is silent", async () => {
  const { silentUntilFlip: _, ...row } = XB1;
  expect(await awaitSilentRows(situation({ XB1: row as AbortThreshold }), FLIP, quiet)).toBeUndefined();
  expect(lastHeard).not.toHaveBeenCalled();
});
