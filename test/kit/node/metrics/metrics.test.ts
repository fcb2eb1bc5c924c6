import { describe, expect, it, vi } from "vitest";
import { type Datum, Metrics, openMetrics, type Sink } from "../../../../kit/node/src";
import { Unsendable } from "../../../../kit/node/src/metrics/datum";

const AT = new Date("2026-03-01T10:00:00Z");

const names = {
  counters: ["Complaints"],
  values: { CpuPercent: "Percent" },
  levels: ["Divergence"],
} as const;

/** A service that takes data, refuses them, or never answers. */
class Service implements Sink {
  how: "takes" | "fails" | "refuses" | "silent" = "takes";
  periods: (readonly Datum[])[] = [];
  closed = 0;
  signal: AbortSignal | undefined;

  async send(data: readonly Datum[], signal: AbortSignal): Promise<void> {
    this.signal = signal;
    if (this.how === "fails") throw new Error("throttled");
    if (this.how === "refuses") throw new Unsendable("no such unit");
    if (this.how === "silent") return new Promise(() => {});
    this.periods.push(data);
  }
  close() {
    this.closed += 1;
  }
}

function opened(service = new Service()) {
  const said: string[] = [];
  const metrics = new Metrics({ ...names, sink: service, log: (line) => said.push(line) });
  return { metrics, service, said };
}

const byName = (data: readonly Datum[]) => Object.fromEntries(data.map((datum) => [datum.MetricName, datum]));

describe("metrics", () => {
  it("are zeros in silence, of high resolution; values have none", () => {
    const { metrics } = opened();
    metrics.signal("Search");
    const data = byName(metrics.drain(AT));
    expect(Object.keys(data).sort()).toEqual(["Complaints", "Divergence", "SearchErrors", "SearchRequests"]);
    for (const datum of Object.values(data))
      expect(datum).toMatchObject({ Value: 0, StorageResolution: 1, Timestamp: AT, Unit: "Count" });
  });

  it("begin anew with each period", () => {
    const { metrics } = opened();
    metrics.count("Complaints");
    metrics.count("Complaints", 2);
    expect(byName(metrics.drain(AT)).Complaints?.Value).toBe(3);
    expect(byName(metrics.drain(AT)).Complaints?.Value).toBe(0);
  });

  it("tell values with how often each occurred, so that an average is a rate", () => {
    const { metrics } = opened();
    for (const value of [0, 0, 1, 0]) metrics.observe("CpuPercent", value);
    expect(byName(metrics.drain(AT)).CpuPercent).toMatchObject({
      Values: [0, 1],
      Counts: [3, 1],
      Unit: "Percent",
    });
    expect(byName(metrics.drain(AT))).not.toHaveProperty("CpuPercent");
  });

  it("split more distinct values than one datum may carry", () => {
    const { metrics } = opened();
    for (let one = 0; one < 301; one++) metrics.observe("CpuPercent", one);
    const data = metrics.drain(AT).filter(({ MetricName }) => MetricName === "CpuPercent");
    expect(data.map(({ Values }) => Values?.length)).toEqual([150, 150, 1]);
  });

  it("repeat a level until it is checked again, and are silent while it cannot be", () => {
    const { metrics } = opened();
    metrics.level("Divergence", 3);
    metrics.drain(AT);
    expect(byName(metrics.drain(AT)).Divergence?.Value).toBe(3);
    metrics.level("Divergence", undefined);
    expect(byName(metrics.drain(AT))).not.toHaveProperty("Divergence");
  });

  it("drop what is no number, and more values than there is room for, with a count", () => {
    const { metrics } = opened();
    for (const one of [Number.NaN, Number.POSITIVE_INFINITY]) metrics.observe("CpuPercent", one);
    metrics.count("Complaints", Number.NaN);
    for (let one = 0; one <= 10_000; one++) metrics.observe("CpuPercent", one);
    metrics.observe("CpuPercent", 1);
    expect(metrics.status()).toEqual({ waiting: 0, dropped: 4 });
  });
});

describe("a signal", () => {
  const watched = async (work: () => unknown, failed?: (result: unknown) => boolean) => {
    const { metrics } = opened();
    const search = metrics.signal("Search");
    const outcome = await (async () => search.watch(work, failed))().catch((error: Error) => error.message);
    const { SearchRequests, SearchErrors, SearchLatencyMs } = byName(metrics.drain(AT));
    return { outcome, counts: [SearchRequests?.Value, SearchErrors?.Value], latency: SearchLatencyMs };
  };

  it.each<[string, () => unknown, unknown, [number, number]]>([
    ["what returns", () => 7, 7, [1, 0]],
    ["what resolves", async () => 7, 7, [1, 0]],
    [
      "what throws",
      () => {
        throw new Error("no");
      },
      "no",
      [1, 1],
    ],
    [
      "what rejects",
      async () => {
        throw new Error("no");
      },
      "no",
      [1, 1],
    ],
  ])("counts %s, and hands its outcome on", async (_, work, outcome, counts) => {
    const seen = await watched(work);
    expect([seen.outcome, seen.counts]).toEqual([outcome, counts]);
    expect(seen.latency).toMatchObject({ Unit: "Milliseconds", Counts: [1] });
  });

  it("counts an answer as an error where it is told so; a judge that fails does not fail the request", async () => {
    const status = (result: unknown) => (result as { status: number }).status >= 500;
    expect((await watched(async () => ({ status: 503 }), status)).counts).toEqual([1, 1]);
    expect((await watched(() => ({ status: 200 }), status)).counts).toEqual([1, 0]);
    expect(await watched(() => undefined, status)).toMatchObject({ outcome: undefined, counts: [1, 1] });
  });

  it("has other names where a row knows it by them, and no latency where nobody wants it", () => {
    const { metrics } = opened();
    const signal = metrics.signal("Queue", { errors: "Queue5xx", latency: false });
    signal.watch(() => 1);
    expect(Object.keys(byName(metrics.drain(AT)))).toEqual([
      "Complaints",
      "QueueRequests",
      "Queue5xx",
      "Divergence",
    ]);
  });
});

describe("publishing", () => {
  const complaints = (service: Service) => service.periods.map((data) => byName(data).Complaints?.Value);

  it("sends after an outage what was gathered during it, in order and none twice", async () => {
    const { metrics, service, said } = opened();
    service.how = "fails";
    metrics.count("Complaints");
    await metrics.publish();
    await metrics.publish();
    expect(metrics.status()).toEqual({ waiting: 2, dropped: 0, problem: "Error: throttled" });
    service.how = "takes";
    await metrics.publish();
    expect(complaints(service)).toEqual([1, 0, 0]);
    expect(said).toEqual(["metrics: Error: throttled", "metrics: can be sent again"]);
  });

  it("keeps no more than five minutes of them, and counts what it drops", async () => {
    const { metrics, service } = opened();
    service.how = "fails";
    for (let period = 0; period < 310; period++) await metrics.publish();
    expect(metrics.status()).toMatchObject({ waiting: 300, dropped: 10 });
  });

  it("drops what will never be taken, so that what comes after it is", async () => {
    const { metrics, service } = opened();
    service.how = "refuses";
    await metrics.publish();
    expect(metrics.status()).toMatchObject({ waiting: 0, dropped: 1 });
    service.how = "takes";
    await metrics.publish();
    expect(service.periods).toHaveLength(1);
  });

  it("waits for a service that does not answer no longer than ten seconds, and drops nothing", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { metrics, service } = opened();
    service.how = "silent";
    const publishing = metrics.publish();
    await vi.advanceTimersByTimeAsync(9_999);
    expect(service.signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await publishing;
    expect(service.signal?.aborted).toBe(true);
    vi.useRealTimers();
    expect(metrics.status()).toMatchObject({ waiting: 1, problem: expect.stringContaining("no answer") });
  });

  it("goes on each second by itself, and ends with a last one", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const service = new Service();
    const metrics = openMetrics({ ...names, sink: service, dimensions: { Service: "ops" }, log: () => {} });
    await vi.advanceTimersByTimeAsync(3_000);
    vi.useRealTimers();
    metrics.count("Complaints");
    await metrics.stop();
    expect(complaints(service)).toEqual([0, 0, 0, 1]);
    expect(service.periods[0]?.[0]?.Dimensions).toEqual([{ Name: "Service", Value: "ops" }]);
    expect(service.closed).toBe(1);
  });
});
