import { beforeEach, expect, test, vi } from "vitest";
import { metricKey } from "../../../src/aws/metricId";
import { periodsHeard } from "../../../src/aws/metrics";
import { awaitFilled } from "../../../src/promotion/filledRows";
import type { AbortThreshold } from "../../../src/rollout/config/abortRow";

vi.mock("../../../src/aws/metrics");
// Waiting takes no time here, but the clock goes on by as much.
vi.mock("node:timers/promises", () => ({
  setTimeout: async (ms: number) => void vi.setSystemTime(Date.now() + ms),
}));

const BEGUN = Date.parse("2026-11-21T12:00:03.000Z");
const PERIOD_MS = 10_000;
const metric = { namespace: "cutover/ops-view", name: "XB3", statistic: "Maximum", period: "10s" };
const rowOf = (datapoints: object, changes: object = {}) => {
  const XB3 = {
    ...{ title: "It diverges", metric, probe: { query: "select 1" }, missingData: "breaching", datapoints },
    ...changes,
  } as unknown as AbortThreshold;
  return { stage: { name: "stageB", abort: { XB3 } }, row: "XB3", region: "eu-central-1" };
};

/** The metric has data in every period from its beginning on, up to so many of them. */
function heard(most = Number.POSITIVE_INFINITY) {
  vi.mocked(periodsHeard).mockImplementation(async () => {
    const count = Math.min(most, Math.floor((Date.now() - BEGUN) / PERIOD_MS) + 1);
    const first = Math.floor(BEGUN / PERIOD_MS) * PERIOD_MS;
    const times = Array.from({ length: count }, (_, at) => first + at * PERIOD_MS);
    return new Map([[metricKey(metric), new Set(times)]]);
  });
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: BEGUN });
  return () => {
    vi.useRealTimers();
    vi.resetAllMocks();
  };
});

test.each([
  [{ of: 1, breaching: 1 }, 0],
  [{ of: 3, breaching: 3 }, 0],
  [{ of: 3, breaching: 2 }, 20],
  [{ of: 5, breaching: 1 }, 50],
])("%j: its alarm is made %d s after the first data", async (datapoints, seconds) => {
  heard();
  const said: string[] = [];
  await awaitFilled(rowOf(datapoints), (line) => void said.push(line));
  const waited = (Date.now() - BEGUN) / 1_000;
  expect(waited).toBeGreaterThanOrEqual(seconds);
  expect(waited).toBeLessThan(seconds + 2);
  expect(said).toHaveLength(seconds === 0 ? 0 : 1);
});

test("says once what it waits for, and how long", async () => {
  heard();
  const said: string[] = [];
  await awaitFilled(rowOf({ of: 3, breaching: 2 }), (line) => void said.push(line));
  expect(said).toEqual([
    "stageB: XB3 waits for data in 3 periods of 10s before its alarm is made, up to 20 s",
  ]);
});

test("a probe that does not go on measuring is told of in time", async () => {
  heard(1);
  await expect(awaitFilled(rowOf({ of: 3, breaching: 2 }), () => {})).rejects.toThrow(
    /^The alarm of XB3 is not made, since it would go off by itself:\n {2}- stageB XB3: its signal has data in 0 of the last 5, .* data in 3 periods of 10s\. Look at the log of the probe of stageB/,
  );
  expect(Date.now() - BEGUN).toBeLessThan(150_000);
});

test("what was measured long ago does not count", async () => {
  const old = BEGUN - 3_600_000;
  vi.mocked(periodsHeard).mockResolvedValue(new Map([[metricKey(metric), new Set([old])]]));
  await expect(awaitFilled(rowOf({ of: 1, breaching: 1 }), () => {})).rejects.toThrow(
    "data in 0 of the last 3",
  );
});

test("what cannot be read has no data", async () => {
  vi.mocked(periodsHeard).mockRejectedValue(new Error("throttled"));
  await expect(awaitFilled(rowOf({ of: 1, breaching: 1 }), () => {})).rejects.toThrow(
    /cannot be read .*: throttled\. Check that this run may call cloudwatch:GetMetricData/,
  );
});

test("nothing is asked where silence does not set the alarm off", async () => {
  await awaitFilled(
    rowOf({ of: 3, breaching: 2 }, { probe: undefined, missingData: "notBreaching" }),
    () => {},
  );
  expect(periodsHeard).not.toHaveBeenCalled();
});
