import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { snapshotName } from "../src/aws/names";
import { flagDocument } from "../src/flags/document";
import { writeNote } from "../src/flags/ledger";
import type { AtFlip, PromotionRecord } from "../src/promotion/record";
import { showAborted } from "../src/promotion/settlement";
import { reasonOf } from "../src/text/problem";
import { runError } from "../src/text/runError";
import type { StageArgs } from "./stageArgs";

/** Taken for a raise, before the flags change. Kept in the account whatever becomes of the stack. */
export function declareSnapshot(
  name: string,
  args: StageArgs,
  dependsOn: pulumi.Resource[],
  child: pulumi.CustomResourceOptions,
): pulumi.Resource | undefined {
  const { rollout, stage } = args;
  const { instance, cluster } = stage.snapshot ?? {};
  const id = snapshotName(rollout.name, stage.name, stage.attempt);
  // No `protect`: the next attempt replaces this resource, which the engine would then refuse.
  const opts = {
    ...child,
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

/** The flags of the stage, raised or lowered by one deployment, and the record of it. */
export function declareFlip(
  name: string,
  args: StageArgs,
  dependsOn: pulumi.Resource[],
  child: pulumi.CustomResourceOptions,
): { deployment: aws.appconfig.Deployment; stash: pulumi.Stash; record: pulumi.Output<PromotionRecord> } {
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
      ...child,
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
  const failed = new pulumi.ErrorHook(`${name}-flip-failed`, async ({ errors }) => {
    await args.flipFailed(errors[0] ?? "the engine gives no reason");
    // Never tried again by itself: the last look is over by then.
    return false;
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
      ...child,
      ...adopted(args.existing?.deployment),
      hooks: { beforeCreate: [lastLook], onError: [failed] },
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
  const stash = declareRecord(name, args, deployment, () => atFlip, child);
  return { deployment, stash, record: stash.output as pulumi.Output<PromotionRecord> };
}

/**
 * Settles the promotion and records it. Depends on the deployment: evidence of a promotion that was then refused
 * must not be recorded. One that was taken down again is recorded as such, and then fails the run. One of which
 * it is not known is not recorded, so that the next run settles it.
 */
function declareRecord(
  name: string,
  args: StageArgs,
  deployment: aws.appconfig.Deployment,
  atFlip: () => AtFlip | undefined,
  child: pulumi.CustomResourceOptions,
): pulumi.Stash {
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
      ...child,
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
  return stash;
}

/** Whether this run takes flags down. */
export function lowers({ promotion }: StageArgs): boolean {
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
