import { z } from "zod";
import { flagValue, flagValues } from "../flags/values";
import { gate } from "../gates/gate";
import { evidence, type Subject } from "../gates/observation";
import type { Rollout, Stage } from "../rollout/rollout";
import { comparison } from "../rollout/strength/judge";

const change = z.strictObject({
  flag: z.string(),
  from: flagValue,
  to: flagValue,
  direction: z.enum(["raise", "lower"]),
});
const planned = { from: flagValues, to: flagValues, liveDeployment: z.number().int() };

const problems = z.array(z.strictObject({ where: z.string(), what: z.string(), remedy: z.string() }));

/** A plan that changes flags, or was refused, as it travels to the policies. */
const plannedChange = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("raise"), ...planned, changes: z.array(change) }),
  z.strictObject({
    kind: z.literal("lower"),
    ...planned,
    changes: z.array(change),
    reason: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal("restart"), ...planned }),
  z.strictObject({ kind: z.literal("refused"), ...planned, problems }),
]);

/**
 * What an `up` asks to be promoted: an input of the `Stage` component, known in full already in a preview, and
 * the only thing that the policies judge.
 */
export const promotion = z.strictObject({
  plan: plannedChange,
  subject: evidence.shape.subject,
  /** What the promotion is held to. Empty where it lowers: lowering needs no gate. */
  gates: z.array(gate),
  evidence: evidence.optional(),
  /** Why guards of the promotion could not act; looked at where it raises. Absent or empty: none is known of. */
  unarmed: problems.optional(),
  /** What it is held to, and was before. */
  strength: comparison.optional(),
  /** How much faster declared durations pass than the clock. */
  timeScale: z.number().positive(),
  /** Where AWS calls go, where that is not AWS itself. */
  awsEndpoint: z.string().optional(),
});

export type Promotion = z.infer<typeof promotion>;

/** What evidence has to be about: for a plan, or for what is live. */
export function subjectOf(
  rollout: Rollout,
  stage: Stage,
  plan: Pick<Subject, "from" | "to" | "liveDeployment">,
  liveSince: string | undefined,
  commit: string,
): Subject {
  return {
    rollout: rollout.name,
    stage: stage.name,
    attempt: stage.attempt,
    from: { ...plan.from },
    to: { ...plan.to },
    liveDeployment: plan.liveDeployment,
    // Without live flags nothing is raised either; the beginning of time is a time all the same.
    liveSince: liveSince ?? new Date(0).toISOString(),
    commit,
  };
}
