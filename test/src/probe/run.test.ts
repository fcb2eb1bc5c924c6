import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Question } from "../../../src/gates/database";
import type { Seen } from "../../../src/gates/observation";
import { metricsOf } from "../../../src/probe/metrics";
import { CONNECTIONS, measureRows, noneMeasured } from "../../../src/probe/run";

const row = (query: string, timeout = "5s"): Question => ({ query, values: [], timeout });
const soon = () => performance.now() + 5_000;

/** A database that answers each query with what the test says. */
const saying = (answers: Record<string, Seen | Error>) => ({
  observe: async ({ query }: Question): Promise<Seen> => {
    const answer = answers[query];
    if (!answer || answer instanceof Error) throw answer;
    return answer;
  },
});
const value = (of: unknown): Seen => ({ kind: "value", value: of });

test.each([
  [0, 0],
  [-1.5, -1.5],
  [2 ** 360, 2 ** 360],
  [true, 1],
  [false, 0],
])("%s is the signal %s", async (given, signal) => {
  const measured = await measureRows({ XA2: row("q") }, saying({ q: value(given) }), soon());
  expect(measured).toEqual({ values: { XA2: signal }, failures: {} });
});

test.each([
  [null, "null"],
  [undefined, "null"],
  [Number.NaN, "a number that CloudWatch does not take"],
  [Number.POSITIVE_INFINITY, "a number that CloudWatch does not take"],
  [2 ** 361, "a number that CloudWatch does not take"],
  // As the driver hands over what no JSON number can hold.
  ["NaN", "NaN"],
  ["9007199254740993", "text"],
  ["confidential", "text"],
  [{ a: 1 }, "object"],
])("%s is a failure, and is not quoted", async (given, kind) => {
  const { values, failures } = await measureRows({ XA2: row("q") }, saying({ q: value(given) }), soon());
  expect(values).toEqual({});
  expect(failures).toEqual({
    XA2: `bad-answer: the query yields ${kind} instead of a number or a boolean`,
  });
});

test("a window ends when it is asked about", async () => {
  const asked: Question[] = [];
  const source = {
    observe: async (question: Question): Promise<Seen> => {
      asked.push(question);
      return value(1);
    },
  };
  const windowed = { ...row("q"), values: ["{from}", "{to}", "ws"], windowMs: 60_000 };
  await measureRows({ T1: windowed }, source, soon());
  const [from = "", to = "", workspace] = (asked[0]?.values ?? []) as string[];
  expect(Math.abs(Date.parse(to) - Date.now())).toBeLessThan(5_000);
  expect([Date.parse(to) - Date.parse(from), workspace]).toEqual([60_000, "ws"]);
  expect(asked[0]).not.toHaveProperty("windowMs");
});

test("one that fails, and one that throws, stop no other", async () => {
  const source = saying({
    down: { kind: "failure", failure: "unreachable", message: "connect ECONNREFUSED" },
    bug: new Error("an error"),
    fine: value(7),
  });
  const rows = { XA2: row("down"), XB3: row("bug"), XB4: row("fine") };
  expect(await measureRows(rows, source, soon())).toEqual({
    values: { XB4: 7 },
    failures: { XA2: "unreachable: connect ECONNREFUSED", XB3: "bad-answer: an error" },
  });
});

test("no more are asked at a time than there are connections", async () => {
  let [running, most] = [0, 0];
  const source = {
    observe: async () => {
      most = Math.max(most, ++running);
      await sleep(5);
      running--;
      return value(1);
    },
  };
  const rows = Object.fromEntries(Array.from({ length: 7 }, (_, n) => [`R${n}`, row("q")]));
  const { values } = await measureRows(rows, source, soon());
  expect(Object.keys(values)).toHaveLength(7);
  expect(most).toBe(CONNECTIONS);
});

describe("at the deadline", () => {
  test("what has no answer has failed, what waits is not asked, and what is known stays", async () => {
    const asked: string[] = [];
    const source = {
      observe: async ({ query }: Question): Promise<Seen> => {
        asked.push(query);
        if (query === "hangs") await new Promise(() => {});
        return value(3);
      },
    };
    const rows = { A: row("fine"), B: row("hangs"), C: row("hangs"), D: row("waits") };
    const started = performance.now();
    const { values, failures } = await measureRows(rows, source, started + 80);
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(values).toEqual({ A: 3 });
    expect(Object.keys(failures).sort()).toEqual(["B", "C", "D"]);
    expect(failures.D).toBe("timeout: the run was over before there was an answer");
    expect(asked).toEqual(["fine", "hangs", "hangs"]);
  });

  test("the server gives up too", async () => {
    const timeouts: string[] = [];
    const source = {
      observe: async ({ timeout }: Question) => {
        timeouts.push(timeout);
        return value(1);
      },
    };
    await measureRows({ A: row("q", "10s"), B: row("q", "200ms") }, source, performance.now() + 2_000);
    expect(Number.parseInt(timeouts[0] ?? "", 10)).toBeLessThanOrEqual(2_000);
    expect(timeouts[1]).toBe("200ms");
  });
});

test("a value is published under its row, a failure is missing, and failures are counted also where there are none", () => {
  const datum = (MetricName: string, Value: number) => ({ MetricName, Value, StorageResolution: 1 });
  expect(metricsOf("stageB", { values: { XB3: 0, XB4: 2 }, failures: {} }, [])).toEqual([
    datum("XB3", 0),
    datum("XB4", 2),
    datum("ProbeFailures-stageB", 0),
    datum("ProbeLogin-stageB", 0),
  ]);
  expect(metricsOf("stageB", noneMeasured({ XB3: row("q"), XB4: row("q") }, "down"), ["a"])).toEqual([
    datum("ProbeFailures-stageB", 2),
    datum("ProbeLogin-stageB", 1),
  ]);
});
