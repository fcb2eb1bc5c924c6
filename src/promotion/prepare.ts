import * as pulumi from "@pulumi/pulumi";
import { type Flags, sameFlags } from "../flags/flags";
import type { Ledger, LedgerEntry } from "../flags/ledger";
import { readLedger } from "../flags/readLedger";
import type { Verdict } from "../gates/judge";
import type { Evidence } from "../gates/observation";
import { type Announcing, announce, takeBack } from "../messages/announce";
import { completionOf } from "../messages/flip";
import { type Plan, plan } from "../rollout/plan";
import { ofStage, short } from "../text/command";
import { UserError } from "../text/problem";
import { admit, type Moment } from "./admit";
import { readCommit } from "./commit";
import { type Existing, findExisting } from "./existing";
import { measure } from "./measure";
import { readAlarms, requireQuietAlarms } from "./readiness";
import type { AtFlip } from "./record";
import { type Promotion, subjectOf } from "./request";
import { gatesFor } from "./resolve";
import { liveReport, writeReport } from "./runReport";
import { settle } from "./settle";
import { type Settlement, showAborted } from "./settlement";
import { showJudgement } from "./show";
import { type Situation, sourcesOf } from "./sources";

/** A new alarm is evaluated within a few of its periods. However fast time is scaled, so much is left for it. */
const ALARM_PATIENCE_MS = 90_000;
const SHORTEST_PATIENCE_MS = 5_000;

/** What this run asks for, and the two looks that decide about it. */
export interface PreparedPromotion {
  readonly plan: Plan;
  readonly promotion: Promotion | undefined;
  /** What was deployed before this run, newest first. */
  readonly history: Ledger["history"];
  /** What an interrupted run of this attempt left in AWS. */
  readonly existing: Existing;
  readonly admit: () => void;
  readonly lastLook: () => Promise<AtFlip | undefined>;
  /** Tells people that what was announced did not happen. Never throws. */
  readonly flipFailed: (why: string) => Promise<void>;
  /** When AppConfig completed a deployment: what timed messages are counted from. ISO 8601, UTC. */
  readonly completedAt: (deployment: number) => Promise<string>;
  /** After the flip: servers, then smoke checks. Absent where this run raises nothing. */
  readonly settle: (() => Promise<Settlement>) | undefined;
  /** The same for a flip whose run was interrupted. Throws where the flags had to be taken down. */
  readonly recover: () => Promise<void>;
}

/** Reads the ledger, plans, and measures where the plan raises a flag. */
export async function preparePromotion(situation: Situation): Promise<PreparedPromotion> {
  const { rollout, stage, foundation, settings } = situation;
  const ledger = await readLedger(foundation.store, rollout.flags);
  const planned = plan(rollout, stage, ledger);
  const promotion =
    planned.kind === "none"
      ? undefined
      : await ask(situation, planned, ledger, await readCommit(settings.folder));
  const report = { plan: planned, live: liveReport(ledger), promotion };
  writeReport(report);
  const settleNow = async () => {
    const settlement = await settle(
      situation,
      (line) => void pulumi.log.info(line, undefined, undefined, true),
    );
    writeReport({ ...report, settlement });
    return settlement;
  };
  return {
    plan: planned,
    promotion,
    history: ledger.history,
    existing: await findExisting(situation, planned, ledger),
    admit: () => {
      if (promotion) decide(promotion, "admission");
    },
    lastLook: () => lookAgain(situation, promotion),
    flipFailed: async (why) => {
      if (promotion) await flipFailed(situation, promotion, why);
    },
    completedAt: (deployment) => completionOf(foundation.store, deployment),
    settle: planned.kind === "raise" ? settleNow : undefined,
    recover: async () => {
      if (planned.kind !== "none" || planned.why !== "live") return;
      const settlement = await settleNow();
      if (settlement.outcome === "aborted") throw new UserError(showAborted(stage.name, settlement));
    },
  };
}

async function ask(
  situation: Situation,
  planned: Exclude<Plan, { kind: "none" }>,
  ledger: Ledger,
  commit: string,
): Promise<Promotion> {
  const { rollout, stage, settings } = situation;
  const subject = subjectOf(rollout, stage, planned, ledger.live?.completedAt, commit);
  const gates = planned.kind === "raise" ? gatesFor(rollout, stage) : [];
  const evidence =
    planned.kind === "raise" ? await measureNow(situation, subject, gates, ledger, "admission") : undefined;
  return {
    // The model's types are read-only; what travels to the engine is a copy of plain data.
    plan: structuredClone(planned) as Promotion["plan"],
    subject,
    gates,
    evidence,
    timeScale: settings.timeScale,
    awsEndpoint: settings.awsEndpoint,
  };
}

function measureNow(
  situation: Situation,
  subject: Promotion["subject"],
  gates: Promotion["gates"],
  ledger: Ledger,
  moment: Moment,
): Promise<Evidence> {
  return measure(subject, gates, sourcesOf(situation, situation.stage.predecessor ?? "", ledger), moment);
}

/** Throws unless the promotion may go ahead; returns what was judged. A lower with a written reason always may. */
function decide(promotion: Promotion, moment: Moment): readonly Verdict[] {
  const { plan: planned, subject, gates, evidence, timeScale } = promotion;
  switch (planned.kind) {
    case "refused":
      throw new UserError(`${subject.stage} is not promoted:`, planned.problems);
    case "lower":
      if (planned.reason === undefined)
        throw new UserError(`${subject.stage} is not brought up:`, [LOWER_NEEDS_REASON]);
      return [];
    case "restart":
      return [];
    case "raise": {
      if (!evidence) throw new UserError(`${subject.stage} is not promoted: nothing was measured`);
      const judgement = admit({ subject, gates, evidence }, { now: Date.now(), timeScale, moment });
      if (!judgement.go) throw new UserError(showJudgement(subject, judgement));
      return judgement.verdicts;
    }
  }
}

const LOWER_NEEDS_REASON = {
  where: "cutover:stage.lower",
  what: "is missing, and this would lower flags",
  remedy:
    "Say why under lower: { reason: … }. To bring flags down at once, without Pulumi, use `cutover abort`",
} as const;

/**
 * The look at the moment of the flip: reads the ledger and measures anew, since hours may have gone into the
 * snapshot. Throws where anything is not as it was promised.
 */
async function lookAgain(
  situation: Situation,
  promotion: Promotion | undefined,
): Promise<AtFlip | undefined> {
  const { rollout, stage, foundation, settings } = situation;
  const ledger = await readLedger(foundation.store, rollout.flags);
  const planned = plan(rollout, stage, ledger);
  const refuse = (what: string, remedy: string): never => {
    throw new UserError(`The last look refuses to deploy ${stage.name}:`, [
      { where: `stage ${stage.name}`, what, remedy },
    ]);
  };
  if (!promotion) {
    const why = planned.kind === "none" ? planned.sentence : "it was not asked to be promoted";
    return refuse(
      `this stack's state does not know its deployment, but ${why}`,
      `Find its number, with ${ofStage({ rollout: rollout.name, region: settings.region }, "status", stage.name)}, then: ${short.pulumi("import", `-s ${stage.name}`, "aws:appconfig/deployment:Deployment", `${stage.name}-flags`, `${foundation.store.applicationId}/${foundation.store.environmentId}/NUMBER`)}`,
    );
  }
  if (planned.kind === "none")
    return refuse(
      `it was promoted by someone else meanwhile: ${planned.sentence}`,
      "Run pulumi up again; it will change nothing",
    );
  if (planned.kind === "refused")
    throw new UserError(`The last look refuses to deploy ${stage.name}:`, planned.problems);
  if (
    planned.kind !== promotion.plan.kind ||
    planned.liveDeployment !== promotion.plan.liveDeployment ||
    !sameFlags(rollout.flags, planned.from, promotion.plan.from)
  ) {
    return refuse(
      `the flags changed since the promotion was planned (live was deployment ${promotion.plan.liveDeployment}, now it is ${planned.liveDeployment})`,
      "Look at what changed with cutover status, then run pulumi up again",
    );
  }
  if (planned.kind !== "raise") return undefined;
  const evidence = await measureNow(situation, promotion.subject, promotion.gates, ledger, "flip");
  const verdicts = decide({ ...promotion, evidence }, "flip");
  const { region, timeScale } = situation.settings;
  await requireQuietAlarms(rollout, stage, {
    read: (names) => readAlarms(names, region),
    patience: Math.max(ALARM_PATIENCE_MS / timeScale, SHORTEST_PATIENCE_MS),
    pause: 1_000,
  });
  await announce(announcingOf(situation, planned.from), region, (line) => void pulumi.log.info(line));
  return { evidence, verdicts };
}

function announcingOf({ rollout, stage, foundation }: Situation, from: Flags): Announcing {
  return {
    rollout: rollout.name,
    stage: stage.name,
    attempt: stage.attempt,
    messages: stage.messages,
    from,
    to: stage.flags,
    topics: foundation.topics,
  };
}

/**
 * What follows a flip that failed: people who were told of it are told that it did not happen. Where AppConfig took
 * it all the same, or that cannot be known, nothing is said: the next run finds out.
 */
async function flipFailed(situation: Situation, { plan: planned }: Promotion, why: string): Promise<void> {
  const { rollout, stage, foundation, settings } = situation;
  if (planned.kind !== "raise") return;
  const ledger = await readLedger(foundation.store, rollout.flags).catch(() => undefined);
  const isOurs = ({ note }: LedgerEntry) =>
    note?.kind === "promote" && note.stage === stage.name && note.attempt === stage.attempt;
  if (!ledger || ledger.history.some(isOurs)) return;
  await takeBack(
    announcingOf(situation, planned.from),
    settings.region,
    why,
    (line) => void pulumi.log.info(line),
  );
}
