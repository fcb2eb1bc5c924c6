import { beforeEach, expect, it, vi } from "vitest";
import { awaitFilled } from "../../../../src/promotion/filledRows";
import type { AbortThreshold } from "../../../../src/rollout/config/abortRow";
import { type Story, story } from "./story";

/** Lets time pass in the world of a test: whoever sleeps makes it pass. */
let pass: (ms: number) => Promise<void> = async () => {};
vi.mock("node:timers/promises", () => ({ setTimeout: (ms: number) => pass(ms) }));

/** A probe that measures every so many seconds, from now on, and what it measures. */
async function startProbe({ front, put, pass: goOn }: Story, everyS = 10) {
  const probe = { value: 0 };
  let passed = 0;
  pass = async (ms) => {
    for (let second = 0; second < ms / 1_000; second++) {
      await goOn(1);
      vi.setSystemTime(front.now);
      if (++passed % everyS === 0) await put(probe.value);
    }
  };
  await put(probe.value);
  return probe;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  return () => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  };
});

const alarmOf = ({ of, breaching }: { of: number; breaching: number }) => ({
  Statistic: "Maximum" as const,
  EvaluationPeriods: of,
  DatapointsToAlarm: breaching,
  TreatMissingData: "breaching",
});

/** A front at whose clock all of it happens, and that the AWS SDK asks. */
async function begin(): Promise<Story> {
  const told = await story();
  vi.setSystemTime(told.front.now);
  vi.stubEnv("AWS_ENDPOINT_URL", told.front.endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  return told;
}

it("an alarm that is made at a probe's first run goes off by itself where it looks at several periods", async () => {
  const told = await begin();
  await startProbe(told);
  await told.alarm(alarmOf({ of: 3, breaching: 2 }));
  await pass(60_000);
  expect(told.states()).toEqual(["ALARM", "OK"]);
});

/** M of N, when the probe begins within the clock's ten seconds, and how often it measures, in seconds. */
const PROBES = [
  [1, 1, 0, 10],
  [2, 3, 0, 10],
  [2, 3, 9, 10],
  [2, 3, 9, 2],
  [3, 3, 9, 2],
  [1, 4, 0, 10],
  [1, 4, 9, 2],
] as const;

it.each(PROBES)(
  "%d of %d, begun at :0%d and measured each %d s: once that has been waited for it does not, and rings as soon as it should",
  async (breaching, of, second, everyS) => {
    const told = await begin();
    told.front.now += second * 1_000;
    vi.setSystemTime(told.front.now);
    const probe = await startProbe(told, everyS);
    const datapoints = { of, breaching };
    const metric = { namespace: "App", name: "M", statistic: "Maximum", period: "10s" };
    const XB3 = { metric, probe: { query: "select 1" }, missingData: "breaching", datapoints };
    const abort = { XB3: XB3 as unknown as AbortThreshold };
    await awaitFilled({ stage: { name: "stageB", abort }, row: "XB3", region: "us-east-1" }, () => {});
    await told.alarm(alarmOf(datapoints));
    await pass(120_000);
    expect(told.states()).toEqual(["OK"]);
    probe.value = 1;
    await pass(breaching * 10_000);
    expect(told.states()).toEqual(["OK", "ALARM"]);
  },
);
