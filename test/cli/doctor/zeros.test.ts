import { describe, expect, test } from "vitest";
import { type Counting, countingOf, judgeZeros, type Pulse, pulseKey } from "../../../cli/doctor/judge/zeros";
import { loadWritten } from "../../../src/rollout/load";

const { rollout, locate } = loadWritten(`${__dirname}/../../..`);
const NOW = Date.parse("2026-11-29T20:00:00Z");
const MINUTE = 60_000;

const XA1: Counting = {
  group: "Abort rows",
  name: "stageA XA1",
  stage: "stageA",
  where: "Pulumi.stageA.yaml:7 cutover:stage.abort.XA1",
  metric: { namespace: "Search", name: "SearchErrors", statistic: "Sum" },
  period: 60,
  quiet: "the first quiet period sets its alarm off",
};
const IN_TIME = { now: NOW, due: ["stageA"] };

/** Data in each of these minutes ago. */
const ago = (...minutes: number[]): Pulse => ({ at: minutes.map((one) => NOW - one * MINUTE), zero: false });
const judged = (pulse: Pulse | undefined, counting = XA1, at = IN_TIME) =>
  judgeZeros([counting], { ok: true, value: new Map(pulse ? [[pulseKey(counting), pulse]] : []) }, at);

describe("published, but not zero-filled:", () => {
  test.each<[string, Pulse | undefined, boolean]>([
    ["gaps, and never a zero", ago(60, 59, 40, 20, 5), true],
    ["gaps, with a zero in them: the app was down", { ...ago(60, 59, 40, 20, 5), zero: true }, false],
    ["no gap: it may be zero-filled, or never quiet", ago(9, 8, 7, 6, 5, 4, 3), false],
    ["one gap: the app may have been down", ago(30, 29, 28, 10, 9, 8), false],
    ["silence up to now alone: whoever reads it tells of that", ago(90, 89, 88), false],
    ["what CloudWatch may tell only later is no gap", ago(8, 7, 6, 5, 1, 0), false],
    ["no data at all: whoever reads it tells of that", undefined, false],
    ["the same period told twice is one", ago(9, 9, 8, 8, 7), false],
  ])("%s", (_, pulse, told) => {
    expect(judged(pulse).map(({ state }) => state)).toEqual(told ? ["fault"] : []);
  });

  test("says how often it came, what follows, which call of a kit mends it, and where it is written", () => {
    expect(judged(ago(60, 59, 40, 20, 5))).toEqual([
      {
        group: "Abort rows",
        name: "stageA XA1",
        state: "fault",
        what: "Search SearchErrors is published, but not zero-filled: within 3 h it had data in 5 of 56 periods of 1 m, and never a zero; the first quiet period sets its alarm off",
        remedy:
          'See to it that the app publishes it, with a zero where nothing happened: with a kit by metrics.signal("Search"); see "What your app must do" (docs/how-to/your-app.md). If it cannot be, say how seldom it comes: dataWithin',
        where: XA1.where,
      },
    ]);
  });

  test("of a stage whose turn has not come it need not be so yet", () => {
    const [found] = judged(ago(60, 40, 20), XA1, { ...IN_TIME, due: ["baseline"] });
    expect(found).toMatchObject({ state: "later", what: expect.stringMatching(/before stageA goes up$/) });
  });

  test("what cannot be read is not known, and told once", () => {
    const unread = { ok: false, why: "access denied", remedy: "Give these credentials the right" } as const;
    expect(judgeZeros([XA1, { ...XA1, name: "stageA XA2" }], unread, IN_TIME)).toEqual([
      expect.objectContaining({ state: "unknown", name: "zeros", remedy: unread.remedy }),
    ]);
    expect(judgeZeros([], unread, IN_TIME)).toEqual([]);
  });

  test("longer periods are held to their own length", () => {
    const five = { ...XA1, period: 300 };
    expect(judged(ago(60, 55, 50, 45, 40), five)).toEqual([]);
    expect(judged(ago(60, 45, 30), five)).toMatchObject([{ state: "fault" }]);
  });
});

describe("which metrics have to be there in silence", () => {
  const stageA = rollout.stages.find(({ name }) => name === "stageA");
  if (!stageA) throw new Error("stageA");
  const metric = { namespace: "App", name: "Errors", statistic: "Sum", period: "10s" } as const;
  const row = {
    title: "Errors",
    metric,
    threshold: { gt: 0 },
    datapoints: { of: 1, breaching: 1 },
    missingData: "notBreaching",
    action: "page",
  };
  const math = {
    metrics: {
      errors: { namespace: "App", name: "Errors", statistic: "Sum" },
      latency: { namespace: "App", name: "Latency", statistic: "p95" },
    },
    period: "5m",
  };
  const read = (more: object, raised: string[] = []) =>
    countingOf(
      {
        ...rollout,
        stages: [{ ...stageA, entry: {}, smoke: {}, exit: {}, abort: { X1: { ...row, ...more } } }],
      } as never,
      raised,
      locate,
    ).map(({ metric: { name }, period }) => `${name} ${period}`);

  test.each<[string, object, string[]]>([
    ["a sum, by the minute at the finest", {}, ["Errors 60"]],
    ["a sample count", { metric: { ...metric, statistic: "SampleCount" } }, ["Errors 60"]],
    ["no percentile: in silence it has no value", { metric: { ...metric, statistic: "p95" } }, []],
    ["no level", { metric: { ...metric, statistic: "Maximum" } }, []],
    ["none of AWS's own", { metric: { ...metric, namespace: "AWS/Lambda" } }, []],
    ["none that says how seldom it comes", { dataWithin: "7d" }, []],
    ["none that is silent until the flip", { silentUntilFlip: { heartbeat: "Alive", within: "5m" } }, []],
    ["counters of an expression", { metric: { ...math, expression: "errors / latency" } }, ["Errors 300"]],
    ["none that fills its gaps by itself", { metric: { ...math, expression: "FILL(errors, 0)" } }, []],
    ["what counts the samples", { minSamples: 9, samplesFrom: "Requests" }, ["Errors 60", "Requests 60"]],
    ["no hours: too few of them are looked at", { metric: { ...metric, period: "1h" } }, []],
  ])("%s", (_, more, expected) => {
    expect(read(more)).toEqual(expected);
  });

  test("once its flags are up, a row's own metric has to be there", () => {
    expect(read({ silentUntilFlip: { heartbeat: "Alive", within: "5m" } }, ["stageA"])).toEqual([
      "Errors 60",
    ]);
  });

  test("gates that count, unless they say which gaps they take", () => {
    const gate = { title: "Errors", source: "metric", namespace: "App", name: "Errors", statistic: "Sum" };
    const own = { ...gate, window: "1h", minSamples: 1, expect: { lte: 0 } };
    const found = (more: object) =>
      countingOf(
        {
          ...rollout,
          stages: [{ ...stageA, entry: {}, exit: {}, abort: {}, smoke: { M1: { ...own, ...more } } }],
        } as never,
        [],
        locate,
      ).map(({ group, name, period }) => `${group} ${name} ${period}`);
    expect(found({})).toEqual(["Gates stageA M1 60"]);
    expect(found({ every: "5m" })).toEqual(["Gates stageA M1 300"]);
    expect(found({ gaps: { atMost: "1%", heartbeat: "Alive" } })).toEqual([]);
  });
});
