import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { TYPE } from "../src/aws/names";
import { kindOf } from "../src/gates/gate";
import type { PromotionRecord } from "../src/promotion/record";
import { contractedIn } from "../src/rollout/position";
import { predecessorOf } from "../src/rollout/rollout";
import { abort, BROUGHT_DOWN, ofStack } from "../src/text/command";
import { askedByAccount } from "./account";
import { stageDashboard } from "./dashboard";
import { Messages } from "./messages";
import type { StageArgs } from "./stageArgs";
import { declareFlip, declareSnapshot } from "./stageFlip";
import { declareGuards } from "./stageGuards";

/**
 * One stage, live. Everything that a promotion changes is a child of it, so that whatever stops it stops all:
 * alarms, then the snapshot, then the flag version, then the flip, then the record and the dashboard. What lowers flags
 * has lowered them before any of it is declared. Of a finished rollout, what watches and what speaks is gone; what was
 * promoted, and on what, stays.
 */
export class Stage extends pulumi.ComponentResource {
  /** What the attempt was promoted on, and what became of it. */
  readonly record: pulumi.Output<PromotionRecord>;
  /** Where the stage is protected, its parts are not: a new attempt has to replace some of them. See `declareLatch`. */
  private readonly child: pulumi.CustomResourceOptions = { parent: this, protect: false };
  /** All that a `destroy` would take away, or what depends on it. */
  private readonly parts: pulumi.Resource[] = [];

  constructor(name: string, args: StageArgs, opts?: pulumi.ComponentResourceOptions) {
    const admit = new pulumi.ResourceHook(`${name}-admit`, () => args.admit());
    super(TYPE.stage, name, inputsOf(args), {
      ...opts,
      ...askedByAccount(args.rollout),
      // Outside a promotion its absence is no change: `up` twice changes nothing. Policies read from this that
      // nothing is being promoted, since they see neither the previous state nor the operation.
      ignoreChanges: args.promotion ? [] : ["promotion"],
      // Stops the stage before its children exist, also where no policy pack runs.
      hooks: { beforeCreate: [admit], beforeUpdate: [admit] },
    });
    this.record = this.declareParts(name, args);
    this.declareLatch(name, args, opts?.protect === true);
    // The stash holds the other attempts; the state need not hold them twice.
    this.registerOutputs({ record: this.record.apply(({ others: _, ...own }) => own) });
  }

  private declareParts(name: string, args: StageArgs): pulumi.Output<PromotionRecord> {
    const messages = this.declareMessages(name, args);
    const { ready, parts } = declareGuards(name, args, this.child);
    const guards = [...ready, ...(messages?.ready ?? [])];
    const snapshot = declareSnapshot(name, args, guards, this.child);
    const { deployment, stash, record } = declareFlip(
      name,
      args,
      snapshot ? [...guards, snapshot] : guards,
      this.child,
    );
    this.schedule(messages, args, deployment);
    if (!args.finished) this.declareDashboard(name, args, deployment, guards);
    this.parts.push(...parts, stash);
    return record;
  }

  /**
   * What a `destroy` comes upon first, since it depends on all other parts; protected while the stage's flags may be
   * live. The engine refuses to delete what is protected, but a run without a preview has deleted all that it came
   * upon before, the alarms first of all. The refusal quotes the name, so the name says what to do.
   */
  private declareLatch(name: string, { rollout, region }: StageArgs, protect: boolean): void {
    const place = { rollout: rollout.name, region };
    new pulumi.Stash(
      `${name}-to-destroy-run-${BROUGHT_DOWN}`,
      {
        input: [abort(place, name), ofStack(place, "up", name), ofStack(place, "destroy", name)].join("\n"),
      },
      { parent: this, protect, dependsOn: this.parts },
    );
  }

  /** After the flip, which it marks. */
  private declareDashboard(
    name: string,
    { rollout, stage, region, history, completedAt }: StageArgs,
    flipped: pulumi.Output<number>,
    guards: readonly pulumi.Resource[],
  ): void {
    const flip = flipped.apply(async (deployment) => ({
      deployment,
      completedAt:
        history.find((one) => one.deployment === deployment && one.state === "complete")?.completedAt ??
        (await completedAt(deployment)),
    }));
    const { MetricAlarm, CompositeAlarm } = aws.cloudwatch;
    const alarms = guards.filter(
      (guard) => MetricAlarm.isInstance(guard) || CompositeAlarm.isInstance(guard),
    );
    this.parts.push(stageDashboard(name, { rollout, stage, region, history, alarms, flip }, this.child));
  }

  private declareMessages(name: string, args: StageArgs): Messages | undefined {
    const { rollout, stage, applicationId, environmentId, profileId, region, topics, timeScale } = args;
    const { database, tokens, queryBaseline } = args;
    if (Object.keys(stage.messages).length === 0) return undefined;
    const told = new Messages(
      `${name}-messages`,
      {
        rollout,
        stage,
        messages: stage.messages,
        // Whom nobody is to tell twice is kept beyond the finish.
        toldAlone: args.finished === true,
        applicationId,
        environmentId,
        profileId,
        region,
        topics,
        timeScale,
        database,
        tokens,
        queryBaseline,
      },
      this.child,
    );
    this.parts.push(told);
    return told;
  }

  /** Timed messages are counted from the flip, so their time does not move when `up` runs again. */
  private schedule(messages: Messages | undefined, args: StageArgs, deployment: pulumi.Output<number>): void {
    const schedules = messages?.schedule({
      deployment,
      completedAt: deployment.apply(args.completedAt),
    });
    this.parts.push(...(schedules ?? []));
  }
}

/** What policies see of a stage: plain values, all known already in a preview. */
function inputsOf({ rollout, stage, promotion }: StageArgs): pulumi.Inputs {
  const predecessor = predecessorOf(rollout, stage);
  const contracted = contractedIn(rollout.stages);
  return {
    rollout: rollout.name,
    stage: stage.name,
    attempt: stage.attempt,
    flags: stage.flags,
    flagSpecs: rollout.flags,
    ...(contracted.length > 0 ? { contracts: stage.contracts ?? [], contracted } : {}),
    predecessor: predecessor && { stage: predecessor.name, flags: predecessor.flags, soak: predecessor.soak },
    isLast: !rollout.stages.some((other) => other.predecessor === stage.name),
    soak: stage.soak,
    gates: { entry: Object.keys(stage.entry), predecessorExit: Object.keys(predecessor?.exit ?? {}) },
    abort: stage.abort,
    snapshot: stage.snapshot,
    dataKeptBy: keepersIn(stage),
    promotion,
  };
}

/** The gates without whose pass it is not promoted, and which show that its data can be had back; undefined without any. */
function keepersIn({ entry }: StageArgs["stage"]): string[] | undefined {
  const ids = Object.entries(entry).flatMap(([id, gate]) => (kindOf(gate).keepsData ? [id] : []));
  return ids.length > 0 ? ids : undefined;
}
