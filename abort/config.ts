import type { FlagSpecs, Flags } from "../model/flags";
import type { FlagStoreIds } from "./flagStore";

/** One row that the stage's alarms stand for. */
export interface AbortRow {
  /** The row id, such as XB1. */
  readonly row: string;
  /** What is wrong when it fires. */
  readonly title: string;
  /** `page` tells people, and changes no flag; `drill` deploys the flags as they are. */
  readonly action: "rollback" | "page" | "drill";
  /** The limit, as a person reads it: `Write5xx: Sum over 10s > 0`. */
  readonly limit: string;
  /** The flags that this row goes down to, where they differ from the stage's floor. */
  readonly floor?: Flags | undefined;
  /** The line of the runbook that on-call reads. */
  readonly runbook?: string | undefined;
}

/** An ECS service whose tasks read flags from their environment, and so must start anew. */
export interface EcsService {
  readonly cluster: string;
  readonly service: string;
}

/** All that the abort switch of one stage knows; plain data, put beside its code by `abortBundle`. */
export interface AbortConfig {
  readonly rollout: string;
  readonly stage: string;
  readonly attempt: number;
  readonly specs: FlagSpecs;
  /** The flags that an abort of this stage goes down to. */
  readonly floor: Flags;
  readonly store: FlagStoreIds;
  /** The only topic that is listened to. */
  readonly topicArn: string;
  /** By alarm name: alarms that are not listed here are refused. */
  readonly alarms: Readonly<Record<string, AbortRow>>;
  readonly topics: { readonly onCall: string; readonly ops: string; readonly stakeholders: string };
  readonly restart: readonly EcsService[];
  /** After how many minutes people are promised news. */
  readonly newsInMinutes: number;
}
