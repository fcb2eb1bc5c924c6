import { describe, expect, it, test } from "vitest";
import type { AlarmSetup } from "../../../src/aws/alarmSetups";
import type { AbortThreshold } from "../../../src/rollout/config/abortRow";
import { askedFor, type Guarding } from "../../../src/rollout/guardFacts";
import { follows } from "../../../src/rollout/signal";
import { facts, HOUR, heardAt, MINUTE, ON_CALL, type Own, ok, row, SWITCH, said, setup } from "./guards";

/** A row alone on its stage, with its alarm as declared. */
const alone = (own: Own, raised = true) => {
  const guarding: Guarding = { stage: { name: "stageB", abort: { XB1: own } }, standing: true, raised };
  const alarms = ok(new Map([["ops-view-stageB-XB1", setup(own)]]));
  return { guarding, alarms };
};
const heard = (...names: string[]) => heardAt(...names.map((name): [Own, number] => [row(name), MINUTE]));
const one = (name: string) => ({ namespace: "OpsView", name, statistic: "Sum" });
const math = (more: Partial<AbortThreshold> = {}) =>
  row("", {
    metric: { metrics: { e: one("Errors"), r: one("Requests") }, expression: "e / r", period: "1m" },
    ...more,
  } as Partial<AbortThreshold>);
const floored = row("Latency", { minSamples: 20, samplesFrom: "Requests" });
const silent = { silentUntilFlip: { heartbeat: "Alive", within: "5m" } } as const;

describe("every metric that a row reads must have had data, by name", () => {
  test.each<[string, Own, boolean, string[], string[]]>([
    ["its own, and what counts its samples", floored, true, ["Latency", "Requests"], []],
    ["what counts its samples is misspelt", floored, true, ["Latency"], ["samplesFrom OpsView Requests"]],
    ["its own is misspelt", floored, true, ["Requests"], ["OpsView Latency"]],
    ["it counts its own samples", row("Latency", { minSamples: 20 }), true, ["Latency"], []],
    ["each of an expression", math(), true, ["Errors", "Requests"], []],
    ["one of an expression is misspelt", math(), true, ["Errors"], ["OpsView Requests"]],
    [
      "what counts the samples of an expression is one of it",
      math({ minSamples: 5, samplesFrom: "r" }),
      true,
      ["Errors"],
      ["OpsView Requests"],
    ],
    [
      "the heartbeat stands for all until the flip",
      row("Latency", { ...floored, ...silent }),
      false,
      ["Alive"],
      [],
    ],
    ["a misspelt heartbeat", math(silent), false, ["Errors", "Requests"], ["the heartbeat OpsView Alive"]],
    [
      "after the flip all that it reads has come",
      row("Latency", { minSamples: 20, samplesFrom: "Requests", ...silent }),
      true,
      ["Latency", "Alive"],
      ["samplesFrom OpsView Requests"],
    ],
  ])("%s", (_, own, raised, names, dead) => {
    const { guarding, alarms } = alone(own, raised);
    expect(said({ alarms, heard: heard(...names) }, [guarding])).toEqual(
      dead.map((name) => `XB1: ${name} has had no data for 3 h`),
    );
    const asked = askedFor({ name: "ops-view" }, [guarding]).metrics.map(({ metric }) => metric.name);
    for (const name of dead) expect(asked).toContain(name.split(" ").at(-1));
    expect(asked).toEqual([...new Set(asked)]);
  });

  it("a misspelt name of what counts is corrected", () => {
    const { guarding, alarms } = alone(floored);
    const listed = new Map([['["OpsView","Requests"]', ok({ dimensions: [], others: ["Request"] })]]);
    expect(said({ ...facts(), alarms, heard: heard("Latency"), listed }, [guarding])).toEqual([
      expect.stringMatching(/^XB1: samplesFrom OpsView Requests has never had data/),
    ]);
  });
});

describe("what an expression takes for nothing while it is silent", () => {
  const filled = math({
    metric: {
      metrics: { e: one("Errors"), r: one("Requests") },
      expression: "FILL(e, 0) / r",
      period: "1m",
    },
  } as Partial<AbortThreshold>);
  const { guarding, alarms } = alone(filled);

  it("may have been silent for months", () => {
    const now = heardAt([row("Errors"), 100 * 24 * HOUR], [row("Requests"), MINUTE]);
    expect(said({ alarms, heard: now }, [guarding])).toEqual([]);
  });

  it("has to have been published once: else it is misspelt, and the row would never fire", () => {
    const listed = new Map([['["OpsView","Errors"]', ok({ dimensions: [], others: ["Error"] })]]);
    expect(said({ alarms, heard: heard("Requests"), listed }, [guarding])).toEqual([
      expect.stringMatching(/^XB1: OpsView Errors has never had data/),
    ]);
  });
});

test("each metric is asked for within the time of its own row", () => {
  const abort = { XB1: row("Seldom", { dataWithin: "10d" }), XB2: row("Often") };
  expect(
    askedFor({ name: "ops-view" }, [{ stage: { name: "stageB", abort }, standing: true, raised: true }])
      .metrics,
  ).toEqual([
    expect.objectContaining({ metric: { namespace: "OpsView", name: "Seldom" }, within: 10 * 86_400_000 }),
    expect.objectContaining({ metric: { namespace: "OpsView", name: "Often" }, within: 3 * 3_600_000 }),
  ]);
});

test.each<[string | undefined, RegExp | undefined]>([
  ["OK", undefined],
  ["ALARM", undefined],
  ["INSUFFICIENT_DATA", /^XB1: the alarm theirs, which it follows, has insufficient data/],
  [undefined, /^XB1: the alarm theirs, which it follows, is not there$/],
])("a row that follows an alarm in the state %s", (state, what) => {
  const own = { title: "Follows", alarm: "theirs", action: "rollback" } as unknown as AbortThreshold;
  const guarding: Guarding = { stage: { name: "stageB", abort: { XB1: own } }, standing: true, raised: true };
  const theirs = { actionsEnabled: true, actions: [], settings: {}, state };
  const alarms = ok(
    new Map<string, AlarmSetup>([
      ["ops-view-stageB-XB1", { ...theirs, actions: [ON_CALL, SWITCH], settings: follows("theirs") }],
      ...(state === undefined ? [] : [["theirs", theirs] as const]),
    ]),
  );
  expect(said({ alarms }, [guarding])).toEqual(what ? [expect.stringMatching(what)] : []);
});
