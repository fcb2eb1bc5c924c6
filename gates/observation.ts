import { z } from "zod";

/** Why nothing could be observed. The sources' own words go into `message`, secrets left out. */
export const FAILURE_KINDS = [
  "unreachable",
  "timeout",
  "refused",
  "throttled",
  "no-data",
  "bad-answer",
] as const;

/** What a source saw. Plain data: it travels as a component's input to the policies, and into the stack's state. */
export const seen = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("value"),
    // JSON has no NaN or Infinity, and a value of another type must reach the judge as it is, to be refused there.
    value: z.unknown(),
    samples: z.number().int().nonnegative().optional(),
    window: z.strictObject({ from: z.iso.datetime(), to: z.iso.datetime() }).optional(),
  }),
  z.strictObject({
    kind: z.literal("occupancy"),
    stage: z.string(),
    since: z.iso.datetime(),
    deployment: z.number().int(),
  }),
  z.strictObject({ kind: z.literal("failure"), failure: z.enum(FAILURE_KINDS), message: z.string() }),
]);

/** What was measured for one gate, once. */
export const observation = z.strictObject({
  gate: z.string(),
  /** Hash of the gate's definition as it was when measured. */
  definition: z.string(),
  at: z.iso.datetime(),
  tookMs: z.number().nonnegative(),
  seen,
});

/** What the evidence was measured for. Evidence for anything else does not count. */
export const subject = z.strictObject({
  rollout: z.string(),
  stage: z.string(),
  attempt: z.number().int().positive(),
  from: z.record(z.string(), z.union([z.boolean(), z.number()])),
  to: z.record(z.string(), z.union([z.boolean(), z.number()])),
  /** Number of the deployment that was live when the plan was made. */
  liveDeployment: z.number().int(),
  /** The commit of the working tree, with `-dirty` where it had changes; `unknown` outside a checkout. */
  commit: z.string(),
});

/** The observations of one promotion, with what they were measured for. */
export const evidence = z.strictObject({
  subject,
  measuredAt: z.iso.datetime(),
  observations: z.array(observation),
});

export type Seen = z.infer<typeof seen>;
export type FailureKind = (typeof FAILURE_KINDS)[number];
export type Observation = z.infer<typeof observation>;
export type Subject = z.infer<typeof subject>;
export type Evidence = z.infer<typeof evidence>;
