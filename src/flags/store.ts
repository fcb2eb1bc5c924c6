import type { Note } from "./ledger";

/** A version of the flag document that some deployment put, or is putting, before servers. */
export interface ServedVersion {
  readonly deployment: number;
  readonly version: string;
  /** Absent where AppConfig no longer has it. */
  readonly document: string | undefined;
}

/** A deployment that has not ended. Its document may be read by any server already. */
export interface UnderWay extends ServedVersion {
  /** `rolling-back` cannot be stopped any more; `baking` has reached every server. */
  readonly state: "deploying" | "baking" | "rolling-back";
  /** True when it takes no time by its strategy: it is over sooner than it could be stopped. */
  readonly brief: boolean;
}

/** What servers may be reading now. */
export interface Served {
  /** The number of the newest deployment, whatever became of it; 0 before the first. */
  readonly newest: number;
  readonly live: ServedVersion | undefined;
  readonly underWay: UnderWay | undefined;
}

/** One deployment, as far as an abort asks about it. */
export interface StoreEntry {
  /** Absent where it was not made by this tool. */
  readonly note?: Note | undefined;
  /** ISO 8601, UTC. */
  readonly startedAt?: string | undefined;
  /** The version of the document. */
  readonly version?: string | undefined;
  /** It was taken back: what it says of flags never came to be, or is no more. */
  readonly rolledBack?: boolean | undefined;
}

/** Where flags are kept, as an abort needs it. AppConfig in earnest, a model of it in the tests of the laws. */
export interface AbortStore {
  read(): Promise<Served>;
  /** Ends a deployment under way. Quietly does nothing where it has ended already. */
  stop(deployment: UnderWay): Promise<void>;
  /**
   * Deploys a document, provided that no deployment came after number `after`: otherwise somebody changed the
   * flags since they were read, and what was decided on them may raise one.
   */
  deploy(document: string, note: Note, after: number): Promise<DeployResult>;
  /** Why a deployment was made, where it was ours, and when it began. */
  entry(deployment: number): Promise<StoreEntry>;
  /** The document of a version; undefined where AppConfig no longer has it. */
  document(version: string): Promise<string | undefined>;
  /** The JSON Schema that AppConfig holds documents to. */
  schema(): Promise<string | undefined>;
  /** Deploys a version that exists, where AppConfig takes no new one. Otherwise as `deploy`. */
  redeploy(version: string, note: Note, after: number): Promise<DeployResult>;
  /** Every version that exists, newest first. */
  versions(): Promise<readonly string[]>;
}

export type DeployResult =
  | { readonly kind: "started"; readonly deployment: number; readonly version: string }
  /** Another deployment is under way, or came first. */
  | { readonly kind: "conflict" }
  /** AppConfig holds documents to a schema that this one does not meet. */
  | { readonly kind: "invalid"; readonly problem: string }
  /** AppConfig keeps no more versions of the document. */
  | { readonly kind: "full" };

/** Whether AppConfig does not take the document, whoever deploys it and when. */
export const isRefused = (
  result: DeployResult,
): result is Extract<DeployResult, { kind: "full" | "invalid" }> =>
  result.kind === "full" || result.kind === "invalid";
