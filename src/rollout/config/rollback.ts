import { z } from "zod";
import { rowId } from "../../gates/common";
import { someTime } from "../../text/duration";
import { lookAt } from "./lookAt";
import { abortTo, onlyFlags } from "./rowConfig";

/** One way back, such as R1: flags that go down, a script for the database, or what a person does. */
const rollbackStep = z
  .strictObject({
    title: z.string().min(3).max(120).meta({ description: "What is rolled back, and when one would." }),
    to: abortTo.optional().meta({
      description:
        "Brings the flags down with `cutover abort`: to the `predecessor`'s or another stage's, to the `previous` phase's, or all `off`. Servers that read flags from their environment are restarted.",
    }),
    flags: onlyFlags.optional().meta({
      description: "The only flags that go down, with what requires them. The others stay as they are.",
    }),
    sql: z
      .string()
      .regex(/^(?!\/)(?!.*\.\.)[\w./-]+\.sql$/, "a .sql file, by its path from the folder of the stack files")
      .optional()
      .meta({
        description:
          "A script for the database, by its path from the folder of the stack files. Run by a person.",
        examples: ["rollback-012-013.sql"],
      }),
    within: someTime.optional().meta({
      description: "How long it may take.",
      examples: ["2m"],
    }),
    notes: z
      .string()
      .min(3)
      .max(2_000)
      .optional()
      .meta({ description: "What a person has to know or do. Never a secret: it is printed as it stands." }),
    lookAt,
  })
  .refine(({ to, sql, notes }) => to !== undefined || sql !== undefined || notes !== undefined, {
    message: "at least one of to, sql, notes: a step without one would say nothing",
  })
  .refine(({ to, flags }) => to !== undefined || flags === undefined, {
    path: ["flags"],
    message: "nothing without to, which says how far down they go",
  })
  .refine(({ to, sql }) => to === undefined || sql === undefined, {
    path: ["sql"],
    message: "a step of its own: flags go down first, and the script is run when they are down",
  })
  .meta({ description: "One way back." });

/** `rollback:` of a stage, by row id, in the order in which a person would think of them. */
export const rollbackMap = z.record(rowId, rollbackStep);

export type RollbackStep = z.infer<typeof rollbackStep>;
export type RollbackMap = Readonly<Record<string, RollbackStep>>;
