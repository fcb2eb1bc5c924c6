import { beforeEach, expect, it, vi } from "vitest";
import { type Pace, repeat } from "../../../sandbox/host/repeat";

/** The pauses that were made, in ms. None of them takes time, but one of an hour ends only with its signal. */
const pauses: number[] = [];
const HOUR = 3_600_000;
vi.mock("node:timers/promises", () => ({
  setTimeout: (ms: number, _: unknown, { signal }: { signal: AbortSignal }) => {
    pauses.push(ms);
    return new Promise<void>((resolve, reject) => {
      if (signal.aborted) reject(signal.reason);
      else if (ms < HOUR) setImmediate(resolve);
      else signal.addEventListener("abort", () => reject(signal.reason));
    });
  },
}));
/** What the clock says, in ms. */
let now = 0;
vi.spyOn(performance, "now").mockImplementation(() => now);
beforeEach(() => {
  pauses.length = 0;
});

/** Takes turns that take so long each, in ms. Returns the pauses between them. */
async function pausesOf(pace: Pace, ...took: number[]): Promise<number[]> {
  const left = [...took];
  await new Promise<void>((resolve) => {
    const loop = repeat(pace, async () => {
      now += left.shift() ?? 0;
      if (left.length === 0) void loop.stop().then(resolve);
    });
  });
  return pauses.slice(0, took.length - 1);
}

it("begins turns in time, and at once where the one before took longer", async () => {
  expect(await pausesOf({ everyMs: 100 }, 30, 100, 250, 0, 1)).toEqual([70, 0, 0, 100]);
});

it("pauses between turns, however long they take", async () => {
  expect(await pausesOf({ pauseMs: 100 }, 30, 250, 0)).toEqual([100, 100]);
});

it("goes on after a turn that failed", async () => {
  let turns = 0;
  const loop = repeat({ pauseMs: 1 }, async () => {
    turns++;
    throw new Error("no");
  });
  await vi.waitFor(() => expect(turns).toBeGreaterThan(2));
  await loop.stop();
});

it("takes its first turn at once, and none after it was stopped in a pause", async () => {
  const turn = vi.fn(async () => {});
  const loop = repeat({ pauseMs: HOUR }, turn);
  expect(turn).toHaveBeenCalledTimes(1);
  await vi.waitFor(() => expect(pauses).toEqual([HOUR]));
  await loop.stop();
  expect(turn).toHaveBeenCalledTimes(1);
});

it("waits for the turn that is under way when it is stopped, and tells it so", async () => {
  const order: string[] = [];
  let end = () => {};
  const ending = new Promise<void>((resolve) => {
    end = resolve;
  });
  const loop = repeat({ everyMs: 1 }, async (signal) => {
    signal.addEventListener("abort", () => order.push("told"));
    await ending;
    order.push("turn over");
  });
  const stopped = loop.stop().then(() => order.push("stopped"));
  await new Promise(setImmediate);
  expect(order).toEqual(["told"]);
  end();
  await stopped;
  expect(order).toEqual(["told", "turn over", "stopped"]);
});
