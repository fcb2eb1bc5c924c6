import { z } from "zod";
import { FAILURE_KINDS } from "../aws/failure";
import { flagValues } from "../flags/values";
import { KINDS, type SeenSchema } from "./registry";

const time = z.iso.datetime();

const failure = z.strictObject({
  kind: z.literal("failure"),
  failure: z.enum(FAILURE_KINDS),
  message: z.string(),
});

/** What a source saw. Plain data: it travels as a component's input to the policies, and into the stack's state. */
export const seen = z.discriminatedUnion("kind", [
  failure,
  ...Object.values(KINDS).flatMap(({ sees }): SeenSchema[] => (sees ? [sees] : [])),
]);

/** What was measured for one gate, once. */
export const observation = z.strictObject({
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
  from: flagValues,
  to: flagValues,
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
