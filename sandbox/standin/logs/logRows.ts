import { patternOf } from "../../../src/aws/logPatterns/pattern";
import type { MetricId } from "../../../src/aws/metricId";
import { boundsOf, compare } from "../../../src/gates/expectation";
import { lineCountOf } from "../../../src/rollout/lineCount";
import type { Rollout } from "../../../src/rollout/rollout";
import { milliseconds } from "../../../src/text/duration";

/** One row that watches a log. */
export interface LogRow {
  /** `STAGE.ROW`. */
  readonly id: string;
  readonly stage: string;
  readonly row: string;
  readonly group: string;
  /** Its filter's pattern. */
  readonly pattern: string;
  /** The metric that its filter counts into. */
  readonly metric: MetricId;
  /** How many matching lines of one period are bad. */
  readonly isBad: (lines: number) => boolean;
  readonly matches: (line: string) => boolean;
  /** How many lines it takes in each period to be content. */
  readonly content: number;
  /** How many it takes to be bad; undefined where none does. */
  readonly bad: number | undefined;
  /** The alarm's period, in ms, and how many of them in a row have to be bad. */
  readonly periodMs: number;
  readonly breaching: number;
}

/** Every row of a rollout that watches a log. */
export function logRowsOf({ stages }: Pick<Rollout, "stages">): LogRow[] {
  return stages.flatMap(({ name: stage, abort }) =>
    Object.entries(abort).flatMap(([row, threshold]): LogRow[] => {
      const counted = lineCountOf(threshold);
      if (!counted || threshold.metric === undefined) return [];
      const limit = { quantity: "count" as const, ...threshold.threshold };
      const isBad = (lines: number) => compare(limit, lines).kind === "met";
      const numbers = boundsOf(limit).flatMap(({ value }) => [Math.floor(value), Math.ceil(value)]);
      const tried = [...new Set([0, 1, ...numbers.flatMap((one) => [one - 1, one, one + 1])])]
        .filter((one) => one >= 0)
        .toSorted((a, b) => a - b);
      const { namespace, name } = counted.to;
      return [
        {
          id: `${stage}.${row}`,
          stage,
          row,
          group: counted.group,
          pattern: counted.pattern,
          metric: { namespace, name },
          isBad,
          matches: patternOf(counted.pattern) ?? (() => false),
          content: tried.find((one) => !isBad(one)) ?? 0,
          bad: tried.find(isBad),
          periodMs: milliseconds(threshold.metric.period),
          breaching: threshold.datapoints.breaching,
        },
      ];
    }),
  );
}
