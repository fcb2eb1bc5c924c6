import { z } from "zod";
import { safeMilliseconds, someTime } from "../../text/duration";
import { sqlName } from "../../text/sqlName";
import { subquery } from "../../text/subquery";
import type { ProbeQuery } from "./probe";

/** A row that is on its way for longer is no longer on its way. */
const LONGEST_LAG_MS = 3_600_000;
/** A step of the walk: with fewer rows a minute it would stand still for most of the time. */
const LEAST_ROWS = 10_000;

/** What is counted of two sources, each as seen from the first one. */
export const COUNTS = ["missing", "extra", "different"] as const;
export type Count = (typeof COUNTS)[number];

const source = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(60)
    .meta({ description: "What people call it.", examples: ["old table"] }),
  query: z
    .string()
    .min(1)
    .meta({
      description:
        "One SELECT that yields a row for each key: the key, what is to be compared, and the column of `changed`. It takes no values. Read-only, as the gate role: its tables belong in database.reads. It is asked for stretches of keys, so the key has to be an indexed column.",
      examples: ["select id, status, version, updated_at from items_v2"],
    }),
});

const columnName = z.string().min(1).max(63);
const rowsPerMinute = z.int().min(LEAST_ROWS).max(60_000_000);

/** One entry of `cutover:stage.reconcile`. */
export const reconciliation = z
  .strictObject({
    title: z.string().min(3).max(120).meta({ description: "What is compared. Shown in reports." }),
    first: source.meta({ description: "What the other is held against: the old path." }),
    second: source.meta({ description: "What is to be the same: the new path." }),
    key: columnName.meta({
      description:
        "The column that tells one row from another, of both queries and of one type. Keys are what on-call is shown of a difference: choose one that is no secret.",
      examples: ["id"],
    }),
    changed: columnName.optional().meta({
      description:
        "A column of both queries that rises whenever a row changes, such as updated_at, with an index. What it shows is compared every 10 s, and it is not itself compared. Without it, changes are found by the sweep alone.",
      examples: ["updated_at"],
    }),
    lag: someTime
      .refine((text) => safeMilliseconds(text) <= LONGEST_LAG_MS, "at most 1h")
      .meta({
        description:
          "How long one source may be behind the other. A difference counts once it was there, unchanged, for as long.",
        examples: ["30s"],
      }),
    rowsPerMinute: z
      .strictObject({
        first: rowsPerMinute.default(1_000_000).meta({
          description: "Rows a minute, at most, until everything was compared once.",
        }),
        later: rowsPerMinute.default(60_000).meta({
          description: "Rows a minute, at most, of the sweep that goes on from then.",
        }),
      })
      .prefault({})
      .meta({ description: "How fast it walks through all keys." }),
    timeout: someTime
      .refine((text) => safeMilliseconds(text) <= 5_000, "at most 5s")
      .default("5s")
      .meta({ description: "How long one statement may run, at most 5s." }),
  })
  .refine(({ key, changed }) => key !== changed, {
    path: ["changed"],
    error: "another column than the key: a key does not change",
  })
  .refine(({ rowsPerMinute: { first, later } }) => first >= later, {
    path: ["rowsPerMinute", "later"],
    error: "no more than `first`: the sweep would never be the slower one",
  })
  .superRefine(({ key, changed, first, second }, context) => {
    for (const [side, { query }] of Object.entries({ first, second }))
      for (const [of, column] of Object.entries({ key, ...(changed === undefined ? {} : { changed }) }))
        if (!names(query, column))
          context.addIssue({
            code: "custom",
            path: [side, "query"],
            message: `a query that yields the column ${column}, as \`${of}\` says`,
          });
  })
  .refine(({ first, second }) => first.name !== second.name, {
    path: ["second", "name"],
    error: "another name than the first source has",
  })
  .refine(({ first, second }) => plain(first.query) !== plain(second.query), {
    path: ["second", "query"],
    error: "another query than the first source's: a source compared with itself never differs",
  })
  .meta({
    description:
      "Two sources of the same thing, compared by the probe every 10 s: what changed, and a stretch of all keys. It publishes how many rows match, are missing, extra or different.",
  });

export type Reconciliation = z.infer<typeof reconciliation>;

/** `cutover:stage.reconcile`, by name. */
export const reconciliationMap = z.record(
  z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/, "a letter, then letters, digits, - and _, at most 40"),
  reconciliation,
);

/** `abort.<row>.reconcile`: differences of a reconciliation as a signal. */
export const rowReconcile = z
  .strictObject({
    of: z.string().min(1).meta({ description: "A name under `reconcile` of this stage." }),
    count: z
      .array(z.enum(COUNTS))
      .min(1)
      .refine((list) => new Set(list).size === list.length, "each once")
      .default([...COUNTS])
      .meta({
        description:
          "What counts: `missing` (the second source lacks it), `extra` (the first lacks it), `different` (both have it). Default: all three.",
      }),
  })
  .meta({
    description:
      "Rows that two sources do not agree about, as the probe counts them every 10 s. Its silence counts as breaching.",
  });

export type RowReconcile = z.infer<typeof rowReconcile>;

/** Whether a query could yield a column of that name: what it calls its columns is known to the database alone. */
function names(query: string, column: string): boolean {
  if (/\*(?!\s*\/)/.test(query)) return true;
  const words: readonly string[] = query.toLowerCase().match(/[\p{L}_][\p{L}\p{N}_$]*/gu) ?? [];
  return query.includes(sqlName(column)) || words.includes(column);
}

const plain = (query: string) => subquery(query).replace(/\s+/g, " ").toLowerCase();

/** Both sources side by side, by key: what a person asks, and reads in full. */
function joined({ first, second, key }: Reconciliation, side = subquery): string {
  return `${side(first.query)} a full join ${side(second.query)} b on a.${sqlName(key)} = b.${sqlName(key)}`;
}

/** A source with how often it has each key: one that it has twice differs. */
function numbered({ key }: Reconciliation): typeof subquery {
  const times = `count(*) over (partition by s.${sqlName(key)}) as "rows of this key"`;
  return (query) => `(select s.*, ${times} from ${subquery(query)} s)`;
}

/** Rows of which something differs that counts. */
function differing({ key, changed }: Reconciliation, count: readonly Count[]): string {
  const [a, b] = ["a", "b"].map((side) => `${side}.${sqlName(key)}`);
  // As text, as the probe compares: 1.0 is not 1.00. And `a.*` is the row also where it has a column a.
  const left = (side: string) =>
    changed === undefined
      ? `to_jsonb(${side}.*)::text`
      : `(to_jsonb(${side}.*) - '${changed.replaceAll("'", "''")}')::text`;
  const words: Record<Count, string> = {
    // A row without a key is compared with nothing.
    missing: `${a} is not null and ${b} is null`,
    extra: `${a} is null and ${b} is not null`,
    different: `${a} = ${b} and ${left("a")} <> ${left("b")}`,
  };
  return count.map((one) => words[one]).join(" or ");
}

/**
 * The question that a row on a reconciliation stands for, as a person would ask it: by one join over everything. The
 * probe finds the same by stretches of keys, and keys that one source has twice beside it, as `rowsToMend` does.
 */
export function asQuery(of: Reconciliation, { count }: RowReconcile): ProbeQuery {
  return {
    query: `select count(*) from ${joined(of)} where ${differing(of, count)}`,
    values: [],
    timeout: of.timeout,
  };
}

/** The rows to be reconciled by hand, each with what both sources have. */
export function rowsToMend(of: Reconciliation, count: readonly Count[] = COUNTS): string {
  const key = sqlName(of.key);
  return `select coalesce(a.${key}, b.${key}) as key, to_jsonb(a.*) as ${sqlName(of.first.name)}, to_jsonb(b.*) as ${sqlName(of.second.name)} from ${joined(of, numbered(of))} where ${differing(of, count)} order by 1`;
}

/** The first hundred of them, as the line that is typed shows them. */
export const firstToMend = (of: Reconciliation, count?: readonly Count[]): string =>
  `${rowsToMend(of, count)} limit 100`;

/** How many rows of the second source were written since a moment; undefined where no column says when. */
export function writtenSince({ second, changed }: Reconciliation, since: string): string | undefined {
  return changed === undefined
    ? undefined
    : `select count(*) from ${subquery(second.query)} b where b.${sqlName(changed)} >= ${since}`;
}

/** What is counted, for people: `rows of told that database lacks, or has otherwise,`. */
export function differencesOf({ first, second }: Reconciliation, count: readonly Count[] = COUNTS): string {
  const words: Record<Count, string> = {
    missing: `only ${first.name} has`,
    extra: `only ${second.name} has`,
    different: `differ between ${first.name} and ${second.name}`,
  };
  return `the number of rows that ${count.map((one) => words[one]).join(", or that ")},`;
}
