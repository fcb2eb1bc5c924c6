import type * as pulumi from "@pulumi/pulumi";
import type { TopicName } from "../src/aws/names";
import type { LedgerEntry } from "../src/flags/ledger";
import type { DatabaseConnection } from "../src/gates/database";
import type { AtFlip } from "../src/promotion/record";
import type { Promotion } from "../src/promotion/request";
import type { Settlement } from "../src/promotion/settlement";
import type { Rollout, Stage as StageSpec } from "../src/rollout/rollout";

/** Arguments of `Stage`. */
export interface StageArgs {
  rollout: Rollout;
  stage: StageSpec;
  /** The foundation's ids. */
  applicationId: pulumi.Input<string>;
  environmentId: pulumi.Input<string>;
  profileId: pulumi.Input<string>;
  strategyId: pulumi.Input<string>;
  topics: pulumi.Input<Record<TopicName, string>>;
  /** What this run asks to be promoted; absent where the flags stay as they are. */
  promotion?: Promotion | undefined;
  /** What was deployed before this run. */
  history: readonly LedgerEntry[];
  /** Import ids of what AWS holds of this attempt already: adopted where the stack's state does not know it. */
  existing?: { readonly snapshot?: string; readonly version?: string; readonly deployment?: string };
  /** Decides before anything is touched. Throws a `UserError` where the promotion may not go ahead. */
  admit: () => void;
  /** Decides again at the moment of the flip, on fresh measurements, which it returns. Throws likewise. */
  lastLook: () => Promise<AtFlip | undefined>;
  /** Called where the deployment of the flags fails, with the engine's reason. */
  flipFailed: (why: string) => Promise<void>;
  /** AWS region and pace of time, for what is sent later. */
  region: string;
  timeScale: number;
  /** The database as the gate role reaches it; absent where the rollout declares none. */
  database?: DatabaseConnection | undefined;
  /** When AppConfig completed a deployment. ISO 8601, UTC. */
  completedAt: (deployment: number) => Promise<string>;
  /** After the flip: servers, then smoke checks. Absent where this run raises nothing. */
  settle?: (() => Promise<Settlement>) | undefined;
  /** Settles a flip whose own run was interrupted. Throws where the flags had to be taken down. */
  recover: () => Promise<void>;
}
