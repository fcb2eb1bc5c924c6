import * as pulumi from "@pulumi/pulumi";
import type { Known } from "../aws/known";
import { type Marks, marksFor } from "../flags/doors";
import type { Ledger } from "../flags/ledger";
import { ledgerReader } from "../flags/readLedger";
import { completionOf } from "../messages/flip";
import { unarmedProblems } from "../rollout/armed";
import { doorsThrough, showDoor } from "../rollout/doors";
import { missingChecks } from "../rollout/ownChecks";
import { type Plan, plan } from "../rollout/plan";
import type { Predecessor } from "../rollout/planRaise";
import { flipOf } from "../rollout/stops";
import { type Comparison, judgeStrength, showAgainst, UNRECORDED } from "../rollout/strength/judge";
import { abortAll, addressed, type Place } from "../text/command";
import { UserError } from "../text/problem";
import { toldAt } from "../text/runError";
import { unmeasurable } from "./away";
import { readCommit } from "./commit";
import { type Existing, findExisting } from "./existing";
import { awaitFilled } from "./filledRows";
import { type Flipped, flip } from "./flip";
import { unarmedNow } from "./guards";
import { type AskProvider, accountProblems } from "./identity";
import { lowerNow } from "./lowerNow";
import { makeRoom } from "./makeRoom";
import { missingRowTokens, missingTokens } from "./missingTokens";
import { prove } from "./prove";
import { readKept } from "./readKept";
import type { AttemptRecord } from "./record";
import { type Promotion, subjectOf } from "./request";
import { measureNow, requireGo } from "./requireGo";
import { gatesFor, smokeGatesOf } from "./resolve";
import { liveReport, writeReport } from "./runReport";
import { placeOf, type Settings } from "./settings";
import { settle } from "./settle";
import { type Settlement, showAborted } from "./settlement";
import { strangeSnapshots } from "./snapshotTie";
import { type Situation, sourcesOf } from "./sources";
import { compareStrength } from "./strength";
import { unknownDoors } from "./unknownDoors";
import { warnOfReach } from "./warnOfReach";
import { warnOfSlow } from "./warnOfSlow";

/** What this run asks for, and the two looks that decide about it. */
export interface PreparedPromotion {
  readonly plan: Plan;
  readonly promotion: Promotion | undefined;
  /** What there is no way back from, and that is behind what is deployed. */
  readonly behind: Marks;
  /** What was deployed before this run, newest first. */
  readonly history: Ledger["history"];
  /** What an interrupted run of this attempt left in AWS. */
  readonly existing: Existing;
  /** The deployment that promoted this attempt, or lowered to it, before this run. */
  readonly flipped: number | undefined;
  /** What the stage's stack keeps of its attempts. */
  readonly kept: Known<readonly AttemptRecord[]>;
  readonly admit: () => void;
  /** The last look and the flip in one. See `flip`. */
  readonly flip: (version: string) => Promise<Flipped>;
  /** Deletes spare versions of the flag document. See `makeRoom`. */
  readonly makeRoom: () => Promise<void>;
  /** Waits until the alarm of an abort row may be made. See `awaitFilled`. */
  readonly awaitFilled: (row: string) => Promise<void>;
  /** When AppConfig completed a deployment: what timed messages are counted from. ISO 8601, UTC. */
  readonly completedAt: (deployment: number) => Promise<string>;
  /** After the flip: servers, then smoke checks. Absent where this run flips nothing. */
  readonly settle: (() => Promise<Settlement>) | undefined;
  /** The same for a flip whose run was interrupted. Throws where the flags had to be taken down. */
  readonly recover: () => Promise<void>;
}

/**
 * Reads the ledger, plans, and measures where the plan raises a flag. Where the plan lowers, and says why, the flags
 * are down when this returns.
 */
export async function preparePromotion(situation: Planning): Promise<PreparedPromotion> {
  const { rollout, stage, foundation, settings } = situation;
  const place = placeOf(rollout.name, settings);
  const inWords = (error: unknown): never => {
    throw toldAt(place, error);
  };
  const read = ledgerReader(foundation.store, rollout.flags);
  const { ledger, planned, before } = await planNow(situation, read);
  const [strength, kept] = await Promise.all([
    compareStrength(situation, planned, ledger),
    readKept(stage, settings, planned),
  ]);
  const promotion =
    planned.kind === "none"
      ? undefined
      : await ask(situation, inWordsOf(place, planned), ledger, strength, await readCommit(settings.folder));
  const proofs =
    planned.kind === "raise" && promotion && pulumi.runtime.isDryRun()
      ? await prove(promotion.gates, sourcesOf(situation, stage.predecessor ?? "", ledger), stage.attempt)
      : undefined;
  const report = { plan: planned, live: liveReport(ledger), promotion, proofs, strength };
  tellDoor(situation, planned);
  tellStrength(strength, planned);
  writeReport(report);
  const say = (line: string) => void pulumi.log.info(line, undefined, undefined, true);
  const settleNow = async () => {
    let lookedAt: string | undefined;
    const look = () => {
      lookedAt = new Date().toISOString();
      return read();
    };
    const settlement = await settle(situation, look, say).catch(inWords);
    writeReport({ ...report, settlement, lookedAt });
    return settlement;
  };
  const flipped = flipOf(rollout, stage, stage.attempt, ledger);
  return {
    plan: planned,
    promotion,
    behind: marksFor(doorsThrough(rollout, stage, ledger.live)),
    history: ledger.history,
    existing: await findExisting(situation, planned, ledger),
    flipped: promotion ? undefined : flipped?.deployment,
    kept,
    admit: () => {
      if (promotion) requireGo(promotion, "admission");
    },
    flip: (version) => flip({ situation, promotion, strength, before, read }, version).catch(inWords),
    makeRoom: () =>
      makeRoom({
        ...{ rollout, ledger, store: foundation.store },
        warn: (line) => void pulumi.log.warn(line),
      }),
    awaitFilled: (row) => awaitFilled({ stage, row, region: settings.region }, say).catch(inWords),
    completedAt: (deployment) => completionOf(foundation.store, deployment),
    // A restart raises no flag, and its record says that the stage settled: that is looked at, too.
    settle: planned.kind === "raise" || planned.kind === "restart" ? settleNow : undefined,
    recover: async () => {
      // What was lowered has nothing to settle.
      if (planned.kind !== "none" || planned.why !== "live" || flipped?.note?.kind === "lower") return;
      const settlement = await settleNow();
      if (settlement.outcome === "aborted") throw new UserError(showAborted(stage.name, settlement));
    },
  };
}

/** A situation whose other stacks can be read. */
type Planning = Situation & {
  readonly settings: Pick<Settings, "organization" | "project" | "provider">;
  readonly askProvider: AskProvider;
  /** What became of the predecessor. Waited for only where flags would go up, since reading it may take long. */
  readonly before: Promise<Predecessor>;
};

interface Planned {
  readonly ledger: Ledger;
  readonly planned: Plan;
  readonly before: Predecessor;
}

/** The plan, once what has to go down is down. */
async function planNow(situation: Planning, read: () => Promise<Ledger>): Promise<Planned> {
  const { rollout, stage, settings } = situation;
  const ledger = await read();
  const planned = plan(rollout, stage, ledger);
  if (planned.kind === "raise") {
    const before = await situation.before;
    return { ledger, before, planned: plan(rollout, stage, ledger, before) };
  }
  const before: Predecessor = { kind: "unasked" };
  if (planned.kind !== "lower" || planned.reason === undefined || pulumi.runtime.isDryRun())
    return { ledger, planned, before };
  await lowerNow(situation, planned.reason);
  const after = await read();
  const now = plan(rollout, stage, after);
  if (now.kind === "none") return { ledger: after, planned: now, before };
  throw new UserError(`The flags were lowered to ${stage.name}'s, and did not stay so:`, {
    where: `stage ${stage.name}`,
    what:
      now.kind === "refused"
        ? now.problems.map(({ what }) => what).join("; ")
        : `the next plan is to ${now.kind}`,
    remedy: `Look at its status; to bring the flags down without Pulumi: ${abortAll(placeOf(rollout.name, settings))}`,
  });
}

async function ask(
  situation: Planning,
  planned: Exclude<Plan, { kind: "none" }>,
  ledger: Ledger,
  strength: Comparison,
  commit: string,
): Promise<Promotion> {
  const { rollout, stage, settings } = situation;
  const subject = subjectOf(rollout, stage, planned, ledger.live?.completedAt, commit);
  const asked = {
    // The model's types are read-only; what travels to the engine is a copy of plain data.
    plan: structuredClone(planned) as Promotion["plan"],
    subject,
    strength,
    timeScale: settings.timeScale,
    awsEndpoint: settings.awsEndpoint,
  };
  if (planned.kind !== "raise") return { ...asked, gates: [] };
  const gates = gatesFor(rollout, stage, strength.before.predecessor);
  const [evidence, found, strange, strangers, account] = await Promise.all([
    measureNow(situation, subject, gates, ledger, "admission", (source) =>
      Promise.all([warnOfReach(source), warnOfSlow(source, stage)]),
    ),
    unarmedNow(situation, "admission", ledger),
    strangeSnapshots(gates, settings.region),
    unknownDoors(situation, ledger),
    accountProblems(rollout, settings, situation.askProvider),
  ]);
  const smoke = smokeGatesOf(rollout, stage);
  const { tokens, withheld } = settings;
  const blind = [
    ...(withheld?.service === undefined ? missingTokens(smoke, tokens, rollout.sources) : []),
    ...(withheld?.sources === undefined ? missingRowTokens(stage, tokens, rollout.sources) : []),
    ...(await missingChecks(smoke, settings.folder)),
    ...(await unmeasurable(smoke, situation)),
  ];
  const against = [...account, ...unarmedProblems(found), ...strange, ...blind, ...strangers];
  return { ...asked, gates, evidence, ...(against.length > 0 ? { unarmed: against } : {}) };
}

/** A plan as its reader is told it: whoever judges it afterwards, no longer knows where they stand. */
function inWordsOf(place: Place, planned: Exclude<Plan, { kind: "none" }>): typeof planned {
  if (planned.kind !== "refused") return planned;
  const problems = planned.problems.map(({ where, what, remedy }) => {
    return { where, what: addressed(what, place), remedy: addressed(remedy, place) };
  });
  return { ...planned, problems };
}

/** Whoever runs what goes through a door is told so once, before anything else. */
function tellDoor({ rollout, stage }: Situation, { kind }: Plan): void {
  const words = kind === "raise" ? showDoor(rollout, stage) : undefined;
  if (words !== undefined) pulumi.log.warn(words);
}

/** What is weaker is told also where nothing is raised, or a reason was given; what blocks is told by what refuses it. */
function tellStrength(strength: Comparison, { kind }: Plan): void {
  const blocks = kind === "raise" || kind === "restart";
  const list = judgeStrength(strength).filter(({ reason }) => !blocks || reason !== undefined);
  const say = (line: string) => void pulumi.log.warn(line);
  if (list.length > 0)
    say(
      `Weaker than before: ${list.map((one) => `${one.says} (than at ${showAgainst(one)}${one.reason === undefined ? "" : `; reason: ${one.reason}`})`).join("; ")}.`,
    );
  if (blocks && strength.unrecorded) say(`${UNRECORDED}.`);
}
