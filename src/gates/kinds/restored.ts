import { z } from "zod";
import { ofStage } from "../../text/command";
import { counted } from "../../text/counted";
import { milliseconds, showDuration, someTime } from "../../text/duration";
import { quoted, shell } from "../../text/markdown";
import { definition, maxAge, NEEDS_BACKUP, NEEDS_DATABASE } from "../common";
import { databaseIdentity, FILES, sameDatabase, showIdentity } from "../dumps/manifest";
import { showBytes } from "../dumps/show";
import { kindOfGate, lacking } from "../kind";
import { atMost } from "../strength";
import { CLOCK_SKEW_MS, fail, inconclusive, pass } from "../verdict";

/** How many reasons are told; the record has all of them. */
const TOLD = 3;

/** The last backup that somebody restored came back whole, lately and fast enough. */
export const restored = kindOfGate({
  schema: definition("restored", {
    maxAge: maxAge("30d", "proof"),
    within: someTime.optional().meta({
      description:
        "How long the restore may have taken, with the fetching of the dump, without the comparison.",
      examples: ["30m"],
    }),
  }).describe(
    "A backup of the very database that the gates read was restored, and agreed with what was dumped or, of a snapshot, was whole (`cutover prove-backup`). The last one that was tried counts, and no restore runs in `up`.",
  ),
  sees: z.strictObject({
    kind: z.literal("restored"),
    file: z.string(),
    /** A dump's. */
    bytes: z.number().nonnegative().optional(),
    at: z.iso.datetime(),
    of: databaseIdentity,
    /** Which database the gates read. */
    read: databaseIdentity,
    /** How long fetching and restoring took, in ms. Absent where it did not come to its end. */
    tookMs: z.number().nonnegative().optional(),
    /** What was compared. Absent where it did not come so far. */
    tables: z.number().int().nonnegative().optional(),
    rows: z.string().optional(),
    /** Of a snapshot, whose source has gone on: how many tables are there as they are in it. */
    same: z.number().int().nonnegative().optional(),
    failures: z.array(z.string()),
  }),
  facts: {
    /** Where the record lies. */
    proven: z.strictObject({ at: z.string(), rollout: z.string(), stage: z.string() }).optional(),
  },
  phases: ["entry"],
  madeBy: ["backup", "prove-backup"],
  undone: "Prove that a backup comes back, then run pulumi up again",
  bind: (_, { rollout, promoted }) =>
    rollout.backup
      ? { proven: { at: rollout.backup.dumps, rollout: rollout.name, stage: promoted.name } }
      : {},
  fieldErrors: (_, { rollout }) => [
    ...lacking(rollout.backup !== undefined, NEEDS_BACKUP),
    ...lacking(rollout.database !== undefined, NEEDS_DATABASE),
  ],
  strength: { maxAge: atMost("accepts an age of"), within: atMost("allows") },
  required: ({ definition: { maxAge, within } }) =>
    `a restore that agreed${within === undefined ? "" : `, in ≤ ${within}`}, ≤ ${maxAge} ago`,
  measured: (_, { place }, { proven }) => ({
    how: proven
      ? `${quoted(FILES.proof(proven.rollout))} below ${quoted(proven.at)}, and the database's own identity; the record is made by`
      : "the record of the last restore",
    ...(proven ? { run: shell([ofStage(place, "prove-backup", proven.stage)]) } : {}),
  }),
  judge({ definition: { maxAge, within }, proven }, seen, { now }) {
    if (!proven)
      return inconclusive("the rollout does not say where dumps lie", "Add backup: to cutover:rollout");
    const again = `Prove a backup of this database: ${ofStage(proven, "prove-backup", proven.stage)}`;
    const { file, failures, tookMs, tables, rows } = seen;
    if (!sameDatabase(seen.of, seen.read))
      return fail(
        `${file}, which was restored, is of ${showIdentity(seen.of)}, and the gates read ${showIdentity(seen.read)}`,
        again,
      );
    const age = now - Date.parse(seen.at);
    if (!(age >= -CLOCK_SKEW_MS)) return inconclusive(`${file}: it is not known when it was restored`, again);
    if (failures.length > 0) {
      const more = failures.length > TOLD ? `, and ${failures.length - TOLD} more` : "";
      return fail(
        `${file} did not come back, ${showDuration(age)} ago: ${failures.slice(0, TOLD).join("; ")}${more}`,
        "Mend the backup, take another one, and prove that",
      );
    }
    if (tookMs === undefined || tables === undefined || tables === 0)
      return inconclusive(`${file}: nothing of it was compared`, again);
    const size = seen.bytes === undefined ? "" : `, ${showBytes(seen.bytes)}`;
    const agree = seen.same === undefined ? "agree" : `were read, ${seen.same} of them as they are now`;
    const observed = `${file}${size}, back in ${showDuration(tookMs)}: ${counted(tables, "table")} and ${counted(BigInt(rows ?? "0"), "row")} ${agree}, ${showDuration(age)} ago`;
    if (age > milliseconds(maxAge)) return fail(observed, again);
    if (within !== undefined && !(tookMs <= milliseconds(within)))
      return fail(observed, "Find out what makes the restore slow, or agree on a longer time");
    return pass(observed);
  },
});
