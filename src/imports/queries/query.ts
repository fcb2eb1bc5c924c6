/** The schema of all that a rollout declares in the database. */
export const SCHEMA = "cutover";

/** The questions of SPEC.md, by the ids that people know them under. */
export const QUERY_IDS = ["Q1", "Q2", "Q3", "Q4", "Q5", "Q6"] as const;
export type QueryId = (typeof QUERY_IDS)[number];

/** A value's name and its type, as the server spells it. */
export interface Field {
  readonly name: string;
  readonly type: string;
}

export interface Argument extends Field {
  readonly default?: string;
}

/** A set-returning function of the schema `cutover` over the mapped table. */
export interface ImportsFunction {
  /** What the stack's resource is called by. */
  readonly id: string;
  readonly name: string;
  /** The first two are always the window: since (included) and until (not included). */
  readonly args: readonly Argument[];
  readonly columns: readonly Field[];
  /** One SELECT over the arguments $1, $2 …: by number, since a column of the user's could bear an argument's name. */
  readonly body: string;
}

/** One of the six questions. */
export interface QueryFunction extends ImportsFunction {
  readonly id: QueryId;
}

/** The window that every question is asked over. */
export const WINDOW: readonly Argument[] = [
  { name: "since", type: "timestamp with time zone" },
  { name: "until", type: "timestamp with time zone" },
];

export const bigint = (name: string): Field => ({ name, type: "bigint" });
export const float = (name: string): Field => ({ name, type: "double precision" });
export const text = (name: string): Field => ({ name, type: "text" });
export const time = (name: string): Field => ({ name, type: "timestamp with time zone" });

/** The columns of how many of a group stand how: what `COUNTS` counts. */
export const COUNTED = ["imports", "succeeded", "failed", "running", "unmapped"].map(bigint);

/** What a function of these columns returns, as the server spells it. */
export function returnsOf({ columns }: Pick<ImportsFunction, "columns">): string {
  return `TABLE(${columns.map(({ name, type }) => `${name} ${type}`).join(", ")})`;
}
