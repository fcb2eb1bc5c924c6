import { z } from "zod";
import { FAILURE_KINDS } from "../aws/failure";

const time = z.iso.datetime();
const flags = z.record(z.string(), z.union([z.boolean(), z.number()]));

/** What a source saw. Plain data: it travels as a component's input to the policies, and into the stack's state. */
export const seen = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("value"),
    // JSON has no NaN or Infinity, and a value of another type must reach the judge as it is, to be refused there.
    value: z.unknown(),
    /** What the query looked at, where it looks at a window. */
    window: z.strictObject({ from: time, to: time }).optional(),
  }),
  z.strictObject({
    kind: z.literal("metric"),
    value: z.unknown(),
    samples: z.number().nonnegative(),
    window: z.strictObject({ from: time, to: time }),
  }),
  z.strictObject({
    kind: z.literal("occupancy"),
    stage: z.string(),
    since: time,
    deployment: z.number().int(),
  }),
  z.strictObject({
    kind: z.literal("alarms"),
    since: time,
    alarms: z.array(
      z.strictObject({
        row: z.string(),
        state: z.enum(["OK", "ALARM", "INSUFFICIENT_DATA", "missing"]),
        /** The last time it went into ALARM since `since`. */
        firedAt: time.optional(),
      }),
    ),
  }),
  z.strictObject({
    kind: z.literal("answer"),
    status: z.number().int(),
    /** Until the answer was complete. */
    ms: z.number().nonnegative(),
    value: z.unknown().optional(),
  }),
  /** What a check in TypeScript found; its own words, and no secret among them. */
  z.strictObject({ kind: z.literal("check"), holds: z.boolean(), said: z.string() }),
  z.strictObject({
    kind: z.literal("servers"),
    servers: z.array(
      z.strictObject({ server: z.string(), flags: flags.optional(), error: z.string().optional() }),
    ),
  }),
  z.strictObject({
    kind: z.literal("signOff"),
    by: z.string(),
    at: time,
    statement: z.string(),
    attempt: z.number().int(),
    link: z.string().optional(),
    expires: time.optional(),
    /** Since when what it speaks of is live: an earlier statement cannot speak of it. */
    liveSince: time,
  }),
  z.strictObject({
    kind: z.literal("snapshot"),
    id: z.string(),
    of: z.string(),
    status: z.string(),
    createdAt: time.optional(),
  }),
  z.strictObject({
    kind: z.literal("drill"),
    rollout: z.string(),
    stage: z.string(),
    deployment: z.number().int(),
    /** When its data point was published; absent where the alarm did not say. */
    breachAt: time.optional(),
    completedAt: time.optional(),
  }),
  /** The clock of whoever measured. */
  z.strictObject({ kind: z.literal("clock"), now: time }),
  z.strictObject({ kind: z.literal("failure"), failure: z.enum(FAILURE_KINDS), message: z.string() }),
]);

/** What was measured for one gate, once. */
const observation = z.strictObject({
  gate: z.string(),
  /** Hash of the gate's definition as it was when measured. */
  definition: z.string(),
  at: time,
  tookMs: z.number().nonnegative(),
  seen,
});

/** What the evidence was measured for. Evidence for anything else does not count. */
const subject = z.strictObject({
  rollout: z.string(),
  stage: z.string(),
  attempt: z.number().int().positive(),
  from: flags,
  to: flags,
  /** Number of the deployment that was live when the plan was made. */
  liveDeployment: z.number().int(),
  /** Since when its flags are live: a soak, and what is watched all through it, begins here. */
  liveSince: time,
  /** The commit of the working tree, with `-dirty` where it had changes; `unknown` outside a checkout. */
  commit: z.string(),
});

/** The observations of one promotion, with what they were measured for. */
export const evidence = z.strictObject({
  subject,
  measuredAt: time,
  observations: z.array(observation),
});

export type Seen = z.infer<typeof seen>;
export type Observation = z.infer<typeof observation>;
export type Subject = z.infer<typeof subject>;
export type Evidence = z.infer<typeof evidence>;
