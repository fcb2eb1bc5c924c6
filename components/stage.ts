import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Promotion } from "../gates/promotion";
import type { AtFlip, PromotionRecord } from "../gates/record";
import type { Settlement } from "../gates/settlement";
import type { DatabaseConnection } from "../gates/sources/sql";
import type { LedgerEntry } from "../model/ledger";
import { predecessorOf, type Rollout, type Stage as StageSpec } from "../model/rollout";
import { stageDashboard } from "./dashboard";
import { Messages } from "./messages";
import { type TopicName, TYPE } from "./names";
import { declareFlip, declareSnapshot, lowers } from "./stageFlip";
import { declareGuards } from "./stageGuards";

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

/**
 * One stage, live. Everything that a promotion changes is a child of it, so that whatever stops it stops all:
 * alarms, then the snapshot, then the flag version, then the deployment, then the record and the dashboard. A lower
 * begins with the flags.
 */
export class Stage extends pulumi.ComponentResource {
  /** What the attempt was promoted on, and what became of it. */
  readonly record: pulumi.Output<PromotionRecord>;
  /**
   * Where the stage is protected, its parts are not: that suffices to refuse a `destroy` as a whole, and a new
   * attempt has to replace some of them.
   */
  private readonly child: pulumi.CustomResourceOptions = { parent: this, protect: false };

  constructor(name: string, args: StageArgs, opts?: pulumi.ComponentResourceOptions) {
    const admit = new pulumi.ResourceHook(`${name}-admit`, () => args.admit());
    super(TYPE.stage, name, inputsOf(args), {
      ...opts,
      // Outside a promotion its absence is no change: `up` twice changes nothing. Policies read from this that
      // nothing is being promoted, since they see neither the previous state nor the operation.
      ignoreChanges: args.promotion ? [] : ["promotion"],
      // Stops the stage before its children exist, also where no policy pack runs.
      hooks: { beforeCreate: [admit], beforeUpdate: [admit] },
    });
    this.record = lowers(args) ? this.declareLower(name, args) : this.declareRaise(name, args);
    this.registerOutputs({ record: this.record });
  }

  private declareRaise(name: string, args: StageArgs): pulumi.Output<PromotionRecord> {
    const messages = this.declareMessages(name, args, []);
    const guards = [...declareGuards(name, args, [], this.child), ...(messages?.ready ?? [])];
    const snapshot = declareSnapshot(name, args, guards, this.child);
    const { deployment, record } = declareFlip(
      name,
      args,
      snapshot ? [...guards, snapshot] : guards,
      this.child,
    );
    this.schedule(messages, args, deployment);
    this.declareDashboard(name, args, deployment, guards);
    return record;
  }

  /** Lowering is never held up: the flags go first, whatever becomes of the rest. */
  private declareLower(name: string, args: StageArgs): pulumi.Output<PromotionRecord> {
    const { deployment, record } = declareFlip(name, args, [], this.child);
    const guards = declareGuards(name, args, [deployment], this.child);
    declareSnapshot(name, args, [deployment, ...guards], this.child);
    this.schedule(this.declareMessages(name, args, [deployment]), args, deployment);
    this.declareDashboard(name, args, deployment, guards);
    return record;
  }

  /** After the flip, which it marks. */
  private declareDashboard(
    name: string,
    { rollout, stage, region, history, completedAt }: StageArgs,
    { deploymentNumber }: aws.appconfig.Deployment,
    guards: readonly pulumi.Resource[],
  ): void {
    const flip = deploymentNumber.apply(async (deployment) => ({
      deployment,
      completedAt:
        history.find((one) => one.deployment === deployment && one.state === "complete")?.completedAt ??
        (await completedAt(deployment)),
    }));
    const alarms = guards.filter((guard) => aws.cloudwatch.MetricAlarm.isInstance(guard));
    stageDashboard(name, { rollout, stage, region, history, alarms, flip }, this.child);
  }

  private declareMessages(name: string, args: StageArgs, waitFor: pulumi.Resource[]): Messages | undefined {
    const { rollout, stage, applicationId, environmentId, profileId, region, topics, timeScale } = args;
    if (Object.keys(stage.messages).length === 0) return undefined;
    return new Messages(
      `${name}-messages`,
      {
        rollout,
        stage,
        messages: stage.messages,
        applicationId,
        environmentId,
        profileId,
        region,
        topics,
        timeScale,
        waitFor,
      },
      this.child,
    );
  }

  /** Timed messages are counted from the flip, so their time does not move when `up` runs again. */
  private schedule(
    messages: Messages | undefined,
    args: StageArgs,
    deployment: aws.appconfig.Deployment,
  ): void {
    const { deploymentNumber } = deployment;
    messages?.schedule({
      deployment: deploymentNumber,
      completedAt: deploymentNumber.apply(args.completedAt),
    });
  }
}

/** What policies see of a stage: plain values, all known already in a preview. */
function inputsOf({ rollout, stage, promotion }: StageArgs): pulumi.Inputs {
  const predecessor = predecessorOf(rollout, stage);
  return {
    rollout: rollout.name,
    stage: stage.name,
    attempt: stage.attempt,
    flags: stage.flags,
    flagSpecs: rollout.flags,
    predecessor: predecessor && { stage: predecessor.name, flags: predecessor.flags, soak: predecessor.soak },
    isLast: !rollout.stages.some((other) => other.predecessor === stage.name),
    soak: stage.soak,
    gates: { entry: Object.keys(stage.entry), predecessorExit: Object.keys(predecessor?.exit ?? {}) },
    abort: stage.abort,
    snapshot: stage.snapshot,
    promotion,
  };
}
