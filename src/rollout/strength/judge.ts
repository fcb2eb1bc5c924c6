import { z } from "zod";
import type { Problem } from "../../text/problem";
import { weakenings } from "./compare";
import { definitions } from "./definitions";

const accepted = z.object({
  key: z.string(),
  says: z.string(),
  reason: z.string(),
  /** Whose `up` it was, as AWS knows them. Absent where AWS did not say. */
  by: z.string().optional(),
});
/** What somebody gave a reason for, as it is kept with the flip. */
export type Accepted = z.infer<typeof accepted>;

/** What a flip is held to, as the stack keeps it. */
export const heldTo = z.object({ definitions, weakened: z.array(accepted) });
export type HeldTo = z.infer<typeof heldTo>;

/** What the definitions in force are compared with. */
const AGAINST = {
  lastFlip: "the last flip of this stage",
  predecessor: "the predecessor's promotion",
  base: "the base of the pull request",
} as const;
export type Against = keyof typeof AGAINST;

/** The base of a pull request: what the rollout was held to there, or why that cannot be known. */
export const base = z.union([
  z.strictObject({ definitions }),
  z.strictObject({
    /** A sentence without a full stop. */
    unusable: z.string(),
  }),
]);
export type Base = z.infer<typeof base>;

/** What `weakened:` names a base by that cannot be compared with. */
const NO_BASE = "pullRequest.base";

/** All that a comparison goes by: plain data, so that program, policies and preview compare alike. */
export const comparison = z.strictObject({
  now: definitions,
  before: z.strictObject({
    lastFlip: definitions.optional(),
    predecessor: definitions.optional(),
    base: base.optional(),
  } satisfies Record<Against, unknown>),
  /** The stage's own `weakened:`. */
  weakened: z.record(z.string(), z.strictObject({ reason: z.string() })),
  /** What the reasons that stood at the last flip of the stage were given for: they count for that alone. */
  accepted: z.array(accepted),
  /** Something was promoted before, and what it was held to was not written down. */
  unrecorded: z.boolean(),
});
export type Comparison = z.infer<typeof comparison>;

/** Something that is weaker than it was. */
export interface Weakening {
  readonly key: string;
  /** A sentence without a full stop: `XB3 no longer rolls back`. */
  readonly says: string;
  readonly against: readonly Against[];
  /** Absent where nobody gave one that counts: then it blocks a raise. */
  readonly reason?: string | undefined;
  /** The reason that stands under its key was given for something else. */
  readonly spent?: true | undefined;
}

/** Everything that is weaker than it was at the last flip, at the predecessor's, or in the base: each once. */
export function judgeStrength(comparison: Comparison): Weakening[] {
  const found = new Map<string, Omit<Weakening, "reason" | "spent">>();
  for (const against of Object.keys(AGAINST) as Against[]) {
    for (const { key, says } of weakerThan(comparison, against)) {
      const id = `${key}\n${says}`;
      const known = found.get(id);
      found.set(
        id,
        known ? { ...known, against: [...known.against, against] } : { key, says, against: [against] },
      );
    }
  }
  // What cannot be compared at all says more than any of the rest.
  const all = [...found.values()];
  return [...all.filter(({ key }) => key === NO_BASE), ...all.filter(({ key }) => key !== NO_BASE)].map(
    (one) => ({ ...one, ...reasonFor(one, comparison) }),
  );
}

function weakerThan({ now, before }: Comparison, against: Against): Pick<Weakening, "key" | "says">[] {
  if (against !== "base") {
    const was = before[against];
    return was ? weakenings(was, now) : [];
  }
  if (!before.base) return [];
  if ("definitions" in before.base) return weakenings(before.base.definitions, now);
  return [{ key: NO_BASE, says: `what is weaker cannot be known: ${before.base.unusable}` }];
}

/**
 * A reason counts for what it was written for. What is weaker than at the last flip came after all that a reason was
 * given for up to then; the predecessor and the base may be further back, and are still weaker by the same.
 */
function reasonFor(
  { key, says, against }: Pick<Weakening, "key" | "says" | "against">,
  { weakened, accepted }: Comparison,
): Pick<Weakening, "reason" | "spent"> {
  const reason = Object.hasOwn(weakened, key) ? weakened[key]?.reason : undefined;
  if (reason === undefined) return {};
  const used = accepted.filter((one) => one.key === key && one.reason === reason);
  if (used.length === 0) return { reason };
  return !against.includes("lastFlip") && used.some((one) => one.says === says)
    ? { reason }
    : { spent: true };
}

/** What blocks a raise. */
export function unexplained(list: readonly Weakening[]): Weakening[] {
  return list.filter(({ reason }) => reason === undefined);
}

/** What a reason is kept for that was written before anything was weaker. */
const NOTHING = "nothing was weaker when it was given";

/**
 * The reasons that stand, with what each was given for: of this flip, and of those before it for as long as the same
 * reason stands. Without the latter, a flip at which nothing is weaker would let an old reason count for new easings.
 */
export function acceptedOf(list: readonly Weakening[], { weakened, accepted }: Comparison): Accepted[] {
  const kept = accepted.filter(
    ({ key, reason }) => Object.hasOwn(weakened, key) && weakened[key]?.reason === reason,
  );
  const same = (one: Accepted) => (other: Accepted) => one.key === other.key && one.says === other.says;
  const given = list.flatMap(({ key, says, reason }) =>
    reason === undefined ? [] : [{ key, says, reason }],
  );
  const all = [...kept, ...given.filter((one) => !kept.some(same(one)))];
  const unused = Object.entries(weakened).filter(([key]) => !all.some((one) => one.key === key));
  return [...all, ...unused.map(([key, { reason }]) => ({ key, says: NOTHING, reason }))];
}

/** Against what something is weaker, in words. */
export function showAgainst({ against }: Pick<Weakening, "against">): string {
  return against.map((one) => AGAINST[one]).join(" and ");
}

/** What is said of each that blocks. */
export function weakeningProblems(list: readonly Weakening[]): Problem[] {
  return list.map((one) => ({
    where: one.key,
    what: `${one.says}: weaker than at ${showAgainst(one)}`,
    remedy: `Undo it, or say why under weakened: { ${one.key}: { reason: … } } in cutover:stage${
      one.spent ? "; the reason that stands there was given for something else, so write a new one" : ""
    }`,
  }));
}

/** What to paste into a stage's file. An empty reason is refused: it is for people to fill in. */
export function weakenedYaml(stage: string, list: readonly Weakening[]): string[] {
  return [
    `# Pulumi.${stage}.yaml`,
    "config:",
    "  cutover:stage:",
    "    weakened:",
    ...[...new Set(list.map(({ key }) => key))].map(
      (key) => `      ${/^[A-Za-z][\w.-]*$/.test(key) ? key : JSON.stringify(key)}: { reason: "" } # why`,
    ),
  ];
}

/** Said once, of a rollout that was promoted before its definitions were written down. */
export const UNRECORDED =
  "What this rollout is held to was not written down when it was last promoted, so nobody can say what is weaker since. It is written down from the next promotion on";
