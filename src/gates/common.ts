import { z } from "zod";
import { milliseconds, notForEver, safeMilliseconds, someTime } from "../text/duration";

/** A text of a definition, before its kind says more of it. */
export const text = z.string();

/** A row's id in the runbook's sense (`A1`, `XB2`): the key under which config, reports and tests name it. */
export const rowId = text.regex(
  /^[A-Za-z][A-Za-z0-9-]{0,23}$/,
  "a row id: a letter, then up to 23 letters, digits or dashes, such as A1 or XB2",
);

/** The sections of a stage that hold gates: before its flip, before the next stage's, and right after its own. */
export const PHASES = ["entry", "exit", "smoke"] as const;
export type Phase = (typeof PHASES)[number];

/** The smoke checks of a stage have this long after the flip, all of them together. Source: the cutover's plan. */
export const SMOKE_LIMIT_MS = 15 * 60_000;

const title = text.trim().min(3).max(120).describe("What must hold, in a few words. Shown in reports.");
const remedy = text
  .max(300)
  .optional()
  .describe("What a person does when the gate does not pass. A general hint is shown without it.");

/** Ids that a row had before: what was written down of it under these is held against it. */
export const formerRows = z
  .array(rowId)
  .optional()
  .meta({
    description: "Ids that this row had before. Without them, a row that is renamed counts as taken out.",
    examples: [["A3"]],
  });

/** The schema of what config may say of a gate: what every gate has, and what its kind has beside that. */
export const definition = <Source extends string, Shape extends z.ZodRawShape>(
  source: Source,
  shape: Shape,
) => z.strictObject({ source: z.literal(source), title, remedy, formerly: formerRows, ...shape });

/** Said where values are filled in. */
export const parameterised = "`{name}` is replaced by the rollout's parameter of that name.";

/** How long a stage must be live: a length of time, or business cycles of the rollout's calendar. */
export const soakLength = text
  .regex(/^(\d{1,9}(ms|s|m|h|d)|[1-9]\d? business cycles?)$/, "a duration such as 24h, or `1 business cycle`")
  .meta({
    description:
      "How long the stage must have been live, without a break: a duration, or business cycles (a full open-to-close window of the rollout's calendar).",
    examples: ["24h"],
  });

/** The same as config writes it. What was written down before, and what is judged, may be of no length. */
export const someSoak = soakLength
  .refine(
    (length) => !/^0+[a-z]/.test(length),
    "longer than nothing, such as 1h; the last stage may leave it out",
  )
  .refine(...notForEver)
  .meta({ ...soakLength.meta() });

/** A window of time that ends now; `soak` begins when the predecessor went live. */
export const window = z.union([someTime, z.literal("soak")]).meta({
  description: "How far back to look: a duration, or `soak` for all of the time since the stage went live.",
  examples: ["soak"],
});

/** A timer counts up to 24 days: one that is set for longer is over at once. */
const LONGEST_LOOK = "1d";

/** How long looking may take: so long where config says nothing. */
export const timeout = (usual: string, description = "After this the gate is inconclusive.") =>
  someTime
    .refine((text) => safeMilliseconds(text) <= milliseconds(LONGEST_LOOK), `at most ${LONGEST_LOOK}`)
    .default(usual)
    .meta({ description, examples: [usual] });

/**
 * How old what somebody made may be: so old where config says nothing.
 *
 * @param what was made, in a sentence behind "An older"
 */
export const maxAge = (usual: string, what: string) =>
  someTime.default(usual).meta({ description: `An older ${what} does not count.`, examples: [usual] });

/** How long an answer of the service may take. */
export const within = someTime.optional().meta({
  description: "The answer must be complete within this time.",
  examples: ["500ms"],
});

/** The same on a machine that is so busy that an answer takes so much longer (ms). */
export const withinBusy = <Of extends { readonly within?: string | undefined }>(one: Of, ms: number): Of =>
  one.within === undefined ? one : { ...one, within: `${milliseconds(one.within) + ms}ms` };

/** Whose token is sent: what stands behind `token-` in the key of its secret. */
export const role = text.regex(
  /^[A-Za-z][A-Za-z0-9-]{0,79}$/,
  "a role as in cutover:token-ROLE: a letter, then letters, digits or dashes",
);

/** What a gate says that changes something when it is looked at. */
export const writes = z
  .boolean()
  .optional()
  .describe(
    "True where the requests change something in the app. Such a gate is an act. Under smoke it runs after a flip; under exit, of the last stage alone, at `cutover finish`. Whatever only looks does not run it, and everything else only reads.",
  );

/** True for a request that changes nothing. */
export const onlyReads = (method: string) => method === "GET" || method === "HEAD";

/** Whether a gate may change something: where it says so, and somebody acts on it. */
export function mayWrite(
  { definition }: { readonly definition: { readonly writes?: boolean | undefined } },
  { acting }: { readonly acting?: boolean | undefined },
): boolean {
  return acting === true && definition.writes === true;
}

/** Said where something is measured in a database that is not there. */
export const NEEDS_DATABASE = {
  what: "needs a database, and the rollout declares none",
  remedy: "Add database: to cutover:rollout",
} as const;

/** Said where something looks for dumps, and nobody says where they lie. */
export const NEEDS_BACKUP = {
  what: "needs to know where dumps lie, and the rollout does not say",
  remedy: "Add backup: { dumps: s3://… } to cutover:rollout",
} as const;

/** Said where something asks a service that is not there. */
export const NEEDS_SERVICE = {
  what: "needs the service's address, and the rollout declares none",
  remedy: "Add service: { url: … } to cutover:rollout",
} as const;
