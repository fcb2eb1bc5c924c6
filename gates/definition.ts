import { z } from "zod";
import { duration } from "../model/duration";
import { expectation } from "./expectation";

/** A row's id in the runbook's sense (`A1`, `XB2`): the key under which config, reports and tests name it. */
export const rowId = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9-]{0,23}$/,
    "a row id: a letter, then up to 23 letters, digits or dashes, such as A1 or XB2",
  );

const common = {
  title: z
    .string()
    .min(3)
    .max(120)
    .meta({ description: "What must hold, in a few words. Shown in reports." }),
  remedy: z.string().max(300).optional().meta({
    description: "What a person does when the gate does not pass. A general hint is shown without it.",
  }),
};

const parameterised = "`{name}` is replaced by the rollout's parameter of that name.";
const values = z
  .array(z.union([z.string(), z.number(), z.boolean()]))
  .default([])
  .meta({
    description: `Values for $1, $2 … in the query. ${parameterised} \`{2h}\` is that length of time, as an interval.`,
    examples: [["{workspace}"]],
  });

/** How long a stage must be live: a length of time, or business cycles of the rollout's calendar. */
export const soakLength = z
  .string()
  .regex(/^(\d{1,9}(ms|s|m|h|d)|[1-9]\d? business cycles?)$/, "a duration such as 24h, or `1 business cycle`")
  .meta({
    description:
      "How long the stage must have been live, without a break: a duration, or business cycles (a full open-to-close window of the rollout's calendar).",
    examples: ["24h"],
  });

/** The predecessor has been live, without a break, for its soak. */
const soakGate = z
  .strictObject({
    source: z.literal("soak"),
    ...common,
    atLeast: soakLength.optional().meta({
      description: "Demanded beside the predecessor's own soak: both must be over.",
      examples: ["24h"],
    }),
  })
  .meta({
    description:
      "The predecessor has been live, without a break, for at least its soak. An abort, or any other deployment, starts it anew.",
  });

/** A window of time that ends now; `soak` begins when the predecessor went live. */
const window = z.union([duration, z.literal("soak")]).meta({
  description: "How far back to look: a duration, or `soak` for all of the time since the stage went live.",
  examples: ["soak"],
});

/** One statement that yields one value. */
const sqlGate = z
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
const metricGate = z
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

/** The abort alarms in force are quiet, and were all through the predecessor's soak. */
const alarmsGate = z.strictObject({ source: z.literal("alarms"), ...common }).meta({
  description:
    "Every abort alarm of the live stage, and of the stages before it, is OK now, and none was in ALARM since the stage went live.",
});

const request = z.strictObject({
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
const httpGate = z
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

/** A sequence of requests, written in TypeScript under smoke/. */
const checkGate = z
  .strictObject({
    source: z.literal("check"),
    ...common,
    check: z
      .string()
      .meta({ description: "The check's name under smoke/ of this rollout.", examples: ["role-scoping"] }),
    timeout: duration
      .default("30s")
      .meta({ description: "After this the gate is inconclusive.", examples: ["30s"] }),
  })
  .meta({ description: "A sequence of requests with its own assertions, which cleans up what it creates." });

/** Every listed server reports the flags. */
const convergenceGate = z
  .strictObject({
    source: z.literal("convergence"),
    ...common,
    within: duration.default("5m").meta({
      description: "How long after the flip the last server may take.",
      examples: ["5m"],
    }),
  })
  .meta({ description: "Every listed server reports the stage's flags." });

/** A person's statement in the stage's `signOffs`. */
const signOffGate = z.strictObject({ source: z.literal("signOff"), ...common }).meta({
  description: "A person has stated it, under the same id in signOffs of the stage to be promoted.",
});

/** The snapshot that the promotion itself takes. */
const snapshotGate = z
  .strictObject({
    source: z.literal("snapshot"),
    ...common,
    maxAge: duration.default("24h").meta({
      description: "An older snapshot, left by an interrupted attempt, does not count.",
      examples: ["24h"],
    }),
  })
  .meta({
    description: "The snapshot of this promotion exists and is available. Looked at right before the flip.",
  });

/** The predecessor's abort path was tried. */
const drillGate = z
  .strictObject({
    source: z.literal("drill"),
    ...common,
    maxAge: duration.default("30d").meta({
      description: "An older drill does not count.",
      examples: ["30d"],
    }),
    within: duration.default("120s").meta({
      description: "How long it may have taken from the breaching data point to the completed deployment.",
      examples: ["120s"],
    }),
  })
  .meta({
    description:
      "The predecessor's abort path was drilled (`cutover drill`), lately and fast enough. A drill is a deployment, so the soak starts anew with it: run it right after the promotion.",
  });

/** A date has passed. */
const dateGate = z
  .strictObject({
    source: z.literal("date"),
    ...common,
    after: z.string().meta({
      description: `The moment that must have passed: a time, or a parameter that holds one. ${parameterised}`,
      examples: ["2027-03-01T00:00:00Z", "{sunset}"],
    }),
  })
  .meta({ description: "A date that people were told has passed. It is never scaled." });

/** All of the predecessor's exit gates. */
const exitGate = z
  .strictObject({ source: z.literal("exit"), ...common })
  .meta({ description: "Every exit gate of the predecessor passes." });

const SOURCES = [
  soakGate,
  sqlGate,
  metricGate,
  alarmsGate,
  httpGate,
  checkGate,
  convergenceGate,
  signOffGate,
  snapshotGate,
  drillGate,
  dateGate,
  exitGate,
] as const;

/** A gate that several stages ask for: declared once, under the same id, in `gates` of the rollout. */
const sharedGate = z
  .strictObject({ source: z.literal("shared") })
  .meta({ description: "The gate of this id in `gates` of cutover:rollout, which several stages share." });

/** What must hold before a promotion, by where the evidence comes from. */
export const gateDefinition = z.discriminatedUnion("source", SOURCES);

export type GateDefinition = z.infer<typeof gateDefinition>;
export type Source = GateDefinition["source"];
export type SoakGate = z.infer<typeof soakGate>;
export type SqlGate = z.infer<typeof sqlGate>;
export type MetricGate = z.infer<typeof metricGate>;
export type HttpGate = z.infer<typeof httpGate>;
export type HttpRequest = z.infer<typeof request>;
export type CheckGate = z.infer<typeof checkGate>;
export type SnapshotGate = z.infer<typeof snapshotGate>;
export type DrillGate = z.infer<typeof drillGate>;
export type DateGate = z.infer<typeof dateGate>;

/** Gates that stages share, by their row ids. */
export const gateMap = z.record(rowId, gateDefinition);

/** A stage's gates by their row ids, some of them shared with other stages. */
export const stageGateMap = z.record(rowId, z.discriminatedUnion("source", [...SOURCES, sharedGate]));
export type StageGates = z.infer<typeof stageGateMap>;

/** When an office is open; a business cycle is one full window from open to close. */
export const calendar = z.strictObject({
  zone: z.string().meta({ description: "IANA time zone.", examples: ["Europe/Berlin"] }),
  days: z
    .array(z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]))
    .min(1)
    .meta({ description: "Working days.", examples: [["mon", "tue", "wed", "thu", "fri"]] }),
  open: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day such as 09:00")
    .meta({ examples: ["09:00"] }),
  close: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day such as 17:30")
    .meta({ examples: ["17:30"] }),
});
export type Calendar = z.infer<typeof calendar>;

/**
 * A gate as one promotion is held to it: the definition with everything filled in that the rollout decides
 * (parameters, the soak that really applies), so that its hash covers all that the verdict depends on.
 */
export const gate = z.strictObject({
  id: z.string(),
  /** The stage's own `entry`, its predecessor's `exit`, or the `smoke` checks after the flip. */
  phase: z.enum(["entry", "exit", "smoke"]),
  /** The stage in whose config the gate is written. */
  stage: z.string(),
  definition: gateDefinition,
  /** For a soak: every length that must be over, and the calendar that business cycles are counted by. */
  soaks: z.array(soakLength).optional(),
  calendar: calendar.optional(),
  /** For convergence: the flags that every server has to report. */
  flags: z.record(z.string(), z.union([z.boolean(), z.number()])).optional(),
  /** For alarms: the names of the alarms that must be quiet, by row. */
  alarms: z.record(z.string(), z.string()).optional(),
  /** For a drill: the stage whose abort path it must have tried. */
  drill: z.strictObject({ rollout: z.string(), stage: z.string() }).optional(),
  /** For a snapshot: its identifier, and the instance or cluster that it must be of. */
  snapshot: z
    .strictObject({ id: z.string(), kind: z.enum(["instance", "cluster"]), of: z.string() })
    .optional(),
});

export type Gate = z.infer<typeof gate>;
