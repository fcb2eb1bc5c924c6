import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { snapshotName } from "../src/aws/names";
import { flagDocument } from "../src/flags/document";
import type { Flipped } from "../src/promotion/flip";
import { recordName, recordOf } from "../src/promotion/kept";
import type { PromotionRecord } from "../src/promotion/record";
import { showAborted } from "../src/promotion/settlement";
import { reasonOf, UserError } from "../src/text/problem";
import { runError } from "../src/text/runError";
import type { StageArgs } from "./stageArgs";

/** Taken before the flags change. Kept in the account whatever becomes of the stack. */
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
  const kept = (inputs: string[]) => unchanged(args, inputs);
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

/** What a flip leaves in the stack. */
export interface Flip {
  /** The number of the deployment. */
  readonly deployment: pulumi.Output<number>;
  readonly stash: pulumi.Stash;
  readonly record: pulumi.Output<PromotionRecord>;
}

/**
 * The flags of the stage, and the record of their promotion. The deployment is no resource: AppConfig takes one bound to
 * the newest that was looked at only from whoever looks and starts in one, which the hook of the flip does. What is
 * kept of it is that it was done, once an attempt.
 */
export function declareFlip(
  name: string,
  args: StageArgs,
  dependsOn: pulumi.Resource[],
  child: pulumi.CustomResourceOptions,
): Flip {
  const { stage, promotion } = args;
  const room = new pulumi.ResourceHook(`${name}-room`, () => args.makeRoom());
  const version = new aws.appconfig.HostedConfigurationVersion(
    `${name}-flags`,
    {
      applicationId: args.applicationId,
      configurationProfileId: args.profileId,
      content: flagDocument(stage.flags, args.behind),
      contentType: "application/json",
      description: `${stage.name}, attempt ${stage.attempt}`,
    },
    {
      ...child,
      dependsOn,
      ...adopted(args.existing?.version),
      hooks: { beforeCreate: [room] },
      // Replacing a version deletes the old one, which may still be what servers read.
      retainOnDelete: true,
      ignoreChanges: unchanged(args, ["applicationId", "configurationProfileId", "content", "description"]),
    },
  );
  let flipped: Flipped | undefined;
  const hook = new pulumi.ResourceHook(`${name}-flip`, async ({ newInputs }) => {
    flipped = await args.flip(versionIn(newInputs));
  });
  const flip = new pulumi.Stash(
    `${name}-flip`,
    { input: { version: version.versionNumber, attempt: stage.attempt } },
    {
      ...child,
      dependsOn: [version],
      hooks: { beforeCreate: [hook] },
      ignoreChanges: unchanged(args, ["input"]),
      // Made anew for each attempt, and in each flag store.
      replacementTrigger: pulumi
        .all([args.applicationId, args.environmentId])
        .apply((store) => [stage.attempt, ...store].join("/")),
    },
  );
  const deployment = flip.output.apply((): number => {
    const number = flipped?.deployment ?? args.flipped;
    // Not known yet in a preview, which flips nothing.
    if (number !== undefined || pulumi.runtime.isDryRun()) return number ?? (pulumi.unknown as number);
    throw runError(
      `${name} was ${promotion ? "asked to be promoted" : "promoted"}, and no flags were deployed`,
    );
  });
  const stash = declareRecord(name, args, flip, deployment, () => flipped, child);
  return { deployment, stash, record: stash.output as pulumi.Output<PromotionRecord> };
}

/** The version that is to be deployed, as the engine hands it to the hook: by now it is known. */
function versionIn(inputs: unknown): string {
  const { input } = (inputs ?? {}) as { input?: { version?: unknown } };
  if (typeof input?.version !== "number")
    throw runError("the engine does not say which version of the flags is to be deployed");
  return String(input.version);
}

/**
 * Settles the promotion and records it. Depends on the flip: evidence of a promotion that was then refused must not be
 * recorded. One that was taken down again is recorded as such, and then fails the run. One of which it is not known is
 * not recorded, so that the next run settles it.
 */
function declareRecord(
  name: string,
  args: StageArgs,
  flip: pulumi.Stash,
  deployment: pulumi.Output<number>,
  flipped: () => Flipped | undefined,
  child: pulumi.CustomResourceOptions,
): pulumi.Stash {
  let unsettled: unknown;
  const recover = new pulumi.ResourceHook(`${name}-recover`, async () => {
    if (unsettled !== undefined) throw unsettled;
    if (!args.promotion) await args.recover();
    requireKept(args);
  });
  // Not run in a preview of a promotion: the number is unknown there.
  const input = deployment.apply(async (): Promise<PromotionRecord> => {
    const settle = pulumi.runtime.isDryRun() ? undefined : args.settle;
    const settlement = await settle?.().catch((error: unknown) => {
      // Thrown here, the engine would tell it as a mistake in the record's inputs.
      unsettled = error;
    });
    const { atFlip, heldTo } = flipped() ?? {};
    const { attempt } = args.stage;
    const made = { attempt, atFlip: atFlip ?? null, settlement: settlement ?? null };
    return recordOf({ ...made, ...(heldTo ? { heldTo } : {}) }, args.kept.ok ? args.kept.value : [], {
      promotes: args.promotion !== undefined,
    });
  });
  const stash = new pulumi.Stash(
    recordName(name),
    { input },
    {
      ...child,
      dependsOn: [flip],
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

/**
 * A new record takes the place of the one before, and carries on what that holds of earlier attempts. Refused where
 * that is not known, so that it stays in the state: by then whatever had to go down is down.
 */
function requireKept({ stage, kept }: StageArgs): void {
  if (kept.ok) return;
  throw new UserError(
    `No new record is made of ${stage.name}, or what it keeps of its attempts would be lost:`,
    [{ where: `stack ${stage.name}`, what: `its state cannot be read: ${kept.why}`, remedy: kept.remedy }],
  );
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
