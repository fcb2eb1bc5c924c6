import { afterEach, expect, test, vi } from "vitest";
import {
  type Datum,
  Metrics,
  openFlags,
  openMetrics,
  type Reading,
  type Source,
} from "../../../kit/node/src";
import { emfLines } from "../../../kit/node/src/metrics/emf";

/** Plain JavaScript has no compiler that would refuse a null: it is what is left out, as Python's None is. */
const FLAGS = { READ: { type: "boolean" } } as const;

/** A source that answers one after the other. */
const telling = (...answers: (Error | object)[]): Source => ({
  name: "told",
  async read() {
    const answer = answers.shift() ?? {};
    if (answer instanceof Error) throw answer;
    return answer as Reading;
  },
});

let stderr = vi.spyOn(console, "error");
const unsaid = () => {
  stderr = vi.spyOn(console, "error").mockImplementation(() => {});
};

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("what a source says with null, it leaves out", async () => {
  const nothing = { text: null, version: null, none: null, pauseMs: null };
  const said: string[] = [];
  const flags = await openFlags({
    flags: FLAGS,
    source: telling({ text: '{"READ":true}', version: "1", none: null }, nothing),
    pollMs: false,
    log: (line) => said.push(line),
  });
  expect(await flags.refresh()).toBe(true);
  expect(flags.trouble).toBeUndefined();
  expect(flags.report()).toMatchObject({ flags: { READ: true }, version: "1" });
  for (const key of ["problem", "refused"]) expect(flags.report()).not.toHaveProperty(key);
  expect(said).toEqual(['flags: 1: {"READ":true}']);
});

test("options of flags that are null are at their defaults", async () => {
  unsaid();
  const source = telling(new Error("no"), { text: '{"READ":true}' });
  const nulls = { pollMs: null, waitMs: null, whole: null, log: null } as object;
  const flags = await openFlags({ flags: FLAGS, source, ...nulls });
  flags.stop();
  expect(flags.isOn("READ")).toBe(true);
  expect(stderr).toHaveBeenCalledWith(expect.stringContaining("cannot be asked"));
});

test("options of metrics that are null are at their defaults", async () => {
  unsaid();
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const periods: (readonly Datum[])[] = [];
  const nulls = { values: null, dimensions: null, periodMs: null, log: null } as object;
  const sink = { send: async (data: readonly Datum[]) => void periods.push(data) };
  const metrics = openMetrics({ counters: ["Complaints"], ...nulls, sink });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(periods).toHaveLength(2);
  vi.useRealTimers();
  await metrics.stop();
  const failing = { send: async () => Promise.reject(new Error("throttled")) };
  await new Metrics({ counters: ["Complaints"], ...nulls, sink: failing }).publish();
  expect(stderr).toHaveBeenCalledWith("metrics: Error: throttled");
});

test("lines of metrics without a log group have none", () => {
  const data = new Metrics({ counters: ["Complaints"], sink: { send: async () => {} } }).drain(new Date());
  expect(emfLines(data, "Search", null as unknown as undefined)).toEqual(emfLines(data, "Search"));
});

test("a level that is null claims nothing", () => {
  const metrics = new Metrics({ levels: ["Divergence"], sink: { send: async () => {} } });
  metrics.level("Divergence", null as unknown as undefined);
  expect(metrics.drain(new Date())).toEqual([]);
});
