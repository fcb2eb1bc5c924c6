import { z } from "zod";
import { quoted as code } from "../../text/markdown";
import { definition, PHASES, text, window } from "../common";
import { expectation, judgeValue, showExpectation } from "../expectation";
import { kindOfGate } from "../kind";
import { atLeast, expected, lookback, type Pair, proof } from "../strength";
import { inconclusive } from "../verdict";
import { missedWindow, showLength, showWindow } from "../window";

const statistic = text
  .regex(
    /^(Sum|Average|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d{1,2})?)$/,
    "Sum, Average, Minimum, Maximum, SampleCount or a percentile such as p95",
  )
  .meta({ examples: ["Sum"] });

/** A CloudWatch metric over a window, with enough samples to mean anything. */
export const metric = kindOfGate({
  schema: definition("metric", {
    namespace: text.min(1).describe("CloudWatch namespace."),
    name: text.min(1).describe("Metric name."),
    statistic: statistic.describe(
      "Sum, SampleCount and Average are taken over the whole window; of percentiles, Maximum and Minimum the worst period counts.",
    ),
    window,
    minSamples: z
      .int()
      .min(1)
      .describe("Fewer samples than this are inconclusive: zero errors over zero requests says nothing."),
    samplesFrom: text
      .optional()
      .describe(
        "The metric whose Sum counts as the number of samples, for a metric that is zero-filled. Default: the metric's own sample count.",
      ),
    expect: expectation,
    prove: z
      .strictObject({ name: text.min(1), statistic: statistic.optional() })
      .optional()
      .describe("A metric whose value must fail `expect`: shows that the gate can fail."),
  }).describe("A CloudWatch metric over a window."),
  sees: z.strictObject({
    kind: z.literal("metric"),
    value: z.unknown(),
    samples: z.number().nonnegative(),
    window: z.strictObject({ from: z.iso.datetime(), to: z.iso.datetime() }),
  }),
  phases: PHASES,
  metric: (definition) => definition,
  probe: (definition) =>
    definition.prove && {
      ...definition,
      name: definition.prove.name,
      statistic: definition.prove.statistic ?? definition.statistic,
    },
  strength: {
    window: lookback(onlyAdds),
    minSamples: atLeast("wants samples, at least"),
    expect: expected,
    prove: proof,
  },
  required: ({ definition: { statistic, expect, window, minSamples } }) =>
    `${statistic} ${showExpectation(expect)} over ${showWindow(window)}, ≥ ${minSamples} samples`,
  measured({ namespace, name, statistic, samplesFrom }) {
    const samples = samplesFrom === undefined ? "" : `; samples are counted by ${code(samplesFrom)}`;
    return { how: `CloudWatch, ${code(namespace)} ${code(name)}, ${statistic}${samples}` };
  },
  misses: ({ definition }, seen, scope) => missedWindow(definition.window, seen.window, scope),
  judge({ definition: { expect, minSamples } }, { value, samples, window }) {
    const over = `over ${showLength(window)}, ${samples} samples`;
    if (!(samples >= minSamples)) {
      return inconclusive(
        `${over}; too few to say anything`,
        `Wait for ${minSamples} samples, or find out why there are none`,
      );
    }
    const found = judgeValue(expect, value);
    return { ...found, observed: `${found.observed} ${over}` };
  },
});

/** Whether more time can only make the value worse: what adds up, or goes by its worst, under an upper bound. */
function onlyAdds({ was, now }: Pair): boolean {
  return [was, now].every(({ statistic, expect }) => {
    const { eq, ne, gt, gte, lt, lte } = (expect ?? {}) as Record<string, unknown>;
    const upper = [gt, gte, ne].every((bound) => bound === undefined) && (eq === undefined || eq === 0);
    const lower = [eq, ne, lt, lte].every((bound) => bound === undefined);
    return statistic === "Minimum" ? lower : /^(Sum|SampleCount|Maximum)$/.test(String(statistic)) && upper;
  });
}

export type MetricGate = z.infer<typeof metric.schema>;
