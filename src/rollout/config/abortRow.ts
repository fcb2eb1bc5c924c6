import { z } from "zod";
import { formerRows } from "../../gates/common";
import { quantity } from "../../gates/expectation";
import { duration, someTime } from "../../text/duration";
import { lookAt } from "./lookAt";
import { type Probed, probeQuery, rowElsewhere } from "./probe";
import { type Reconciliation, rowReconcile } from "./reconcile";
import { oneAnswer, rowAnswer } from "./rowConfig";
import { oneSignal, type RowMetric, rowAlarm, rowLogs, rowMetric } from "./rowSignal";

const threshold = z
  .strictObject({
    gt: z.number().optional(),
    gte: z.number().optional(),
    lt: z.number().optional(),
    lte: z.number().optional(),
    quantity: quantity
      .optional()
      .describe(
        "What kind of quantity the signal is: a percent (0 to 100), a share (0 to 1), a count (0 or more) or signed (any number). A limit that it can never reach is refused.",
      ),
  })
  .refine(
    ({ quantity: _, ...bounds }) => Object.values(bounds).filter((bound) => bound !== undefined).length === 1,
    "exactly one of gt, gte, lt, lte",
  )
  .meta({
    description: "The alarm fires when the signal is so. Not for `alarm`, which decides by itself.",
    examples: [{ gt: 0 }],
  });

/** One row of `cutover:stage.abort`: what its alarm watches, when it fires, and what that leads to. */
export const abortThreshold = z
  .strictObject({
    title: z
      .string()
      .trim()
      .min(3)
      .max(120)
      .meta({ description: "What is wrong when it fires. Shown in the page." }),
    metric: rowMetric.optional().meta({
      description: "What the alarm watches: one metric, or math over several.",
    }),
    probe: probeQuery.optional(),
    elsewhere: rowElsewhere.optional(),
    reconcile: rowReconcile.optional(),
    logs: rowLogs.optional(),
    alarm: rowAlarm.optional(),
    threshold: threshold.optional(),
    minSamples: z
      .int()
      .min(1)
      .optional()
      .meta({
        description:
          "With fewer samples in a period the row says nothing, and does not breach: a rate and a percentile mean nothing over a handful of requests.",
        examples: [20],
      }),
    samplesFrom: z.string().min(1).optional().meta({
      description:
        "The metric whose Sum counts as the number of samples, of the same namespace and dimensions. In metric math, the id of one of its metrics. Default: the metric's own sample count.",
    }),
    evaluateLowSampleCountPercentiles: z.enum(["evaluate", "ignore"]).optional().meta({
      description:
        "For a percentile without minSamples: whether CloudWatch judges it where it has too few samples by its own reckoning. Default: evaluate.",
    }),
    datapoints: z
      .strictObject({ of: z.int().min(1).default(1), breaching: z.int().min(1).default(1) })
      .refine((value) => value.breaching <= value.of, "no more breaching data points than `of`")
      .prefault({})
      .meta({ description: "How many of the last periods must breach. Default: 1 of 1." }),
    missingData: z.enum(["breaching", "notBreaching", "ignore", "missing"]).optional().meta({
      description:
        "What silence means: `breaching` for a signal that must be there, `notBreaching` for one that only errors publish.",
    }),
    dataWithin: someTime.optional().meta({
      description:
        "The metric must have had data within this time, or the row is not armed and nothing is raised. Default: 3h.",
      examples: ["3h"],
    }),
    silentUntilFlip: z
      .strictObject({
        heartbeat: z.string().min(1).meta({
          description:
            "A metric of the same namespace that lives before the flip, and shows that the app publishes.",
        }),
        within: duration.meta({
          description:
            "After the flip the row's own metric must come within this time, or the flags go down: 5m to 15m, or less where its period is of seconds.",
          examples: ["5m"],
        }),
      })
      .optional()
      .meta({
        description:
          "For a metric that only what this stage turns on publishes: until the flip its heartbeat stands for it.",
      }),
    action: z.enum(["rollback", "page"]).meta({
      description:
        "`rollback` pages on-call and lowers the flags by itself, to the predecessor's unless to or abortTo says otherwise; `page` only pages, and leaves the flags to a person.",
    }),
    runbook: z
      .string()
      .max(500)
      .optional()
      .meta({ description: "The line of the runbook that on-call reads in the page." }),
    lookAt,
    formerly: formerRows,
    ...rowAnswer,
  })
  .superRefine((row, context) => {
    oneSignal(row, context);
    oneAnswer(row, context);
  });

/** An abort row as config writes it. */
export type AbortThresholdConfig = z.infer<typeof abortThreshold>;

/** A row whose alarm watches a metric, be it one that a probe or a log filter of ours publishes. */
type Measured = {
  readonly alarm?: undefined;
  readonly metric: RowMetric;
  readonly threshold: z.infer<typeof threshold>;
  readonly missingData: NonNullable<AbortThresholdConfig["missingData"]>;
};
/** A row whose alarm follows another one. */
type Following = {
  readonly alarm: string;
  readonly metric?: undefined;
  readonly threshold?: undefined;
  readonly missingData?: undefined;
};

/** An abort row whose alarm knows what to watch, and what silence means. */
export type AbortThreshold = Omit<AbortThresholdConfig, keyof Measured | "probe"> &
  (Measured | Following) & {
    /** What its probe asks: of a row with `elsewhere`, that. */
    readonly probe?: Probed | undefined;
    /** What a row with `reconcile` compares, as the stage declares it. */
    readonly compares?: Reconciliation | undefined;
  };
