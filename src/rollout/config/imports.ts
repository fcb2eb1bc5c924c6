import { z } from "zod";

/** PostgreSQL cuts longer names off, silently. */
const MAX_NAME_BYTES = 63;

/** Without control characters: none belongs into a name, and a line break in a report would forge one. */
const plain = (text: string) => !/\p{Cc}/u.test(text);

const columnName = z
  .string()
  .min(1)
  .refine(plain, "a name without control characters")
  .refine((text) => Buffer.byteLength(text) <= MAX_NAME_BYTES, `at most ${MAX_NAME_BYTES} bytes long`);

/** A value of a column as config writes it. Compared as text, so that enums and numbers need no other spelling. */
const storedValue = z
  .union([
    z.string().min(1).max(100).refine(plain, "a value without control characters"),
    z.number(),
    z.boolean(),
  ])
  .transform(String);

const columns = z
  .strictObject({
    id: columnName.meta({ description: "What names one import.", examples: ["id"] }),
    status: columnName.meta({ description: "How it stands: see statuses.", examples: ["status"] }),
    error: columnName.meta({ description: "Why it failed, in words.", examples: ["error"] }),
    started: columnName.meta({
      description:
        "When it was accepted. Windows are cut by it: an import without it is in none, and an index on it keeps the queries cheap.",
      examples: ["started_at"],
    }),
    finished: columnName.meta({
      description: "When it succeeded or failed; null until then.",
      examples: ["finished_at"],
    }),
    version: columnName.optional().meta({
      description:
        "Which pipeline ran it. Left out, Q5 says that it is missing, and Q6 counts v1 and v2 as null; all else works.",
      examples: ["pipeline_version"],
    }),
  })
  .meta({ description: "The columns, by what they say." });

const statuses = z
  .strictObject({
    succeeded: z
      .array(storedValue)
      .min(1)
      .meta({ description: "Finished well.", examples: [["completed"]] }),
    failed: z
      .array(storedValue)
      .min(1)
      .meta({ description: "Finished badly.", examples: [["failed"]] }),
    running: z
      .array(storedValue)
      .min(1)
      .meta({
        description: "Not finished yet: stuck when it stays so for too long.",
        examples: [["queued", "running"]],
      }),
    ignored: z
      .array(storedValue)
      .default([])
      .meta({
        description: "Known, and counted neither as success nor as failure.",
        examples: [["cancelled"]],
      }),
  })
  .meta({ description: "The status column's values, by what they mean." });

const versions = z
  .strictObject({
    v1: storedValue.default("v1").meta({ description: "The version column's value for the old pipeline." }),
    v2: storedValue.default("v2").meta({ description: "The version column's value for the new pipeline." }),
  })
  .prefault({})
  .refine(({ v1, v2 }) => v1 !== v2, "two different values");

/**
 * `database.imports`: the user's own table of imports, mapped once. The queries Q1 to Q6 are made from it, as
 * functions in the schema `cutover` of its database.
 */
export const imports = z
  .strictObject({
    table: columnName.meta({
      description: "The table of imports, in the database's schema. One row is one import.",
      examples: ["import_jobs"],
    }),
    columns,
    statuses,
    versions,
    baseline: z.int().positive().default(1).meta({
      description:
        "The answers to Q1 to Q6 before the first stage are recorded once. Another number records them anew.",
    }),
    timeZone: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/, "a time zone such as UTC or Europe/Berlin")
      .optional()
      .meta({
        description:
          "Only where started and finished are of type timestamp without time zone: the zone that they are written in.",
        examples: ["UTC"],
      }),
  })
  .superRefine(({ columns, statuses }, context) => {
    for (const [value, places] of twice(statuses))
      context.addIssue({
        code: "custom",
        path: ["statuses", places[1] ?? ""],
        message: `other values: ${JSON.stringify(value)} stands under ${places.join(" and ")}`,
      });
    const named = Object.fromEntries(
      Object.entries(columns).map(([key, column]) => [key, column === undefined ? [] : [column]]),
    );
    for (const [column, places] of twice(named))
      context.addIssue({
        code: "custom",
        path: ["columns", places[1] ?? ""],
        message: `another column: ${JSON.stringify(column)} is ${places.join(" and ")}`,
      });
  })
  .meta({
    description:
      "The table of imports, mapped once: from it, the queries Q1 to Q6 are made as functions of the schema `cutover`.",
  });

/** What stands in more than one place, with the places. */
function twice(lists: Readonly<Record<string, readonly string[]>>): [string, string[]][] {
  const places = new Map<string, string[]>();
  for (const [place, values] of Object.entries(lists))
    for (const value of values) places.set(value, [...(places.get(value) ?? []), place]);
  return [...places].filter(([, found]) => found.length > 1);
}

export type ImportsConfig = z.infer<typeof imports>;
