import { isMath, type OneMetric, samplesOf } from "../../aws/metricSource";
import { type Back, minutesLine, quarterLines, statisticLine } from "../../aws/typed";
import { safeMilliseconds } from "../../text/duration";
import { quoted as code, shell } from "../../text/markdown";
import type { Expectation } from "../expectation";
import type { MetricReading } from "../kind";
import { showWindow } from "../window";

/**
 * How a person reads a metric gate's value off CloudWatch, and the lines to type.
 *
 * @param expect what it must be: by that it may look at more than one window
 */
export function metricByHand(
  reading: MetricReading | undefined,
  expect: Expectation,
  region: string | undefined,
): { how: string; run?: string[] } {
  if (!reading) return { how: "CloudWatch, nothing" };
  const { source, worstMinute, window, samplesFrom } = reading;
  const back: Back = window === "soak" ? "soak" : safeMilliseconds(window) / 1_000;
  const stretches: readonly Back[] = [back, ...othersOf(reading, expect)];
  const lines = (metric: OneMetric) => stretches.map((one) => statisticLine(metric, one, region));
  if (isMath(source)) {
    const metrics = Object.values(source.metrics);
    const parted = metrics.some(({ part }) => part !== undefined);
    const ids = Object.keys(source.metrics).map(code).join(", ");
    return {
      how: `CloudWatch, ${code(source.expression)}, worked out of what the lines print first: ${ids}, in this order${each(reading, expect)}${counted(samplesFrom)}`,
      run: shell([...(parted ? quarterLines(back) : []), ...metrics.flatMap(lines)]),
    };
  }
  const samples = samplesFrom === undefined ? undefined : samplesOf(source, samplesFrom);
  const dimensions = Object.entries(source.dimensions ?? {}).map(
    ([name, value]) => ` ${code(`${name}=${value}`)}`,
  );
  const printed = worstMinute
    ? "the largest and the smallest minute"
    : source.statistic.startsWith("p")
      ? `one value for each day of ${showWindow(window)}`
      : "the value, then how often the metric was published";
  return {
    how: `CloudWatch, ${code(source.namespace)} ${code(source.name)}${dimensions.join("")}, ${source.statistic}: ${printed}${each(reading, expect)}${counted(samplesFrom)}`,
    run: shell([
      ...(worstMinute ? stretches.map((one) => minutesLine(source, one, region)) : lines(source)),
      ...(samples ? lines(samples) : []),
    ]),
  };
}

function counted(samplesFrom: string | undefined): string {
  return samplesFrom === undefined ? "" : `; samples are counted by ${code(samplesFrom)}`;
}

/** The other windows that it looks at: those before, the newest first, and the first time after the flip. */
function othersOf({ window }: MetricReading, { inARow = 1, noWorseThan }: Expectation): Back[] {
  if (window === "soak") return [];
  const seconds = safeMilliseconds(window) / 1_000;
  const before = Array.from({ length: inARow - 1 }, (_, index) => ({
    seconds,
    endedAgo: (index + 1) * seconds,
  }));
  const first = noWorseThan && safeMilliseconds(noWorseThan.first) / 1_000;
  return [...before, ...(first === undefined ? [] : [{ seconds: first, from: "flip" as const }])];
}

function each({ window }: MetricReading, { inARow = 1, noWorseThan }: Expectation): string {
  const said = [
    ...(inARow > 1 ? [`each of the last ${inARow} times ${window}, the newest first`] : []),
    ...(noWorseThan
      ? [`${inARow > 1 ? "then" : "of now, then"} of the first ${noWorseThan.first} after the flip`]
      : []),
  ];
  return said.length === 0 ? "" : `; ${said.join(", ")}`;
}
