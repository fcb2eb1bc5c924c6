import { z } from "zod";
import { oneQuestion, questionShape } from "../../gates/elsewhere/question";
import { placeholders } from "../../gates/placeholders";
import { safeMilliseconds, someTime } from "../../text/duration";

/** A measurement lasts 15 s at most: one statement must leave time to the others. */
const MAX_TIMEOUT_MS = 10_000;

/** How finely the alarm of a probe's row looks: as often as the probe measures. */
export const PROBE_PERIOD = "10s";

/** `abort.<row>.probe`: a signal that is read from the database every ten seconds. */
export const probeQuery = z
  .strictObject({
    query: z
      .string()
      .min(1)
      .meta({
        description:
          "One SELECT that yields one row with one number or boolean (false is 0, true is 1). Runs every 10 s, in a read-only transaction, as the gate role.",
        examples: ["select count(*) from divergences where resolved_at is null"],
      }),
    values: z
      .array(z.union([z.string(), z.number(), z.boolean()]))
      .default([])
      .meta({
        description:
          "Values for $1, $2 … in the query. `{name}` is replaced by the rollout's parameter of that name, `{2h}` by that length of time, as an interval.",
        examples: [["{workspace}"]],
      }),
    window: someTime.optional().meta({
      description:
        "How far back the query looks. Its ends are the values `{from}` and `{to}`, of type timestamptz.",
      examples: ["1h"],
    }),
    timeout: someTime
      .refine((text) => safeMilliseconds(text) <= MAX_TIMEOUT_MS, "at most 10s")
      .default("5s")
      .meta({
        description: "How long the statement may run, at most 10s. Longer, and the signal is missing.",
        examples: ["5s"],
      }),
  })
  .meta({
    description:
      "SQL whose value a probe publishes every 10 s, for the alarm to watch. Its silence counts as breaching.",
  });

/** `abort.<row>.elsewhere`: a signal that a named source tells. */
export const rowElsewhere = z
  .strictObject({
    ...questionShape,
    every: z.enum(["10s", "30s", "1m"]).default(PROBE_PERIOD).meta({
      description:
        "How often it is asked, and how finely its alarm looks. Slower, where the source allows so few requests.",
    }),
    timeout: someTime
      .refine((text) => safeMilliseconds(text) <= MAX_TIMEOUT_MS, "at most 10s")
      .default("5s")
      .meta({
        description: "How long an answer may take, at most 10s. Longer, and the signal is missing.",
        examples: ["5s"],
      }),
  })
  .refine(oneQuestion.test, oneQuestion.message)
  .meta({
    description:
      "A number or boolean (false is 0, true is 1) that a source of `sources` tells, and a probe publishes, for the alarm to watch. Its silence counts as breaching.",
  });

/** `database.vpc`: where the probe runs, for a database that only its own network reaches. */
export const probeVpc = z
  .strictObject({
    subnetIds: z.array(z.string().min(1)).min(1).meta({
      description:
        "Private subnets from which the database is reached, and also CloudWatch and Secrets Manager (NAT, or their VPC endpoints).",
    }),
    securityGroupIds: z
      .array(z.string().min(1))
      .min(1)
      .meta({ description: "Security groups of the probe: the database must admit them." }),
  })
  .meta({ description: "The network that the probe runs in. Left out, it runs outside of any VPC." });

export type ProbeQuery = z.infer<typeof probeQuery>;
export type RowElsewhere = z.infer<typeof rowElsewhere>;
/** What a probe asks for a row: the database, or a named source. */
export type Probed = ProbeQuery | RowElsewhere;
export type ProbeVpc = z.infer<typeof probeVpc>;

/** The parameters that a probe names. */
export function probeParameters({ values }: ProbeQuery): string[] {
  return [...new Set(values.flatMap((value) => (typeof value === "string" ? placeholders(value) : [])))];
}
