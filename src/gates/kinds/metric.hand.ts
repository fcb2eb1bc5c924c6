import { isMath, type OneMetric, samplesOf } from "../../aws/metricSource";
import { type Back, minutesLine, quarterLines, statisticLine } from "../../aws/typed";
import { safeMilliseconds } from "../../text/duration";
import { quoted as code, shell } from "../../text/markdown";
import type { MetricReading } from "../kind";
import { showWindow } from "../window";

/** How a person reads a metric gate's value off CloudWatch, and the lines to type. */
export function metricByHand(
  reading: MetricReading | undefined,
  region: string | undefined,
): { how: string; run?: string[] } {
  if (!reading) return { how: "CloudWatch, nothing" };
  const { source, worstMinute, window, samplesFrom } = reading;
  const back: Back = window === "soak" ? "soak" : safeMilliseconds(window) / 1_000;
  const line = (metric: OneMetric) => statisticLine(metric, back, region);
  if (isMath(source)) {
    const metrics = Object.values(source.metrics);
    const parted = metrics.some(({ part }) => part !== undefined);
    const ids = Object.keys(source.metrics).map(code).join(", ");
    return {
      how: `CloudWatch, ${code(source.expression)}, worked out of what the lines print first: ${ids}, in this order${counted(samplesFrom)}`,
      run: shell([...(parted ? quarterLines(back) : []), ...metrics.map(line)]),
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
    how: `CloudWatch, ${code(source.namespace)} ${code(source.name)}${dimensions.join("")}, ${source.statistic}: ${printed}${counted(samplesFrom)}`,
    run: shell([
      worstMinute ? minutesLine(source, back, region) : line(source),
      ...(samples ? [line(samples)] : []),
    ]),
  };
}

function counted(samplesFrom: string | undefined): string {
  return samplesFrom === undefined ? "" : `; samples are counted by ${code(samplesFrom)}`;
}
