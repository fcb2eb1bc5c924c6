import { z } from "zod";
import { keptFor, METRIC_MEMORY_MS } from "../../aws/memory";
import { dimensions, metricName, namespace } from "../../aws/metricNames";
import {
  awsOwn,
  expression,
  isMath,
  partedMetrics,
  samplesErrors,
  samplesOf,
  sourceErrors,
  sourceOf,
} from "../../aws/metricSource";
import { counted } from "../../text/counted";
import { milliseconds, safeMilliseconds, showDuration, someTime } from "../../text/duration";
import { filledIds, parseArithmetic } from "../arithmetic";
import { definition, PHASES, text, window } from "../common";
import { constantError } from "../constant";
import { gapIn } from "../coverage";
import { type Expectation, expectation, limitsOf, showExpectation } from "../expectation";
import { type FieldError, kindOfGate, type MetricReading } from "../kind";
import { extentOfStatistic, statedExtent, typeErrors } from "../reach";
import { leastSoak } from "../soakEnd";
import { atLeast, expected, lookback, type Pair, proof } from "../strength";
import { type Found, inconclusive, tooFew } from "../verdict";
import { missedWindow, showLength, showWindow } from "../window";
import { againErrors, judgeAgain, missedAgain, takesInAll } from "./metric.again";
import { everyErrors, fillErrors, gapsHide, longestEvery, ruleOf } from "./metric.gaps";
import { metricByHand } from "./metric.hand";
import { judgeMeasured, type Part, part } from "./metric.value";

const PLAIN = "Sum|Average|Minimum|Maximum|SampleCount|p\\d{1,2}(\\.\\d{1,2})?";
const statistic = text
  .regex(
    new RegExp(`^(worst minute )?(${PLAIN})$`),
    "Sum, Average, Minimum, Maximum, SampleCount or a percentile such as p95, after `worst minute` where that counts",
  )
  .meta({ examples: ["Sum", "worst minute p95"] });

const schema = definition("metric", {
  namespace: namespace.optional(),
  name: metricName.optional(),
  dimensions: dimensions.optional(),
  statistic: statistic
    .optional()
    .describe(
      "Taken over the whole window. Over more than a day a percentile is decided by the share of values at or below the bound. `worst minute p95` is the p95 of the worst minute.",
    ),
  metrics: partedMetrics.optional(),
  expression: expression
    .optional()
    .describe(
      "Arithmetic (+ - * / and parentheses, and FILL(id, 0) for a Sum that is not published where it is 0, and once was) over the ids of `metrics`, each taken over the whole window, or over its part.",
    ),
  window,
  minSamples: z
    .int()
    .min(1)
    .describe("Fewer samples than this are inconclusive: zero errors over zero requests says nothing."),
  samplesFrom: text
    .optional()
    .describe(
      "The metric whose Sum counts as the number of samples, for a metric that is zero-filled; of an expression, one of its metrics, by id: of an Average, a Minimum, a Maximum or a percentile its own sample count. Default: the metric's own sample count.",
    ),
  every: someTime.optional().meta({
    description:
      "How often there is data: each such part of the window must have some. Default: 1m where a gap could hide what breaks the gate (see `gaps`), else 5m. At most a hundredth of the window, and there no more than 5m (1h over windows of which CloudWatch remembers hours alone).",
    examples: ["1m"],
  }),
  gaps: z
    .strictObject({
      atMost: text
        .regex(/^(100|\d{1,2}(\.\d{1,3})?)%$/, "a percentage such as 1%")
        .meta({ examples: ["1%"] })
        .describe("The largest share of the window that may be without data."),
      heartbeat: text
        .min(1)
        .optional()
        .describe(
          "A metric that must have data in every gap, in the same namespace and with the same dimensions; of an expression, one of its metrics, by id.",
        ),
    })
    .optional()
    .describe(
      "How much of the window may be without data. Default: nothing where a gap could hide what breaks the gate (a Sum, SampleCount or Maximum with an upper bound, a Minimum with a lower one, the worst minute, what must be one value alone, a rate that one bad case breaks, an expression that is no rate), else 10%.",
    ),
  expect: expectation,
  prove: z
    .strictObject({
      name: text.min(1).optional(),
      statistic: statistic.optional(),
      expression: expression.optional(),
    })
    .optional()
    .describe(
      "A metric of the same namespace, or an expression of the same metrics, whose value must fail `expect`: shows that the gate can fail.",
    ),
}).describe("A CloudWatch metric, or arithmetic of several, over a window.");

/** What is expected of a metric that is known to be bad: it need not be a share where the gate's own is one. */
function ofAnother(expect: Expectation): Expectation {
  const { quantity, ...limits } = limitsOf(expect);
  return quantity === "signed" ? { quantity, ...limits } : limits;
}

export type MetricGate = z.infer<typeof schema>;

/** A CloudWatch metric over a window, with enough samples to mean anything. */
export const metric = kindOfGate({
  schema,
  sees: part.extend({
    kind: z.literal("metric"),
    /** The other windows that its expectation is about: see `otherSpans`. */
    others: z.array(part).optional(),
  }),
  looksAgain: true,
  phases: PHASES,
  awsActions: ["cloudwatch:GetMetricData"],
  metric: readingOf,
  takesInAll: ({ expect, window }) => takesInAll(expect, window),
  extents: ({ statistic, expect }) => [statedExtent(expect), extentOfStatistic(statistic, expect)],
  probe: ({ prove, ...rest }) => prove && { ...rest, ...prove, expect: ofAnother(rest.expect) },
  fieldErrors: (definition, { rollout, line }) =>
    metricErrors(definition, leastSoak(line.at(-1)?.soak, rollout.calendar)),
  strength: {
    window: lookback(({ was, now }) => [was, now].every(onlyAdds)),
    minSamples: atLeast("wants samples, at least"),
    expect: expected,
    prove: proof,
  },
  required: ({ definition: { statistic, expression, expect, window, minSamples } }) =>
    `${expression ?? statistic} ${showExpectation(expect)} over ${showWindow(window)}, ≥ ${counted(minSamples, "sample")}`,
  measured: (definition, { place }) => metricByHand(readingOf(definition), definition.expect, place.region),
  misses: ({ definition: { expect, window: length } }, seen, scope) => {
    const grain = (seen.coverage?.period ?? 0) * 1_000;
    return missedWindow(length, seen.window, scope, grain) ?? missedAgain(expect, length, seen, scope, grain);
  },
  worsens: ({ definition }) => onlyAdds(definition),
  judge({ definition }, seen, { timeScale }) {
    return judgeAgain(definition.expect, seen, (one) => judgePart(definition, one, timeScale));
  },
});

/** Judges one window by itself. */
function judgePart(definition: MetricGate, seen: Part, timeScale: number): Found {
  const { minSamples } = definition;
  const { samples, window, coverage } = seen;
  const over = `over ${showLength(window, timeScale)}, ${counted(samples, "sample")}`;
  if (!(samples >= minSamples)) return tooFew(over, minSamples);
  const reading = readingOf(definition);
  if (!reading) return inconclusive("the gate reads no metric", "Write namespace, name and statistic");
  const found = judgeMeasured(reading, seen);
  // A sum that is over its bound already is so whatever the gaps hide.
  if (found.outcome !== "fail" || !onlyAdds(definition)) {
    const every = milliseconds(reading.every);
    const gap = gapIn(coverage, ruleOf(definition.gaps, reading), timeScale);
    if (gap !== undefined)
      return inconclusive(
        `${over}; ${gap}`,
        "Find out why nothing was published then. A metric that is silent when all is well must publish zeros",
      );
    if (coverage && timeScale === 1 && coverage.period * 1_000 > every)
      return inconclusive(
        `${over}; of so long ago CloudWatch remembers no less than ${showDuration(coverage.period * 1_000)}, and a gap of ${showDuration(every)} would not be seen`,
        // Of a soak that has become so long no coarser look is allowed: each minute of it counts.
        reading.window === "soak" && coverage.period > 300
          ? "Shorten the window: write a duration in place of soak"
          : `Shorten the window, or write every: ${coverage.period / 60}m`,
      );
  }
  const never = seen.never?.join(" and ");
  if (never && found.outcome === "pass")
    return inconclusive(
      `${found.observed} ${over}; nothing was ever published as ${never}, whose silence FILL takes for a zero`,
      "Correct its name or its dimensions; if they are right, have it published once, such as by a request that fails on purpose",
    );
  return { ...found, observed: `${found.observed} ${over}` };
}

/** What a gate reads; undefined where its definition names neither a metric nor an expression. */
export function readingOf({
  statistic,
  window,
  samplesFrom,
  every,
  gaps,
  expect,
  minSamples,
  ...given
}: MetricGate): MetricReading | undefined {
  const worstMinute = statistic?.startsWith("worst minute ") ?? false;
  const source = sourceOf({ ...given, statistic: statistic?.replace("worst minute ", "") });
  if (!source) return undefined;
  const reading = {
    source,
    worstMinute,
    window,
    minSamples,
    samplesFrom,
    heartbeat: gaps?.heartbeat,
    filled: filledIds(source),
    saysGaps: gaps !== undefined,
    expect: limitsOf(expect),
  };
  return { ...reading, every: every ?? (gapsHide(reading) ? "1m" : "5m") };
}

/** What is wrong with a gate, of which the window `soak` is no shorter than so many ms; 0 where that is not known. */
function metricErrors(definition: MetricGate, soak: number): FieldError[] {
  const { gaps, prove, samplesFrom, every } = definition;
  const errors: FieldError[] = sourceErrors(definition);
  const reading = readingOf(definition);
  if (!reading) return errors;
  const { source, window } = reading;
  const length = window === "soak" ? soak : safeMilliseconds(window);
  const error = (path: string, what: string, remedy: string) => errors.push({ path: [path], what, remedy });
  errors.push(
    ...samplesErrors(source, samplesFrom),
    ...againErrors(definition.expect, reading, soak),
    ...fillErrors(reading),
    ...typeErrors(definition.expect, "a number", "what a metric says"),
  );
  const sums = { ...definition, expression: prove?.expression ?? definition.expression };
  for (const [path, math] of [
    ["expression", definition.expression],
    ["prove", sums.expression],
  ] as const)
    if (math !== undefined && !parseArithmetic(math) && !errors.some((one) => one.path[0] === path))
      error(
        path,
        "is no arithmetic",
        "Of a whole window a gate takes + - * / and parentheses, numbers and ids alone, and FILL(id, 0)",
      );
  const fixed = errors.some(({ path }) => path[0] === "expression") ? undefined : constantError(source);
  if (fixed) errors.push({ path: ["expression"], ...fixed });
  if (prove?.expression !== undefined)
    errors.push(...sourceErrors(sums).filter(({ path }) => path[0] !== "metrics"));
  if (prove && isMath(source) !== (prove.expression !== undefined))
    error(
      "prove",
      "looks at nothing else",
      isMath(source) ? "Write prove: { expression }" : "Write prove: { name }",
    );
  if (gaps && gapsHide(reading) && gaps.heartbeat === undefined)
    error("gaps", "could hide what breaks the gate", "Name a heartbeat that lives through them");
  if (gaps?.heartbeat !== undefined && !samplesOf(source, gaps.heartbeat))
    error(
      "gaps",
      `names ${gaps.heartbeat}, which is no metric of the expression`,
      "Name one of its metrics, by id",
    );
  errors.push(...memoryErrors(reading, length), ...everyErrors(reading, length));
  if (every !== undefined && safeMilliseconds(every) < 60_000 && awsOwn(source).length > 0)
    error("every", "is under a minute, and AWS publishes its metrics once a minute", "Write 1m or more");
  return errors;
}

/** A window, of so many ms, of which CloudWatch never remembers enough. */
function memoryErrors(reading: MetricReading, length: number): FieldError[] {
  const is = reading.window === "soak" ? `is a soak of ${showDuration(length)} or more, which is` : "is";
  const error = (what: string, remedy: string): FieldError[] => [
    { path: ["window"], what: `${is} longer than ${what}`, remedy },
  ];
  if (length > METRIC_MEMORY_MS)
    return error("the 455 days that CloudWatch remembers a metric", "Shorten it");
  const minutes = keptFor(60);
  if (reading.worstMinute && length > minutes)
    return error("CloudWatch remembers minutes: 15 days", "Shorten it");
  // Data under a minute are kept for hours: where minutes alone are left, a gap of seconds is seen no more.
  const grain = Math.max(1, Math.floor(safeMilliseconds(reading.every) / 1_000));
  if (length <= keptFor(grain)) return [];
  const rarer = length > keptFor(300) ? "1h" : length > minutes ? "5m" : "1m";
  return error(
    `CloudWatch remembers data of every ${showDuration(grain * 1_000)}`,
    // Of a soak that has become so long no coarser look is allowed: each minute of it counts.
    milliseconds(rarer) > longestEvery(reading, length)
      ? "Shorten it: write a duration in place of soak"
      : `At most ${showDuration(keptFor(grain))}, or say that there is data less often: every: ${rarer}`,
  );
}

/** Whether more time can only make the value worse: what adds up under an upper bound, or goes by its worst. */
function onlyAdds({ statistic, expect }: Pair["was"]): boolean {
  const { eq, ne, gt, gte, lt, lte, quantity } = (expect ?? {}) as Record<string, unknown>;
  const upper = [gt, gte, ne].every((bound) => bound === undefined) && (eq === undefined || eq === 0);
  const lower = [eq, ne, lt, lte].every((bound) => bound === undefined);
  // A bad minute stays one.
  if (String(statistic).startsWith("worst minute ")) return true;
  // What may be negative takes away again.
  if (quantity === "signed" && /^(Sum|SampleCount)$/.test(String(statistic))) return false;
  return statistic === "Minimum" ? lower : /^(Sum|SampleCount|Maximum)$/.test(String(statistic)) && upper;
}
