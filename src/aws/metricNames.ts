import { z } from "zod";

/** CloudWatch's limits on dimensions. Source: the reference of PutMetricData. */
const MOST_DIMENSIONS = 30;

/** What a dimension is called and holds. Source: the reference of Dimension. */
const ASCII = /^(?=.*\S)[\x20-\x7e]*$/;
const inAscii = "ASCII, and not blank";

/** A namespace, as CloudWatch takes it. Source: the reference of PutMetricData, and the guide on namespaces. */
export const namespace = z
  .string()
  .min(1)
  .max(255)
  .regex(
    /^(?!:)(?=.*\S)[\w.\-/#: ]*$/,
    "letters, digits, spaces and . - _ / # :, not blank, and no colon first",
  )
  .meta({ description: "CloudWatch namespace." });

/** A metric's name, as CloudWatch takes it. */
export const metricName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^(?=.*\S)\P{Cc}*$/u, "a name that is not blank, on one line")
  .meta({ description: "Metric name." });

/** Names and values that tell one metric from others of its name: all of those that it is published with. */
export const dimensions = z
  .record(z.string().min(1).max(255).regex(ASCII, inAscii), z.string().min(1).max(1024).regex(ASCII, inAscii))
  .refine((given) => Object.keys(given).length <= MOST_DIMENSIONS, `at most ${MOST_DIMENSIONS} dimensions`)
  .refine(
    (given) => Object.keys(given).every((name) => !name.startsWith(":")),
    "names that do not begin with a colon",
  )
  .meta({
    description:
      "The dimensions that the metric is published with: all of them, since CloudWatch takes any other set for another metric.",
    examples: [{ LoadBalancer: "app/ops/50dc6c495c0c9188" }],
  });
