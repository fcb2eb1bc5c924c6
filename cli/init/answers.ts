/** What a rollout's files are written from. */
export interface Answers {
  readonly name: string;
  readonly flags: readonly FlagAnswer[];
  /** In the order in which they are promoted; the first stage, with every flag off, comes before them. */
  readonly stages: readonly StageAnswer[];
  /** What is snapshotted before a flag that writes is raised. */
  readonly snapshot?: SnapshotAnswer | undefined;
  /** Where dumps lie that are taken before it: a bucket, or a folder. In place of a snapshot, or beside it. */
  readonly backup?: string | undefined;
  /** Whose tables gates look at. */
  readonly database?: DatabaseAnswer | undefined;
  readonly metrics: MetricAnswers;
}

export interface FlagAnswer {
  readonly name: string;
  readonly kind: "boolean" | "percentage" | "states";
  /** Those of the kind states, in their order; the first is off. */
  readonly states?: readonly string[] | undefined;
  /** Whether it lets the new path write users' data. */
  readonly writes?: boolean | undefined;
  readonly title?: string | undefined;
  readonly requires?: readonly string[] | undefined;
}

export type Value = boolean | number | string;

export interface StageAnswer {
  readonly name: string;
  /** The values that were given. A flag that no stage speaks of rises by itself. */
  readonly values?: readonly (readonly [flag: string, value: Value])[] | undefined;
  /** More errors than this within ten seconds take the stage down. */
  readonly threshold?: number | undefined;
  readonly title?: string | undefined;
  /** What a template has to say of the stage, for the head of its file. */
  readonly note?: string | undefined;
  /** Whether it takes flags down again, and is meant to. */
  readonly contracts?: boolean | undefined;
  /** Why there is no way back from it, where there is none. */
  readonly irreversible?: string | undefined;
  /** Whether old and new are compared while it is live. */
  readonly compares?: boolean | undefined;
}

export interface SnapshotAnswer {
  readonly kind: "instance" | "cluster";
  readonly id: string;
}

export interface DatabaseAnswer {
  readonly host: string;
  /** Left out: PostgreSQL's own, 5432. */
  readonly port?: number | undefined;
  readonly name: string;
  readonly tables: readonly string[];
}

/** The metrics of one CloudWatch namespace that gates and alarms look at, by their names. */
export interface MetricAnswers {
  /** Left out: the rollout's name. */
  readonly namespace?: string | undefined;
  readonly errors: string;
  readonly requests: string;
  /** Of how long answers take, and the most milliseconds that its p95 may be. */
  readonly latency?: { readonly name: string; readonly limit: number } | undefined;
}

export const METRICS: MetricAnswers = { errors: "Errors", requests: "Requests" };

/** The stack of the first stage: every flag is off, and it owns what all stages share. */
export const FIRST = "baseline";
