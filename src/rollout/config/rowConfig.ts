import { z } from "zod";
import { topics } from "../../channels/kind";
import { safeMilliseconds, someTime } from "../../text/duration";

/** What says how far down an abort goes, beside the name of a stage. No stage can be called so. */
export const DOWN_WORDS: readonly string[] = ["predecessor", "previous", "off"];

/** How far down an abort goes: one of the words, or the stage whose flags are left. */
export const abortTo = z
  .string()
  .regex(/^[a-z][a-zA-Z0-9-]{0,31}$/, "predecessor, previous, off, or the name of a stage")
  .meta({ examples: ["off"] });
export type AbortTo = z.infer<typeof abortTo>;

/** The only flags that go down, with what requires them. */
export const onlyFlags = z
  .array(z.string().min(1))
  .min(1)
  .refine((list) => new Set(list).size === list.length, "each flag once");

const incident = z
  .union([
    z.literal(true),
    z.strictObject({
      to: topics.meta({ description: "Whose topics the incident is opened in.", examples: [["ops"]] }),
    }),
  ])
  .transform((value) => (value === true ? { to: ["ops" as const, "stakeholders" as const] } : value));

/** What an abort row's alarm leads to, beside its `action`. */
export const rowAnswer = {
  to: abortTo.optional().meta({
    description:
      "How far down this row goes: to the flags of its stage's `predecessor`, or of a stage that is named; to those of the `previous` phase, one below whatever is live when it rings; or all `off`. Default: the stage's or the rollout's abortTo.",
  }),
  flags: onlyFlags.optional().meta({
    description:
      "The only flags that this row takes down, with what requires them. The others stay as they are.",
  }),
  remind: z
    .strictObject({
      after: someTime
        .refine((text) => safeMilliseconds(text) <= 30 * 86_400_000, "at most 30d")
        .meta({
          description: "How long on-call has for a decision, from the alarm on.",
          examples: ["1h"],
        }),
      undecided: z
        .literal("rollback")
        .optional()
        .meta({
          description:
            "What happens where nobody decided by then: `rollback` lowers the flags as a row with `action: rollback` does. Left out, on-call is reminded and the flags stay.",
          examples: ["rollback"],
        }),
    })
    .optional()
    .meta({
      description:
        "For a row that only pages: on-call is reminded unless they rolled back, or dismissed it with `cutover dismiss`, by then. With `undecided: rollback` the flags go down instead.",
    }),
  whenIrreversible: z.enum(["revert", "freeze"]).optional().meta({
    description:
      "What the row does once an irreversible stage is live. `revert`: flags go down as far as that stage's floor. `freeze`: every flag stays where it is, and the rollout is held until a person releases it. On-call is paged either way. Default: revert.",
  }),
  incident: incident.optional().meta({
    description:
      "Opens an incident when the row fires: a message of kind `incident`, to ops and stakeholders (true) or to the topics named.",
    examples: [true, { to: ["ops"] }],
  }),
};

interface Answer {
  readonly action?: unknown;
  readonly to?: unknown;
  readonly flags?: unknown;
  readonly whenIrreversible?: unknown;
  readonly remind?: { readonly undecided?: unknown } | undefined;
}

/** For `superRefine` of an abort row: what means nothing beside its action is a validation error. */
export function oneAnswer(row: Answer, context: z.core.$RefinementCtx<unknown>): void {
  const issue = (path: string, message: string) =>
    context.addIssue({ code: "custom", path: [path], message });
  if (row.action === "page" && row.remind?.undecided !== "rollback")
    for (const path of ["to", "flags", "whenIrreversible"] as const)
      if (row[path] !== undefined) issue(path, "nothing in a row that only pages: it changes no flag");
  if (row.action === "rollback" && row.remind !== undefined)
    issue("remind", "nothing in a row that rolls back by itself: there is no decision to wait for");
}
