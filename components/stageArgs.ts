import type * as pulumi from "@pulumi/pulumi";
import type { Known } from "../src/aws/known";
import type { TopicName } from "../src/aws/names";
import type { Marks } from "../src/flags/doors";
import type { LedgerEntry } from "../src/flags/ledger";
import type { DatabaseConnection } from "../src/gates/databaseConnection";
import type { Baseline } from "../src/imports/answer";
import type { Flipped } from "../src/promotion/flip";
import type { AttemptRecord } from "../src/promotion/record";
import type { Promotion } from "../src/promotion/request";
import type { Settlement } from "../src/promotion/settlement";
import type { Rollout, Stage as StageSpec } from "../src/rollout/rollout";

/** Arguments of `Stage`. */
export interface StageArgs {
  rollout: Rollout;
  /** What there is no way back from, and that is behind this stage's flags. */
  behind: Marks;
  stage: StageSpec;
  /** The foundation's ids. */
  applicationId: pulumi.Input<string>;
  environmentId: pulumi.Input<string>;
  profileId: pulumi.Input<string>;
  strategyId: pulumi.Input<string>;
  topics: pulumi.Input<Record<TopicName, string>>;
  /** What this run asks to be promoted; absent where the flags stay as they are. */
  promotion?: Promotion | undefined;
  /** The rollout is finished: nothing watches the flags any more, nothing is sent, and they stay. Default: it is not. */
  finished?: boolean;
  /** What was deployed before this run. */
  history: readonly LedgerEntry[];
  /** Import ids of what AWS holds of this attempt already: adopted where the stack's state does not know it. */
  existing?: { readonly snapshot?: string; readonly version?: string };
  /** The deployment that promoted this attempt before this run. */
  flipped?: number | undefined;
  /** What the stack holds of the stage's attempts; where that is not known, nothing takes its place. */
  kept: Known<readonly AttemptRecord[]>;
  /** Decides before anything is touched. Throws a `UserError` where the promotion may not go ahead. */
  admit: () => void;
  /**
   * Decides again, on fresh measurements, and starts the deployment of a version bound to what it looked at; throws
   * likewise. Where this run promotes nothing, it finds the deployment of the run that did.
   */
  flip: (version: string) => Promise<Flipped>;
  /** Deletes spare versions of the flag document, before another is made. Never throws. */
  makeRoom: () => Promise<void>;
  /** Waits until the alarm of an abort row can tell silence from a beginning. Throws a `UserError` where it never can. */
  awaitFilled: (row: string) => Promise<void>;
  /** AWS region and pace of time, for what is sent later. */
  region: string;
  timeScale: number;
  /** The database as the gate role reaches it; absent where the rollout declares none. */
  database?: DatabaseConnection | undefined;
  /** Bearer tokens that gates send, by role, for what is measured later. Secret. */
  tokens?: Readonly<Record<string, string>> | undefined;
  /** The answers to Q1 to Q6 before the first stage, which later ones are read against. */
  queryBaseline?: Baseline | undefined;
  /** When AppConfig completed a deployment. ISO 8601, UTC. */
  completedAt: (deployment: number) => Promise<string>;
  /** After the flip: servers, then smoke checks. Absent where this run raises nothing. */
  settle?: (() => Promise<Settlement>) | undefined;
  /** Settles a flip whose own run was interrupted. Throws where the flags had to be taken down. */
  recover: () => Promise<void>;
}
