import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Point } from "../../../cli/report/data";
import { runs, thin } from "../../../cli/report/thin";

const series = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.double({ min: -1e6, max: 1e6, noNaN: true })), {
    minLength: 1,
    maxLength: 400,
  })
  .map((steps) => {
    let at = 0;
    return steps.map(([step, value]): Point => {
      at += step;
      return [at, value];
    });
  });
const values = (points: readonly Point[]) => points.map(([, value]) => value);

test("thinning keeps the lowest and the highest, adds nothing, and keeps the order", () => {
  fc.assert(
    fc.property(series, fc.integer({ min: 2, max: 300 }), (points, most) => {
      const kept = thin(points, most);
      expect(kept.length).toBeLessThanOrEqual(Math.max(2, most));
      expect(Math.max(...values(kept))).toBe(Math.max(...values(points)));
      expect(Math.min(...values(kept))).toBe(Math.min(...values(points)));
      const places = kept.map((point) => points.indexOf(point));
      expect(places).toEqual([...places].sort((a, b) => a - b));
      expect(places).not.toContain(-1);
    }),
  );
});

test("a peak of one point among thousands is kept", () => {
  const points = Array.from({ length: 10_000 }, (_, at): Point => [at, at === 7_777 ? 1 : 0]);
  expect(thin(points, 50)).toContainEqual([7_777, 1]);
});

describe("runs", () => {
  test.each<[string, readonly Point[], readonly (readonly Point[])[]]>([
    ["nothing", [], []],
    [
      "one run without a silence",
      [
        [0, 1],
        [10, 2],
        [20, 3],
      ],
      [
        [
          [0, 1],
          [10, 2],
          [20, 3],
        ],
      ],
    ],
    [
      "one value left out",
      [
        [0, 1],
        [20, 3],
      ],
      [
        [
          [0, 1],
          [20, 3],
        ],
      ],
    ],
    [
      "a silence",
      [
        [0, 1],
        [10, 2],
        [60, 3],
        [70, 4],
      ],
      [
        [
          [0, 1],
          [10, 2],
        ],
        [
          [60, 3],
          [70, 4],
        ],
      ],
    ],
  ])("%s", (_, points, expected) => {
    expect(runs(points, 10, 100)).toEqual(expected);
  });

  test("never draw across a silence", () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 10, max: 200 }), (points, most) => {
        for (const run of runs(points, 100, most)) {
          const [first, last] = [run[0], run.at(-1)];
          const within = points.filter(([at]) => at >= (first?.[0] ?? 0) && at <= (last?.[0] ?? 0));
          within.forEach(([at], index) => {
            if (index > 0) expect(at - (within[index - 1]?.[0] ?? 0)).toBeLessThanOrEqual(250);
          });
        }
      }),
    );
  });

  test("that are too many are single values", () => {
    const points = Array.from({ length: 500 }, (_, at): Point => [at * 1_000, at]);
    const found = runs(points, 10, 40);
    expect(found.length).toBeLessThanOrEqual(40);
    expect(found.every((run) => run.length === 1)).toBe(true);
  });
});
