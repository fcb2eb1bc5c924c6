import { describe, expect, it } from "vitest";
import { type Datum, putMetricData } from "../../../../kit/node/src";
import { COUNTERS, Signals } from "../../../../sandbox/demo/ops-view/signals/signals";
import { NOWHERE } from "../service/served";

const AT = new Date("2026-03-01T10:00:00Z");

function drained(signals: Signals): Record<string, Datum> {
  return Object.fromEntries(signals.drain(AT).map((datum) => [datum.MetricName, datum]));
}

describe("Signals", () => {
  it("fills counters and levels with zeros, and values with nothing", () => {
    const data = drained(new Signals(NOWHERE));
    expect(Object.keys(data).sort()).toEqual([...COUNTERS].sort());
    for (const datum of Object.values(data))
      expect(datum).toMatchObject({ Value: 0, StorageResolution: 1, Timestamp: AT });
  });

  it("starts counting anew with each interval", () => {
    const signals = new Signals(NOWHERE);
    signals.count("Queue5xx");
    signals.count("Queue5xx");
    expect(drained(signals).Queue5xx?.Value).toBe(2);
    expect(drained(signals).Queue5xx?.Value).toBe(0);
  });

  it("publishes values with how often each occurred, so that an average is a rate", () => {
    const signals = new Signals(NOWHERE);
    for (const value of [0, 0, 1, 0]) signals.observe("StaleVersion409", value);
    expect(drained(signals).StaleVersion409).toMatchObject({ Values: [0, 1], Counts: [3, 1] });
    expect(drained(signals)).not.toHaveProperty("StaleVersion409");
  });

  it("splits more distinct values than one datum may carry", () => {
    const signals = new Signals(NOWHERE);
    for (let ms = 0; ms < 301; ms++) signals.observe("QueueLatencyMs", ms);
    const data = signals.drain(AT).filter((datum) => datum.MetricName === "QueueLatencyMs");
    expect(data.map((datum) => datum.Values?.length)).toEqual([150, 150, 1]);
  });
});

describe("publishing", () => {
  it("sends after an outage what was gathered during it, in order and none twice", async () => {
    const sent: number[] = [];
    let down = true;
    const client = {
      async send(command: { input: { MetricData: Datum[] } }) {
        if (down) throw new Error("throttled");
        sent.push(command.input.MetricData.find((datum) => datum.MetricName === "Queue5xx")?.Value ?? -1);
      },
    };
    const signals = new Signals({ sink: putMetricData({ namespace: "OpsView", client }), log: () => {} });
    signals.count("Queue5xx");
    await signals.publish();
    await signals.publish();
    expect(signals.status()).toEqual({ waiting: 2, dropped: 0, problem: "Error: throttled" });
    down = false;
    await signals.publish();
    expect(sent).toEqual([1, 0, 0]);
  });
});
