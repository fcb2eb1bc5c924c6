import { z } from "zod";
import type { Problem } from "../../text/problem";
import type { Weakened } from "../config/stackFile";
import { weakenings } from "./compare";
import { definitions } from "./definitions";

const accepted = z.object({
  key: z.string(),
  says: z.string(),
  reason: z.string(),
  /** Whose `up` it was, as AWS knows them. Absent where AWS did not say. */
  by: z.string().optional(),
});
/** A weakening that somebody gave a reason for, as it is kept with the flip. */
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

/** All that a comparison goes by: plain data, so that program, policies and preview compare alike. */
export const comparison = z.strictObject({
  now: definitions,
  before: z.strictObject({
    lastFlip: definitions.optional(),
    predecessor: definitions.optional(),
    base: definitions.optional(),
  } satisfies Record<Against, unknown>),
  /** The stage's own `weakened:`. */
  weakened: z.record(z.string(), z.strictObject({ reason: z.string() })),
  /** What reasons were given for at the last flip of the stage: they count for that alone. */
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
}

/** Everything that is weaker than it was at the last flip, at the predecessor's, or in the base: each once. */
export function judgeStrength({ now, before, weakened, accepted }: Comparison): Weakening[] {
  const found = new Map<string, Weakening>();
  for (const against of Object.keys(AGAINST) as Against[]) {
    const was = before[against];
    if (!was) continue;
    for (const { key, says } of weakenings(was, now)) {
      const id = `${key}\n${says}`;
      const known = found.get(id);
      found.set(
        id,
        known
          ? { ...known, against: [...known.against, against] }
          : { key, says, against: [against], reason: reasonFor({ key, says }, weakened, accepted) },
      );
    }
  }
  return [...found.values()];
}

function reasonFor(
  { key, says }: Pick<Weakening, "key" | "says">,
  weakened: Weakened,
  accepted: readonly Accepted[],
): string | undefined {
  const reason = Object.hasOwn(weakened, key) ? weakened[key]?.reason : undefined;
  const used = accepted.filter((one) => one.key === key && one.reason === reason);
  return used.length > 0 && !used.some((one) => one.says === says) ? undefined : reason;
}

/** What blocks a raise. */
export function unexplained(list: readonly Weakening[]): Weakening[] {
  return list.filter(({ reason }) => reason === undefined);
}

/** What is kept of those that had a reason. */
export function acceptedOf(list: readonly Weakening[]): Accepted[] {
  return list.flatMap(({ key, says, reason }) => (reason === undefined ? [] : [{ key, says, reason }]));
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
    remedy: `Undo it, or say why under weakened: { ${one.key}: { reason: … } } in cutover:stage`,
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
