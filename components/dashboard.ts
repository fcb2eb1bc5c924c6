import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { dashboardName } from "../src/aws/names";
import type { LedgerEntry } from "../src/flags/ledger";
import type { Rollout, Stage } from "../src/rollout/rollout";
import { dashboardBody } from "./dashboardBody";

/** A rollout's dashboard from its config alone: all of its signals with their thresholds, whatever is live. */
export function overviewDashboard(
  name: string,
  { rollout, region }: { readonly rollout: Rollout; readonly region: string },
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.Dashboard {
  return new aws.cloudwatch.Dashboard(
    `${name}-dashboard`,
    {
      dashboardName: dashboardName(rollout.name, region),
      dashboardBody: dashboardBody({
        rollout,
        stages: rollout.stages,
        region,
        alarms: [],
        changes: [],
        remark:
          "Every stage's signals. Each stage's own dashboard marks the changes of flags and shows alarms.",
      }),
    },
    opts,
  );
}

/** What a stage's dashboard is made from. */
export interface StageDashboardArgs {
  readonly rollout: Rollout;
  readonly stage: Stage;
  readonly region: string;
  /** The abort alarms of this stage. */
  readonly alarms: readonly (aws.cloudwatch.MetricAlarm | aws.cloudwatch.CompositeAlarm)[];
  /** What was deployed before this run, and what this stage deployed, with the time at which it was completed. */
  readonly history: readonly LedgerEntry[];
  readonly flip: pulumi.Input<{ readonly deployment: number; readonly completedAt: string }>;
}

/**
 * The dashboard of one promoted stage: its signals and those of the stages before it, whose alarms still stand. It
 * marks the changes up to the stage's own flip and no later one, so that it says the same however often the stack is
 * brought up.
 */
export function stageDashboard(
  name: string,
  args: StageDashboardArgs,
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.Dashboard {
  const { rollout, stage, region, history } = args;
  const stages = rollout.stages.slice(0, rollout.stages.findIndex((one) => one.name === stage.name) + 1);
  const body = pulumi
    .all([pulumi.output(args.flip), pulumi.all(args.alarms.map(({ arn }) => arn))])
    .apply(([{ deployment, completedAt }, alarms]) =>
      dashboardBody({
        rollout,
        stages,
        region,
        alarms,
        changes: [
          ...history.filter((entry) => entry.deployment < deployment),
          ownChange(args, deployment, completedAt),
        ],
        remark: `The rollout up to ${stage.name}; lines mark the changes of flags until then, the last is its own. Later ones: cutover report.`,
      }),
    );
  return new aws.cloudwatch.Dashboard(
    `${name}-dashboard`,
    { dashboardName: dashboardName(rollout.name, region, stage.name), dashboardBody: body },
    opts,
  );
}

/** The stage's own deployment: as the ledger has it, or, in the run that makes it, as it will. */
function ownChange(
  { rollout, stage, history }: StageDashboardArgs,
  deployment: number,
  completedAt: string,
): LedgerEntry {
  const { name, attempt } = stage;
  const note = { cutover: 1, rollout: rollout.name, kind: "promote", stage: name, attempt } as const;
  const known = history.find((entry) => entry.deployment === deployment)?.note;
  return { deployment, state: "complete", completedAt, configurationVersion: "", note: known ?? note };
}
