import { z } from "zod";
import { formerRows } from "../../gates/common";
import { oneSignal, probeQuery } from "./probe";
import { oneAnswer, rowAnswer } from "./rowConfig";
import type { WithSignal } from "./signal";

const metric = z.strictObject({
  namespace: z.string().min(1).meta({ description: "CloudWatch namespace that the app publishes to." }),
  name: z
    .string()
    .min(1)
    .meta({ description: "Metric name. One of its own per signal, zero-filled by the app." }),
  statistic: z
    .string()
    .regex(
      /^(Sum|Average|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d{1,2})?)$/,
      "Sum, Average, Minimum, Maximum, SampleCount or a percentile such as p95",
    )
    .meta({ examples: ["Sum", "p95"] }),
  period: z
    .enum(["10s", "30s", "1m", "5m"])
    .default("10s")
    .meta({ description: "10s and 30s need high-resolution metrics (StorageResolution 1)." }),
});

/** One row of `cutover:stage.abort`: what its alarm watches, when it fires, and what that leads to. */
export const abortThreshold = z
  .strictObject({
    title: z
      .string()
      .min(3)
      .max(120)
      .meta({ description: "What is wrong when it fires. Shown in the page." }),
    metric: metric.optional(),
    probe: probeQuery.optional(),
    threshold: z
      .strictObject({
        gt: z.number().optional(),
        gte: z.number().optional(),
        lt: z.number().optional(),
        lte: z.number().optional(),
      })
      .refine(
        (value) => Object.values(value).filter((bound) => bound !== undefined).length === 1,
        "exactly one of gt, gte, lt, lte",
      )
      .meta({ description: "The alarm fires when the metric is so.", examples: [{ gt: 0 }] }),
    datapoints: z
      .strictObject({ of: z.int().min(1).max(10).default(1), breaching: z.int().min(1).max(10).default(1) })
      .refine((value) => value.breaching <= value.of, "no more breaching data points than `of`")
      .prefault({})
      .meta({ description: "How many of the last periods must breach. Default: 1 of 1." }),
    missingData: z.enum(["breaching", "notBreaching", "ignore", "missing"]).optional().meta({
      description:
        "What silence means: `breaching` for a signal that must be there, `notBreaching` for one that only errors publish.",
    }),
    action: z.enum(["rollback", "page"]).meta({
      description:
        "`rollback` pages on-call and lowers the flags by itself, to the predecessor's unless abortTo says otherwise; `page` only pages, and leaves the flags to a person.",
    }),
    runbook: z
      .string()
      .max(500)
      .optional()
      .meta({ description: "The line of the runbook that on-call reads in the page." }),
    formerly: formerRows,
    ...rowAnswer,
  })
  .superRefine((row, context) => {
    oneSignal(row, context);
    oneAnswer(row, context);
  });

/** An abort row as config writes it. */
type AbortThresholdConfig = z.infer<typeof abortThreshold>;
/** An abort row whose alarm knows what to watch, and what silence means. */
export type AbortThreshold = WithSignal<AbortThresholdConfig>;
