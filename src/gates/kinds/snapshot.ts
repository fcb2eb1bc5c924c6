import { z } from "zod";
import { snapshotName } from "../../aws/names";
import { snapshotLine } from "../../aws/typed";
import { duration, milliseconds, showDuration } from "../../text/duration";
import { shell } from "../../text/markdown";
import { definition } from "../common";
import { kindOfGate, lacking, type StageAround } from "../kind";
import { atMost } from "../strength";
import { CLOCK_SKEW_MS, fail, inconclusive, pass } from "../verdict";

const wanted = z.strictObject({ id: z.string(), kind: z.enum(["instance", "cluster"]), of: z.string() });

/** The snapshot that the promotion itself takes. */
export const snapshot = kindOfGate({
  schema: definition("snapshot", {
    maxAge: duration.default("24h").meta({
      description: "An older snapshot, left by an interrupted attempt, does not count.",
      examples: ["24h"],
    }),
  }).describe("The snapshot of this promotion exists and is available. Looked at right before the flip."),
  sees: z.strictObject({
    kind: z.literal("snapshot"),
    id: z.string(),
    of: z.string(),
    status: z.string(),
    createdAt: z.iso.datetime().optional(),
  }),
  /** Its identifier, and the instance or cluster that it must be of. */
  facts: { snapshot: wanted.optional() },
  phases: ["entry"],
  atFlip: { observed: "taken by the promotion itself", required: "available right before the flip" },
  bind(_, { rollout, promoted }) {
    const own = snapshotOf(rollout.name, promoted);
    return own ? { snapshot: own } : {};
  },
  slips: (_, { promoted }) =>
    lacking(promoted.snapshot !== undefined, {
      what: "needs a snapshot, and the stage declares none",
      remedy: "Add snapshot: to cutover:stage",
    }),
  strength: { maxAge: atMost("accepts an age of") },
  required: ({ definition }) => `available, of this attempt, ≤ ${definition.maxAge} old`,
  measured: ({ maxAge }, { place }, { snapshot }) => ({
    how: `RDS; taken by the promotion itself, at most ${maxAge} old`,
    ...(snapshot ? { run: shell([snapshotLine(snapshot, place.region)]) } : {}),
  }),
  judge({ definition, snapshot: own }, seen, { now }) {
    const again = "Raise the attempt, so that a new snapshot is taken";
    if (!own) return inconclusive("the stage declares no snapshot", "Add snapshot: to cutover:stage");
    if (seen.id !== own.id || seen.of !== own.of)
      return fail(`${seen.id} of ${seen.of} is another snapshot`, again);
    if (seen.status !== "available")
      return fail(`${seen.id} is ${seen.status}`, "Wait until it is available, then run pulumi up again");
    const age = now - Date.parse(seen.createdAt ?? "");
    if (!(age >= -CLOCK_SKEW_MS)) return inconclusive(`${seen.id}: it is not known when it was taken`, again);
    if (age > milliseconds(definition.maxAge))
      return fail(`${seen.id} was taken ${showDuration(age)} ago`, again);
    return pass(`${seen.id}, taken ${showDuration(Math.max(0, age))} ago`);
  },
});

/** The snapshot that a stage's promotion takes; undefined where it declares none. */
export function snapshotOf(
  rollout: string,
  { name, attempt, snapshot: { instance, cluster } = {} }: Pick<StageAround, "name" | "attempt" | "snapshot">,
): z.infer<typeof wanted> | undefined {
  const of = instance ?? cluster;
  if (of === undefined) return undefined;
  const kind = instance === undefined ? "cluster" : "instance";
  return { id: snapshotName(rollout, name, attempt), kind, of };
}
