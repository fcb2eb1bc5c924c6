import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Clock, EVERY_MS, keepMeasuring, ROUND_MS, ROUNDS, roundsOf } from "../../../src/probe/cadence";

/** A clock that only sleeping and measuring move. */
class Fake implements Clock {
  at = 1_234.5;
  now() {
    return this.at;
  }
  async sleep(ms: number) {
    this.at += ms;
  }
}

/** A run of a function that is cut off after `limit`; each measurement takes the time that is given, or fails. */
async function run(rounds: number, limit: number, takes: readonly (number | Error)[]) {
  const clock = new Fake();
  const from = clock.now();
  const began: number[] = [];
  const ended: number[] = [];
  const measure = async () => {
    const take = takes[began.length % takes.length] as number | Error;
    began.push(clock.now() - from);
    if (take instanceof Error) throw take;
    clock.at += take;
    ended.push(clock.now() - from);
    return began.length;
  };
  const result = await keepMeasuring(measure, rounds, () => limit - (clock.now() - from), clock).catch(
    (error: Error) => error,
  );
  return { began, ended, result, took: clock.now() - from };
}

const SECONDS = 1_000;

describe("a run of the schedule", () => {
  test("measures at once, then every ten seconds until the next run is due", async () => {
    const { began, result } = await run(ROUNDS, 75 * SECONDS, [300]);
    expect(began).toEqual([0, 10, 20, 30, 40, 50].map((at) => at * SECONDS));
    expect(result).toBe(6);
  });

  test.each<[string, number[], number[]]>([
    ["that takes longer costs the next its turn", [13 * SECONDS, 300], [0, 13, 20, 30, 40, 50]],
    ["that takes longer than two turns leaves out one", [21 * SECONDS, 300, 300], [0, 21, 30, 40, 50]],
    ["that takes exactly its turn is followed at once", [10 * SECONDS], [0, 10, 20, 30, 40, 50]],
  ])("one %s", async (_, takes, expected) => {
    const first = [...takes, ...Array<number>(ROUNDS).fill(300)];
    const { began } = await run(ROUNDS, 200 * SECONDS, takes.length > 1 ? first : takes);
    expect(began).toEqual(expected.map((at) => at * SECONDS));
  });

  test("ends early where another measurement might be cut off", async () => {
    const limit = 20 * SECONDS + ROUND_MS;
    expect((await run(ROUNDS, limit, [300])).began).toHaveLength(3);
    expect((await run(ROUNDS, limit - 1, [300])).began).toHaveLength(2);
  });

  test("goes on after one that fails, and fails in the end with its words", async () => {
    const { began, result } = await run(ROUNDS, 75 * SECONDS, [300, new Error("throttled"), 300]);
    expect(began).toHaveLength(ROUNDS);
    expect(result).toEqual(new Error("throttled"));
  });

  test("never lasts longer than it may, whatever its measurements take", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: ROUND_MS }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: ROUND_MS, max: 120 * SECONDS }),
        async (takes, limit) => {
          const { began, ended } = await run(ROUNDS, limit, takes);
          expect(Math.max(...ended)).toBeLessThanOrEqual(limit);
          expect(began.length).toBeLessThanOrEqual(ROUNDS);
          // Each has a turn of its own, and none is early.
          const turns = began.map((at) => Math.floor(at / EVERY_MS));
          expect(new Set(turns).size).toBe(turns.length);
        },
      ),
    );
  });
});

test("a call by hand measures once, and is not cut short", async () => {
  const { began, result, took } = await run(1, 5 * SECONDS, [300]);
  expect({ began, result, took }).toEqual({ began: [0], result: 1, took: 300 });
});

test.each<[unknown, number]>([
  [{ rounds: 6 }, 6],
  [{ rounds: 3 }, 3],
  [{ rounds: 600 }, ROUNDS],
  [{ rounds: 0 }, 1],
  [{ rounds: 2.5 }, 1],
  [{ rounds: "6" }, 1],
  [{}, 1],
  [undefined, 1],
  [null, 1],
  ["x", 1],
])("%j asks for %i", (event, rounds) => {
  expect(roundsOf(event)).toBe(rounds);
});
