import { type AddressInfo, createServer, Socket } from "node:net";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Datum, emf, putMetricData } from "../../../../kit/node/src";
import { Unsendable } from "../../../../kit/node/src/metrics/datum";
import { emfLines } from "../../../../kit/node/src/metrics/emf";

/** Of a period that nobody gives up. */
const signal = new AbortController().signal;

const common = { Timestamp: new Date(1_000), StorageResolution: 1 } as const;
const count = (name: string, value: number): Datum => ({
  MetricName: name,
  Unit: "Count",
  ...common,
  Value: value,
});

describe("the embedded metric format", () => {
  it("has all metrics of a period in one document", () => {
    const data: Datum[] = [
      count("Requests", 2),
      { MetricName: "LatencyMs", Unit: "Milliseconds", ...common, Values: [5, 9], Counts: [2, 1] },
    ];
    const own = data.map((datum) => ({ ...datum, Dimensions: [{ Name: "Service", Value: "ops" }] }));
    const metrics = [
      { Name: "Requests", Unit: "Count", StorageResolution: 1 },
      { Name: "LatencyMs", Unit: "Milliseconds", StorageResolution: 1 },
    ];
    expect(emfLines(data, "App").map((line) => JSON.parse(line))).toEqual([
      {
        _aws: {
          Timestamp: 1_000,
          CloudWatchMetrics: [{ Namespace: "App", Dimensions: [[]], Metrics: metrics }],
        },
        Requests: 2,
        LatencyMs: [5, 5, 9],
      },
    ]);
    expect(JSON.parse(emfLines(own, "App", "/app")[0] ?? "")).toMatchObject({
      _aws: { LogGroupName: "/app", CloudWatchMetrics: [{ Dimensions: [["Service"]] }] },
      Service: "ops",
    });
  });

  it("splits what is more than a document or a metric may hold, and loses none of it", () => {
    const data: Datum[] = [
      ...Array.from({ length: 120 }, (_, index) => count(`M${index}`, index)),
      { MetricName: "LatencyMs", Unit: "Milliseconds", ...common, Values: [1, 2], Counts: [130, 1] },
      { MetricName: "LatencyMs", Unit: "Milliseconds", ...common, Values: [3], Counts: [1] },
    ];
    const lines = emfLines(data, "App").map((line) => JSON.parse(line));
    for (const { _aws } of lines) expect(_aws.CloudWatchMetrics[0].Metrics.length).toBeLessThanOrEqual(100);
    const latencies = lines.flatMap(({ LatencyMs = [] }) => LatencyMs);
    expect(latencies).toEqual([...Array.from({ length: 130 }, () => 1), 2, 3]);
    for (const { LatencyMs = [] } of lines) expect([LatencyMs].flat().length).toBeLessThanOrEqual(100);
    expect(Object.assign({}, ...lines)).toMatchObject({ M0: 0, M119: 119 });
  });

  it("goes to stdout, a line for each document", async () => {
    const written: string[] = [];
    const write = vi.spyOn(process.stdout, "write").mockImplementation(((text: string, done: () => void) => {
      written.push(text);
      done();
      return true;
    }) as never);
    await emf({ namespace: "App" }).send([count("Requests", 1)], signal);
    write.mockRestore();
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^\{"_aws".*\}\n$/);
  });

  it("writes nothing more while nobody takes what was written: it would pile up in memory", async () => {
    const taken: (() => void)[] = [];
    const write = vi
      .spyOn(process.stdout, "write")
      .mockImplementation(((_: string, done: () => void) => taken.push(done)) as never);
    const sink = emf({ namespace: "App" });
    const first = sink.send([count("Requests", 1)], signal);
    await expect(sink.send([count("Requests", 1)], signal)).rejects.toThrow("has not been taken yet");
    taken[0]?.();
    await first;
    const second = sink.send([count("Requests", 2)], signal);
    taken[1]?.();
    await second;
    write.mockRestore();
    expect(taken).toHaveLength(2);
  });

  it("goes to the agent, over a connection that is opened anew where it broke", async () => {
    let [got, sockets] = ["", [] as Socket[]];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on("data", (data) => {
        got += data;
      });
    });
    const listening = () =>
      new Promise<number>((resolve) => {
        server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
      });
    const port = await listening();
    onTestFinished(() => void server.close());
    const sink = emf({ namespace: "App", logGroup: "/app", agent: `tcp://127.0.0.1:${port}` });
    await sink.send([count("Requests", 1)], signal);
    await vi.waitFor(() => expect(got).toMatch(/"Requests":1\}\n$/));
    for (const socket of sockets) socket.destroy();
    sockets = [];
    // What was written into a connection that is just breaking may be lost; a later one arrives.
    await vi.waitFor(async () => {
      await sink.send([count("Requests", 2)], signal).catch(() => {});
      expect(got).toMatch(/"Requests":2\}\n$/);
    });
    sink.close?.();
  });

  it("writes nothing more to an agent that does not read, from the first period on", async () => {
    const sockets: Socket[] = [];
    const server = createServer({ pauseOnConnect: true }, (socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const sink = emf({ namespace: "App", agent: `tcp://127.0.0.1:${port}` });
    onTestFinished(() => void server.close());
    const write = vi.spyOn(Socket.prototype, "write");
    onTestFinished(() => write.mockRestore());
    // More than the system keeps for a connection.
    const first = sink.send([count("R".repeat(32 * 1024 * 1024), 1)], signal);
    await vi.waitFor(() => expect(write).toHaveBeenCalled());
    await expect(sink.send([count("R", 1)], signal)).rejects.toThrow("has not been taken yet");
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    sockets[0]?.destroy();
    // It waits then, and is not taken for sent.
    await expect(first).rejects.toThrow();
  });

  it("is refused by an agent that is not there", async () => {
    await expect(
      emf({ namespace: "App", agent: "tcp://127.0.0.1:1" }).send([count("R", 1)], signal),
    ).rejects.toThrow();
  });
});

describe("PutMetricData", () => {
  let sent: { Namespace: string; MetricData: Datum[] }[];
  let refusal: Error | undefined;
  let givenUpBy: AbortSignal | undefined;
  const client = {
    async send(
      command: { input: { Namespace: string; MetricData: Datum[] } },
      options?: { abortSignal?: AbortSignal },
    ) {
      givenUpBy = options?.abortSignal;
      if (refusal && sent.length === 1) throw refusal;
      sent.push(command.input);
    },
  };
  const data = Array.from({ length: 200 }, (_, index) => count(`M${index}`, index));

  beforeEach(() => {
    sent = [];
    refusal = undefined;
  });

  it("is called in parts that it takes; a second try repeats none of them", async () => {
    const sink = putMetricData({ namespace: "App", client });
    refusal = new Error("throttled");
    await expect(sink.send(data, signal)).rejects.toThrow("throttled");
    expect(sent).toHaveLength(1);
    refusal = undefined;
    await sink.send(data, signal);
    expect(sent.map(({ Namespace, MetricData }) => [Namespace, MetricData.length])).toEqual([
      ["App", 150],
      ["App", 50],
    ]);
  });

  it("is given up with its period, and goes on nowhere beside the next try", async () => {
    await putMetricData({ namespace: "App", client }).send(data, signal);
    expect(givenUpBy).toBe(signal);
  });

  it.each([
    ["InvalidParameterValueException", true],
    ["MissingRequiredParameterException", true],
    ["AccessDenied", false],
    ["ThrottlingException", false],
    ["TimeoutError", false],
  ])("gives up on data that are refused as %s: %s", async (name, gone) => {
    refusal = Object.assign(new Error("no"), { name });
    const outcome = await putMetricData({ namespace: "App", client })
      .send(data, signal)
      .catch((error: unknown) => error);
    expect(outcome instanceof Unsendable).toBe(gone);
  });
});
