import { z } from "zod";
import { UserError } from "../text/problem";
import type { AttemptRecord, PromotionRecord } from "./record";
import type { Held } from "./stackState";

/** What every version of cutover has kept of an attempt, as far as attempts are told apart by it. */
const ofAttempt = z.looseObject({
  attempt: z.int().positive().optional(),
  atFlip: z
    .looseObject({ evidence: z.looseObject({ subject: z.looseObject({ attempt: z.int().positive() }) }) })
    .nullish(),
});
const written = ofAttempt.extend({
  others: z.array(ofAttempt.extend({ attempt: z.int().positive() })).optional(),
});

const STASH = "pulumi:index:Stash";

/** The name of the resource that holds a stage's record. */
export function recordName(stage: string): string {
  return `${stage}-record`;
}

/**
 * The records of a stage's attempts that its stack holds, in their order. What each of them says is carried on as it
 * stands, whichever version wrote it. Throws a `UserError` where there is a record that cannot be told apart.
 *
 * @param resources the state of the stage's own stack, by URN
 */
export function keptIn(stage: string, resources: Readonly<Record<string, Held>>): AttemptRecord[] {
  const ends = `::${recordName(stage)}`;
  const record = Object.entries(resources).find(([urn, { type }]) => type === STASH && urn.endsWith(ends));
  if (!record) return [];
  const root = Object.values(resources).find(({ type }) => type === "pulumi:pulumi:Stack");
  return attemptsIn(record[1].outputs?.output, root?.outputs?.attempt);
}

/**
 * The same, of the record itself.
 *
 * @param output the stack's output `attempt`: for a record of an older version, which names none where no gate was asked
 */
export function attemptsIn(record: unknown, output?: unknown): AttemptRecord[] {
  if (record === undefined || record === null) return [];
  const parsed = written.safeParse(record);
  if (!parsed.success)
    throw new UserError("The record of earlier attempts is not one of this version", {
      where: parsed.error.issues[0]?.path.join(".") || "the record",
      what: "is not as this version reads it",
      remedy: "Use the version of cutover that wrote it, or a newer one",
    });
  const { others = [], ...own } = parsed.data;
  const attempt =
    own.attempt ?? own.atFlip?.evidence.subject.attempt ?? z.int().positive().catch(1).parse(output);
  return inOrder([...others, { ...own, attempt }] as unknown as AttemptRecord[]);
}

/**
 * What is recorded for an attempt, with all that the stack holds of the others. An attempt that has a record already
 * keeps it, unless this run promotes it: config may name an earlier attempt, and that promotes nothing.
 */
export function recordOf(
  made: AttemptRecord,
  kept: readonly AttemptRecord[],
  { promotes }: { readonly promotes: boolean },
): PromotionRecord {
  const own = kept.find(({ attempt }) => attempt === made.attempt);
  const others = kept.filter(({ attempt }) => attempt !== made.attempt);
  return { ...(promotes ? made : (own ?? made)), ...(others.length > 0 ? { others: inOrder(others) } : {}) };
}

function inOrder(list: readonly AttemptRecord[]): AttemptRecord[] {
  return [...list].sort((a, b) => a.attempt - b.attempt);
}
