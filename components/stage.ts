import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { abortRows } from "../abort/rows";
import type { Promotion } from "../gates/promotion";
import type { AtFlip, PromotionRecord } from "../gates/record";
import { type Settlement, showAborted } from "../gates/settlement";
import type { DatabaseConnection } from "../gates/sources/sql";
import { flagDocument } from "../model/document";
import { type LedgerEntry, writeNote } from "../model/ledger";
import { reasonOf } from "../model/problem";
import { floorOf, predecessorOf, type Rollout, type Stage as StageSpec } from "../model/rollout";
import { probeRows } from "../probe/rows";
import { runError } from "../program/runError";
import { abortAlarm } from "./abortAlarm";
import { AbortSwitch } from "./abortSwitch";
import { stageDashboard } from "./dashboard";
import { Messages } from "./messages";
import { snapshotName, type TopicName, TYPE } from "./names";
import { Probe } from "./probe";

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
    const guards = [...this.declareAborts(name, args, []), ...(messages?.ready ?? [])];
    const snapshot = this.declareSnapshot(name, args, guards);
    const { deployment, record } = this.declareFlags(name, args, snapshot ? [...guards, snapshot] : guards);
    this.schedule(messages, args, deployment);
    this.declareDashboard(name, args, deployment, guards);
    return record;
  }

  /** Lowering is never held up: the flags go first, whatever becomes of the rest. */
  private declareLower(name: string, args: StageArgs): pulumi.Output<PromotionRecord> {
    const { deployment, record } = this.declareFlags(name, args, []);
    const guards = this.declareAborts(name, args, [deployment]);
    this.declareSnapshot(name, args, [deployment, ...guards]);
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

  /** The switch that lowers the flags, then the alarms that pull it. Both stand before the flags are raised. */
  private declareAborts(name: string, args: StageArgs, dependsOn: pulumi.Resource[]): pulumi.Resource[] {
    const { rollout, stage, topics } = args;
    if (Object.keys(stage.abort).length === 0) return [];
    const abort = new AbortSwitch(
      `${name}-abort`,
      {
        rollout: rollout.name,
        stage: stage.name,
        attempt: stage.attempt,
        specs: rollout.flags,
        floor: floorOf(rollout, stage),
        alarms: abortRows(rollout, stage),
        restart: (rollout.servers?.ecs ?? []).filter((service) => service.restart),
        reservedConcurrency: rollout.reservedConcurrency,
        applicationId: args.applicationId,
        environmentId: args.environmentId,
        profileId: args.profileId,
        strategyId: args.strategyId,
        topics,
        waitFor: dependsOn,
      },
      this.child,
    );
    const onCallTopicArn = pulumi.output(topics).onCall;
    const probe = this.declareProbe(name, args, onCallTopicArn, dependsOn);
    const alarms = Object.entries(stage.abort).map(([row, threshold]) =>
      abortAlarm(
        `${name}-${row}`,
        {
          rollout: rollout.name,
          stage: stage.name,
          row,
          threshold,
          onCallTopicArn,
          abortTopicArn: abort.topicArn,
        },
        { ...this.child, dependsOn: [...dependsOn, ...abort.ready, ...(probe?.ready ?? [])] },
      ),
    );
    return [...abort.ready, ...(probe?.ready ?? []), ...alarms];
  }

  /** Publishes the signals that live in the database. */
  private declareProbe(
    name: string,
    { rollout, stage, database, timeScale }: StageArgs,
    onCallTopicArn: pulumi.Input<string>,
    dependsOn: pulumi.Resource[],
  ): Probe | undefined {
    const rows = probeRows(stage.abort, rollout.parameters, timeScale);
    if (!database || Object.keys(rows).length === 0) return undefined;
    const { user, password, ...where } = database;
    return new Probe(
      `${name}-probe`,
      {
        rollout: rollout.name,
        stage: stage.name,
        rows,
        database: where,
        login: pulumi.secret({ user, password }),
        vpc: rollout.database?.vpc,
        onCallTopicArn,
      },
      { ...this.child, dependsOn },
    );
  }

  /** Taken for a raise, before the flags change. Kept in the account whatever becomes of the stack. */
  private declareSnapshot(
    name: string,
    args: StageArgs,
    dependsOn: pulumi.Resource[],
  ): pulumi.Resource | undefined {
    const { rollout, stage } = args;
    const { instance, cluster } = stage.snapshot ?? {};
    const id = snapshotName(rollout.name, stage.name, stage.attempt);
    // No `protect`: the next attempt replaces this resource, which the engine would then refuse.
    const opts = {
      ...this.child,
      dependsOn,
      retainOnDelete: true,
      customTimeouts: { create: "60m" },
      ...adopted(args.existing?.snapshot),
    };
    // A lower takes no new one: the last is from before the writes that it ends.
    const kept = (inputs: string[]) => (lowers(args) ? inputs : unchanged(args, inputs));
    if (instance !== undefined) {
      return new aws.rds.Snapshot(
        `${name}-snapshot`,
        { dbInstanceIdentifier: instance, dbSnapshotIdentifier: id },
        { ...opts, ignoreChanges: kept(["dbInstanceIdentifier", "dbSnapshotIdentifier"]) },
      );
    }
    if (cluster !== undefined) {
      return new aws.rds.ClusterSnapshot(
        `${name}-snapshot`,
        { dbClusterIdentifier: cluster, dbClusterSnapshotIdentifier: id },
        { ...opts, ignoreChanges: kept(["dbClusterIdentifier", "dbClusterSnapshotIdentifier"]) },
      );
    }
    return undefined;
  }

  private declareFlags(
    name: string,
    args: StageArgs,
    dependsOn: pulumi.Resource[],
  ): { deployment: aws.appconfig.Deployment; record: pulumi.Output<PromotionRecord> } {
    const { rollout, stage, promotion } = args;
    const version = new aws.appconfig.HostedConfigurationVersion(
      `${name}-flags`,
      {
        applicationId: args.applicationId,
        configurationProfileId: args.profileId,
        content: flagDocument(stage.flags),
        contentType: "application/json",
        description: `${stage.name}, attempt ${stage.attempt}`,
      },
      {
        ...this.child,
        dependsOn,
        ...adopted(args.existing?.version),
        // Replacing a version deletes the old one, which may still be what servers read.
        retainOnDelete: true,
        ignoreChanges: unchanged(args, ["applicationId", "configurationProfileId", "content", "description"]),
      },
    );
    let atFlip: AtFlip | undefined;
    const lastLook = new pulumi.ResourceHook(`${name}-last-look`, async () => {
      atFlip = await args.lastLook();
    });
    const reason = promotion?.plan.kind === "lower" ? promotion.plan.reason : undefined;
    const deployment = new aws.appconfig.Deployment(
      `${name}-flags`,
      {
        applicationId: args.applicationId,
        environmentId: args.environmentId,
        configurationProfileId: args.profileId,
        configurationVersion: pulumi.interpolate`${version.versionNumber}`,
        deploymentStrategyId: args.strategyId,
        description: writeNote({
          cutover: 1,
          rollout: rollout.name,
          kind: lowers(args) ? "lower" : "promote",
          stage: stage.name,
          attempt: stage.attempt,
          reason,
        }),
      },
      {
        ...this.child,
        ...adopted(args.existing?.deployment),
        hooks: { beforeCreate: [lastLook] },
        ignoreChanges: unchanged(args, [
          "applicationId",
          "environmentId",
          "configurationProfileId",
          "configurationVersion",
          "deploymentStrategyId",
          "description",
        ]),
      },
    );
    return { deployment, record: this.declareRecord(name, args, deployment, () => atFlip) };
  }

  /**
   * Settles the promotion and records it. Depends on the deployment: evidence of a promotion that was then refused
   * must not be recorded. One that was taken down again is recorded as such, and then fails the run. One of which
   * it is not known is not recorded, so that the next run settles it.
   */
  private declareRecord(
    name: string,
    args: StageArgs,
    deployment: aws.appconfig.Deployment,
    atFlip: () => AtFlip | undefined,
  ): pulumi.Output<PromotionRecord> {
    let unsettled: unknown;
    const recover = new pulumi.ResourceHook(`${name}-recover`, async () => {
      if (unsettled !== undefined) throw unsettled;
      if (!args.promotion) await args.recover();
    });
    // Not run in a preview of a promotion: the number is unknown there.
    const input = deployment.deploymentNumber.apply(async (): Promise<PromotionRecord> => {
      const settle = pulumi.runtime.isDryRun() ? undefined : args.settle;
      const settlement = await settle?.().catch((error: unknown) => {
        // Thrown here, the engine would tell it as a mistake in the record's inputs.
        unsettled = error;
      });
      return { atFlip: atFlip() ?? null, settlement: settlement ?? null };
    });
    const stash = new pulumi.Stash(
      `${name}-record`,
      { input },
      {
        ...this.child,
        dependsOn: [deployment],
        hooks: { beforeCreate: [recover] },
        ignoreChanges: unchanged(args, ["input"]),
        replacementTrigger: args.stage.attempt,
      },
    );
    // Once it is stored. Nothing is made of this output: what depends on a failed one tells the failure its own way.
    pulumi.all([input, stash.output]).apply(([{ settlement }]) => {
      if (unsettled !== undefined) throw runError(reasonOf(unsettled));
      if (args.promotion && settlement?.outcome === "aborted")
        throw runError(showAborted(args.stage.name, settlement));
    });
    return stash.output as pulumi.Output<PromotionRecord>;
  }
}

function lowers({ promotion }: StageArgs): boolean {
  return promotion?.plan.kind === "lower";
}

/** No import where the state knows the resource by this id; see `StageArgs.existing`. */
function adopted(id: string | undefined): { import?: string } {
  return id === undefined ? {} : { import: id };
}

/**
 * Inputs to leave as they are where nothing is promoted. The flags of an attempt are fixed by its promotion:
 * an edit of the config, or of the foundation, must not deploy anything on the side.
 */
function unchanged({ promotion }: StageArgs, inputs: string[]): string[] {
  return promotion ? [] : inputs;
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
