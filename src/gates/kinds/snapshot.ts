import { z } from "zod";
import { snapshotName } from "../../aws/names";
import { snapshotLine } from "../../aws/typed";
import { milliseconds, showDuration } from "../../text/duration";
import { shell } from "../../text/markdown";
import { definition, maxAge } from "../common";
import { kindOfGate, lacking, type StageAround } from "../kind";
import { atMost } from "../strength";
import { CLOCK_SKEW_MS, fail, inconclusive, pass } from "../verdict";

const wanted = z.strictObject({
  id: z.string(),
  kind: z.enum(["instance", "cluster"]),
  of: z.string(),
  /** The host of the database that the gates read; absent where the rollout declares none. */
  host: z.string().optional(),
  /** The host under which config says, with a reason, that the snapshot's database is reached. */
  reachedAs: z.string().optional(),
});

/** The snapshot that the promotion itself takes. */
export const snapshot = kindOfGate({
  schema: definition("snapshot", {
    maxAge: maxAge("24h", "snapshot, left by an interrupted attempt,"),
  }).describe(
    "The snapshot of this promotion exists, is available, and is one of the very database that the gates read. Looked at right before the flip.",
  ),
  sees: z.strictObject({
    kind: z.literal("snapshot"),
    id: z.string(),
    of: z.string(),
    status: z.string(),
    createdAt: z.iso.datetime().optional(),
    /** The hosts at which RDS says that the instance or cluster is reached. */
    endpoints: z.array(z.string()).optional(),
  }),
  /** Its identifier, the instance or cluster that it must be of, and the host that the gates read. */
  facts: { snapshot: wanted.optional() },
  phases: ["entry"],
  keepsData: true,
  atFlip: { observed: "taken by the promotion itself", required: "available right before the flip" },
  bind(_, { rollout, promoted }) {
    const own = snapshotOf(rollout.name, promoted);
    const host = rollout.database?.host;
    return own ? { snapshot: { ...own, ...(host === undefined ? {} : { host }) } } : {};
  },
  fieldErrors: (_, { promoted }) =>
    lacking(promoted.snapshot !== undefined, {
      what: "needs a snapshot, and the stage declares none",
      remedy: "Add snapshot: to cutover:stage",
    }),
  strength: { maxAge: atMost("accepts an age of") },
  required: ({ definition }) =>
    `available, of this attempt and of the database that the gates read, ≤ ${definition.maxAge} old`,
  measured: ({ maxAge }, { place }, { snapshot }) => ({
    how: `RDS; taken by the promotion itself, of the database that the gates read, at most ${maxAge} old`,
    ...(snapshot ? { run: shell([snapshotLine(snapshot, place.region)]) } : {}),
  }),
  judge({ definition, snapshot: own }, seen, { now }) {
    const again = "Raise the attempt, so that a new snapshot is taken";
    if (!own) return inconclusive("the stage declares no snapshot", "Add snapshot: to cutover:stage");
    if (seen.id !== own.id || seen.of !== own.of)
      return fail(`${seen.id} of ${seen.of} is another snapshot`, again);
    if (seen.status !== "available")
      return fail(`${seen.id} is ${seen.status}`, "Wait until it is available, then run pulumi up again");
    const tied = tieOf(own, seen.endpoints);
    if (tied.kind === "unknown")
      return inconclusive(
        tied.what,
        "Give whoever runs pulumi up rds:DescribeDBInstances and rds:DescribeDBClusters",
      );
    if (tied.kind === "another") return fail(tied.what, tied.remedy);
    const age = now - Date.parse(seen.createdAt ?? "");
    if (!(age >= -CLOCK_SKEW_MS)) return inconclusive(`${seen.id}: it is not known when it was taken`, again);
    if (age > milliseconds(definition.maxAge))
      return fail(`${seen.id} was taken ${showDuration(age)} ago`, again);
    return pass(`${seen.id}, taken ${showDuration(age)} ago`);
  },
});

/** The snapshot that a stage's promotion takes; undefined where it declares none. */
export function snapshotOf(
  rollout: string,
  {
    name,
    attempt,
    snapshot: { instance, cluster, reachedAs } = {},
  }: Pick<StageAround, "name" | "attempt" | "snapshot">,
): z.infer<typeof wanted> | undefined {
  const of = instance ?? cluster;
  if (of === undefined) return undefined;
  const kind = instance === undefined ? "cluster" : "instance";
  const said = reachedAs ? { reachedAs: reachedAs.host } : {};
  return { id: snapshotName(rollout, name, attempt), kind, of, ...said };
}

/** Whether a snapshot is one of the database that the gates read. */
export type Tie =
  | { readonly kind: "same" }
  | { readonly kind: "unknown"; readonly what: string }
  | { readonly kind: "another"; readonly what: string; readonly remedy: string };

/**
 * Compares the host that the gates read with the one that config says, or else with those that RDS says. Where no
 * database is declared, no gate reads one, and there is nothing to compare.
 *
 * @param endpoints as RDS has them; not asked for where config says the host
 */
export function tieOf(
  { kind, of, host, reachedAs }: z.infer<typeof wanted>,
  endpoints: readonly string[] | undefined,
): Tie {
  if (host === undefined) return { kind: "same" };
  const hosts = reachedAs === undefined ? endpoints : [reachedAs];
  if (!hosts || hosts.length === 0)
    return { kind: "unknown", what: `RDS does not say where the ${kind} ${of} is reached` };
  if (hosts.some((one) => plainHost(one) === plainHost(host))) return { kind: "same" };
  return {
    kind: "another",
    what: `the ${kind} ${of} is reached at ${hosts.join(", ")}, and the gates read ${host}: the snapshot is of another database`,
    remedy: `Let snapshot.${kind} name the database of the gates, or database.host its endpoint. Where ${host} is another name of it, say so: snapshot: { ${kind}: ${of}, reachedAs: { host: ${host}, because: … } }`,
  };
}

/** DNS makes no difference between cases, nor of a dot at the end. */
function plainHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}
