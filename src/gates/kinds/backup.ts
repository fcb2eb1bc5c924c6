import { z } from "zod";
import { ofStage } from "../../text/command";
import { counted } from "../../text/counted";
import { milliseconds, showDuration } from "../../text/duration";
import { quoted, shell } from "../../text/markdown";
import { DATABASE_OWNER_URL } from "../../text/shell";
import { definition, maxAge, NEEDS_BACKUP, NEEDS_DATABASE } from "../common";
import { databaseIdentity, FILES, sameDatabase, showIdentity } from "../dumps/manifest";
import { showBytes } from "../dumps/show";
import { kindOfGate, lacking } from "../kind";
import { atLeast, atMost } from "../strength";
import { CLOCK_SKEW_MS, fail, inconclusive, pass, showTime } from "../verdict";

/** A dump of the database that the gates read, taken for this promotion. */
export const backup = kindOfGate({
  schema: definition("backup", {
    maxAge: maxAge("24h", "backup"),
    minPercent: z
      .number()
      .min(0)
      .max(100)
      .default(80)
      .meta({
        description:
          "How large the dump must be, in percent of the last promotion's: one that shrank further has lost something. 0 lets any size pass.",
        examples: [80],
      }),
  }).describe(
    "A dump of the very database that the gates read was taken for this promotion (`cutover backup`), is whole, and has not shrunk.",
  ),
  sees: z.strictObject({
    kind: z.literal("backup"),
    file: z.string(),
    /** For what it was taken. */
    rollout: z.string(),
    stage: z.string(),
    attempt: z.number().int(),
    takenAt: z.iso.datetime(),
    /** Since when the flags are live that a promotion changes: what was written since is in no earlier dump. */
    liveSince: z.iso.datetime().optional(),
    of: databaseIdentity,
    /** Which database the gates read. */
    read: databaseIdentity,
    bytes: z.number().nonnegative(),
    /** True where its bytes are those that the manifest speaks of. */
    sealed: z.boolean(),
    /** The last promotion's. */
    last: z.number().nonnegative().optional(),
    /** Of how many tables it holds data. */
    tables: z.number().int().nonnegative(),
    /** Tables that were there when it was taken, and of which it holds nothing. */
    missing: z.array(z.string()),
    /** What its own table of contents, or its end, shows to be wrong. */
    faults: z.array(z.string()),
  }),
  facts: {
    /** Where it lies, and for which promotion it has to be. */
    dump: z
      .strictObject({ at: z.string(), rollout: z.string(), stage: z.string(), attempt: z.number().int() })
      .optional(),
  },
  phases: ["entry"],
  keepsData: true,
  madeBy: ["backup"],
  undone: "Take the backup, then run pulumi up again",
  bind: (_, { rollout, promoted: { name, attempt } }) =>
    rollout.backup ? { dump: { at: rollout.backup.dumps, rollout: rollout.name, stage: name, attempt } } : {},
  fieldErrors: (_, { rollout }) => [
    ...lacking(rollout.backup !== undefined, NEEDS_BACKUP),
    ...lacking(rollout.database !== undefined, NEEDS_DATABASE),
  ],
  strength: {
    maxAge: atMost("accepts an age of"),
    minPercent: atLeast("asks for percent of the last size:"),
  },
  required: ({ definition: { maxAge, minPercent } }) =>
    `whole, of this attempt and of the database that the gates read, ≤ ${maxAge} old, ≥ ${minPercent} % of the last one`,
  measured: (_, { place }, { dump }) => ({
    how: dump
      ? `${quoted(FILES.manifest(dump.rollout, dump.stage, dump.attempt))} below ${quoted(dump.at)}, the dump that it names, and the database's own identity; it is taken by`
      : "the dump of this promotion",
    ...(dump ? { run: shell([ofStage(place, "backup", dump.stage)]) } : {}),
  }),
  judge({ definition, dump }, seen, { now }) {
    if (!dump)
      return inconclusive("the rollout does not say where dumps lie", "Add backup: to cutover:rollout");
    const { file, bytes } = seen;
    const again = `Take another one: ${ofStage(dump, "backup", dump.stage)}`;
    if (seen.rollout !== dump.rollout || seen.stage !== dump.stage || seen.attempt !== dump.attempt)
      return fail(`${file} was taken for ${seen.rollout} ${seen.stage}, attempt ${seen.attempt}`, again);
    if (!sameDatabase(seen.of, seen.read))
      return fail(
        `${file} is of ${showIdentity(seen.of)}, and the gates read ${showIdentity(seen.read)}`,
        `Let ${DATABASE_OWNER_URL} lead to the database of the gates. ${again}`,
      );
    const [fault] = seen.faults;
    if (fault !== undefined) return fail(`${file}: ${fault}`, again);
    if (!seen.sealed) return fail(`${file} is not the file that its manifest speaks of`, again);
    if (seen.missing.length > 0) return fail(`${file} holds nothing of ${seen.missing.join(", ")}`, again);
    const taken = Date.parse(seen.takenAt);
    const age = now - taken;
    if (!(age >= -CLOCK_SKEW_MS)) return inconclusive(`${file}: it is not known when it was taken`, again);
    if (age > milliseconds(definition.maxAge))
      return fail(`${file} was taken ${showDuration(age)} ago`, again);
    if (seen.liveSince !== undefined && !(taken >= Date.parse(seen.liveSince)))
      return fail(`${file} was taken before what is live went live, at ${showTime(seen.liveSince)}`, again);
    const share = seen.last === undefined || seen.last === 0 ? 100 : (100 * bytes) / seen.last;
    if (!(share >= definition.minPercent))
      return fail(
        `${file} has ${showBytes(bytes)}, and the last one had ${showBytes(seen.last ?? 0)}`,
        "Find out what is gone. Where it is meant to be gone, lower minPercent",
      );
    return pass(
      `${file}, ${showBytes(bytes)} of ${counted(seen.tables, "table")}, taken ${showDuration(age)} ago`,
    );
  },
});
