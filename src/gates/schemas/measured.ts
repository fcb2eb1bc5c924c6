import { z } from "zod";
import { duration } from "../../text/duration";
import { common, parameterised, window } from "../common";
import { expectation } from "../expectation";

const values = z
  .array(z.union([z.string(), z.number(), z.boolean()]))
  .default([])
  .meta({
    description: `Values for $1, $2 … in the query. ${parameterised} \`{2h}\` is that length of time, as an interval.`,
    examples: [["{workspace}"]],
  });

/** One statement that yields one value. */
export const sqlGate = z
  .strictObject({
    source: z.literal("sql"),
    ...common,
    query: z
      .string()
      .min(1)
      .meta({
        description:
          "One SELECT that yields one row with one column. Runs in a read-only transaction as the gate role.",
        examples: ["select count(*) from patches where workspace_id = $1"],
      }),
    values,
    window: window.optional().meta({
      description:
        "How far back the query looks: a duration, or `soak`. Its ends are the values `{from}` and `{to}`, of type timestamptz.",
      examples: ["soak"],
    }),
    expect: expectation,
    timeout: duration.default("5s").meta({
      description: "How long the statement may run before the gate counts as inconclusive.",
      examples: ["5s"],
    }),
    prove: z
      .strictObject({ query: z.string().min(1), values })
      .optional()
      .meta({
        description:
          "A query whose value must fail `expect`: shows that the gate can fail (`cutover prove`).",
      }),
  })
  .meta({ description: "A value read from the database." });

const statistic = z
  .string()
  .regex(
    /^(Sum|Average|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d{1,2})?)$/,
    "Sum, Average, Minimum, Maximum, SampleCount or a percentile such as p95",
  )
  .meta({ examples: ["Sum"] });

/** A CloudWatch metric over a window. */
export const metricGate = z
  .strictObject({
    source: z.literal("metric"),
    ...common,
    namespace: z.string().min(1).meta({ description: "CloudWatch namespace." }),
    name: z.string().min(1).meta({ description: "Metric name." }),
    statistic: statistic.meta({
      description:
        "Sum, SampleCount and Average are taken over the whole window; of percentiles, Maximum and Minimum the worst period counts.",
    }),
    window,
    minSamples: z.int().min(1).meta({
      description: "Fewer samples than this are inconclusive: zero errors over zero requests says nothing.",
    }),
    samplesFrom: z.string().optional().meta({
      description:
        "The metric whose Sum counts as the number of samples, for a metric that is zero-filled. Default: the metric's own sample count.",
    }),
    expect: expectation,
    prove: z
      .strictObject({ name: z.string().min(1), statistic: statistic.optional() })
      .optional()
      .meta({ description: "A metric whose value must fail `expect`: shows that the gate can fail." }),
  })
  .meta({ description: "A CloudWatch metric over a window." });

/** One request to the service. */
export const request = z.strictObject({
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).default("GET"),
  path: z
    .string()
    .startsWith("/")
    .meta({
      description: `Path on the service. ${parameterised}`,
      examples: ["/api/v2.5/workspaces/{workspace}/operations/queue"],
    }),
  as: z
    .string()
    .optional()
    .meta({
      description: "Whose bearer token to send: the secret config key `cutover:token-ROLE`.",
      examples: ["admin"],
    }),
  body: z.record(z.string(), z.unknown()).optional().meta({ description: "Sent as JSON." }),
});

/** One request, and what must be true of its answer. */
export const httpGate = z
  .strictObject({
    source: z.literal("http"),
    ...common,
    request,
    status: z
      .int()
      .min(100)
      .max(599)
      .default(200)
      .meta({ description: "The status that the answer must have." }),
    value: z
      .string()
      .optional()
      .meta({
        description:
          "Where in the answer's JSON the value stands, such as data.counts.total. Needs `expect`.",
        examples: ["data.counts.total"],
      }),
    expect: expectation.optional(),
    within: duration.optional().meta({
      description: "The answer must be complete within this time.",
      examples: ["500ms"],
    }),
    timeout: duration
      .default("10s")
      .meta({ description: "After this the gate is inconclusive.", examples: ["10s"] }),
    prove: z
      .strictObject({ request })
      .optional()
      .meta({ description: "A request whose answer must fail the gate: shows that the gate can fail." }),
  })
  .refine((gate) => (gate.value === undefined) === (gate.expect === undefined), {
    message: "`value` and `expect` together, or neither of them",
  })
  .meta({ description: "One request to the service." });

/** A sequence of requests, written in TypeScript in checks.ts of the rollout. */
export const checkGate = z
  .strictObject({
    source: z.literal("check"),
    ...common,
    check: z
      .string()
      .meta({ description: "The check's name in checks.ts of this rollout.", examples: ["role-scoping"] }),
    timeout: duration
      .default("30s")
      .meta({ description: "After this the gate is inconclusive.", examples: ["30s"] }),
  })
  .meta({ description: "A sequence of requests with its own assertions, which cleans up what it creates." });
