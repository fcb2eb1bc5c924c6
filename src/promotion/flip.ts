import { randomUUID } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { callerOf } from "../aws/caller";
import { parseDocument } from "../flags/document";
import { type Flags, lowersBeyond, sameFlags, showFlags } from "../flags/flags";
import { type Ledger, type LedgerEntry, type Note, showLater } from "../flags/ledger";
import type { DeployResult } from "../flags/store";
import { type Announcing, announce, retract } from "../messages/announce";
import { plan } from "../rollout/plan";
import type { Predecessor } from "../rollout/planRaise";
import { flipOf } from "../rollout/stops";
import type { Comparison, HeldTo } from "../rollout/strength/judge";
import { short } from "../text/command";
import { UserError } from "../text/problem";
import { withStore } from "./flagStore";
import { requireArmed, unarmedAfter, unarmedNow } from "./guards";
import { lookAround, patienceOf, stillFresh } from "./lastLook";
import type { AtFlip } from "./record";
import type { Promotion } from "./request";
import { requireGo } from "./requireGo";
import type { Situation } from "./sources";
import { heldToOf } from "./strength";

/** What one flip goes by. */
export interface Flipping {
  readonly situation: Situation;
  /** Absent where this run promotes nothing: then the flip of an interrupted run is adopted. */
  readonly promotion: Promotion | undefined;
  /** What the rollout is held to, beside what it was. */
  readonly strength: Comparison;
  /** What the predecessor's record said when the promotion was planned. */
  readonly before: Predecessor;
  /** Reads the ledger anew. */
  read(): Promise<Ledger>;
}

/** A flip, and what was seen right before it. */
export interface Flipped {
  readonly deployment: number;
  /** Absent where no gate was asked. */
  readonly atFlip?: AtFlip | undefined;
  /** What the whole rollout is held to. */
  readonly heldTo: HeldTo;
}

/**
 * The last look and the flip, in one: looks at everything once more, reads the ledger as the very last act, and starts
 * the deployment bound to what it read. Where anything came in between, nothing is raised, and whoever was told of the
 * promotion is told that it did not happen. Throws a `UserError` wherever it does not come about.
 *
 * @param version the version of the flag document that is deployed
 */
export async function flip(flipping: Flipping, version: string): Promise<Flipped> {
  const { situation, promotion, strength, read } = flipping;
  // Asked before anything is looked at: nothing comes between the last look and the flip.
  const asked = promotion && callerOf(situation.settings.region);
  const heldTo = await heldToOf(strength, () => asked ?? callerOf(situation.settings.region));
  const who = await asked;
  if (!promotion) return { ...adopt(situation, await read()), heldTo };
  try {
    await requireJudged(situation, version);
    const { atFlip, newest } = await look(flipping, promotion);
    return { deployment: await start(flipping, promotion, version, newest, who), atFlip, heldTo };
  } catch (error) {
    await tellOfFailure(flipping, promotion, error instanceof Error ? error.message : String(error));
    throw error;
  }
}

/** The flip of a run that was interrupted before the engine could write it down. */
function adopt({ rollout, stage }: Situation, ledger: Ledger): Pick<Flipped, "deployment"> {
  const found = flipOf(rollout, stage, stage.attempt, ledger);
  if (found) return { deployment: found.deployment };
  return refuse(
    stage.name,
    `attempt ${stage.attempt} is in no deployment, and was not asked to be promoted`,
    "Run pulumi up again",
  );
}

/**
 * The version that the engine hands over holds the flags that were judged. It does not where only a part of the stage
 * is brought up: then it is what an earlier attempt left in the state.
 */
async function requireJudged(situation: Situation, version: string): Promise<void> {
  const { rollout, stage } = situation;
  const text = await withStore(situation, (store) => store.document(version));
  const parsed = parseDocument(rollout.flags, text);
  if (parsed.ok && parsed.undeclared.length === 0 && sameFlags(rollout.flags, parsed.flags, stage.flags))
    return;
  const holds = parsed.ok ? showFlags(parsed.flags) : "no flags that can be read";
  refuse(
    stage.name,
    `version ${version} of the document holds ${holds}, and not what was judged (${showFlags(stage.flags)})`,
    `Bring the whole stage up, without --target: ${short.ofStack("up", stage.name)}`,
  );
}

/**
 * Looks at all of it anew, since hours may have gone into the snapshot, announces, and reads the ledger once more: until
 * what was measured is fresh by then. Returns the newest deployment: what the flip is bound to.
 */
async function look(
  flipping: Flipping,
  promotion: Promotion,
): Promise<{ atFlip: AtFlip | undefined; newest: number }> {
  const { situation, before, read } = flipping;
  const { stage, settings } = situation;
  const first = await read();
  requireUnchanged(situation, promotion, first, before);
  if (promotion.plan.kind !== "raise") {
    if (promotion.plan.kind === "restart") {
      requireGo(promotion, "flip");
      // What settling would take down for it is not deployed first.
      requireArmed(
        stage,
        await unarmedAfter(() => unarmedNow(situation, "raised", first), patienceOf(situation)),
      );
    }
    return { atFlip: undefined, newest: await lastly(flipping, promotion, first) };
  }
  let atFlip = await lookAround(situation, promotion, first);
  const { from } = promotion.plan;
  await announce(announcingOf(situation, from), settings.region, (line) => void pulumi.log.info(line));
  for (let round = 1; ; round++) {
    const newest = await lastly(flipping, promotion, first);
    const now = await stillFresh(situation, promotion, first, atFlip, round);
    if (now === atFlip) {
      // What holds at some hours alone may have ended since it was measured: nothing is asked in between.
      requireGo({ ...promotion, evidence: atFlip.evidence }, "flip");
      return { atFlip, newest };
    }
    atFlip = now;
  }
}

/** Reads the ledger as the last act, and returns what is newest: still what was looked at. */
async function lastly(
  { situation, before, read }: Flipping,
  promotion: Promotion,
  first: Ledger,
): Promise<number> {
  const { rollout, stage } = situation;
  const last = await read();
  if (last.newest !== first.newest) refuse(stage.name, showBetween(last, first.newest) ?? UNTOLD, AGAIN);
  requireUnchanged(situation, promotion, last, before);
  if (!sameFlags(rollout.flags, last.live?.flags ?? {}, promotion.plan.from))
    refuse(stage.name, "the live flags are not those that the promotion was planned for", AGAIN);
  return last.newest;
}

const AGAIN = "Nothing was raised. Look at what happened with cutover status, then run pulumi up again";

/** Throws unless the ledger still asks for the very promotion that was planned. */
function requireUnchanged(
  { rollout, stage }: Situation,
  { plan: asked }: Promotion,
  ledger: Ledger,
  before: Predecessor,
): void {
  const now = plan(rollout, stage, ledger, before);
  const between = showBetween(ledger, asked.liveDeployment);
  if (now.kind === "refused")
    throw new UserError(`The last look refuses to deploy ${stage.name}:`, [
      ...now.problems,
      ...(between === undefined ? [] : [{ where: `stage ${stage.name}`, what: between, remedy: AGAIN }]),
    ]);
  if (now.kind === "none")
    refuse(
      stage.name,
      `it was promoted by someone else meanwhile: ${now.sentence}`,
      "Run pulumi up again; it will change nothing",
    );
  else if (
    now.kind !== asked.kind ||
    now.liveDeployment !== asked.liveDeployment ||
    !sameFlags(rollout.flags, now.from, asked.from)
  )
    refuse(stage.name, between ?? UNTOLD, AGAIN);
}

/** Starts the deployment, bound to the newest that was looked at. A lost answer is looked up in the ledger. */
async function start(
  { situation, read }: Flipping,
  { plan: planned }: Promotion,
  version: string,
  after: number,
  who: string | undefined,
): Promise<number> {
  const { rollout, stage } = situation;
  const id = randomUUID();
  const contracts = planned.kind === "raise" ? lowersBeyond([], planned.changes) : [];
  const note: Note = {
    cutover: 1,
    rollout: rollout.name,
    kind: "promote",
    stage: stage.name,
    attempt: stage.attempt,
    ...(rollout.release ? { release: rollout.release.version } : {}),
    ...(contracts.length > 0 ? { contracts } : {}),
    ...(who === undefined ? {} : { by: who }),
    id,
  };
  let result: DeployResult;
  try {
    result = await withStore(situation, (store) => store.redeploy(version, note, after));
  } catch (error) {
    const own = (await read()).history.find((entry) => entry.note?.id === id);
    if (own) return own.deployment;
    throw error;
  }
  if (result.kind === "started") return result.deployment;
  if (result.kind === "invalid")
    return refuse(
      stage.name,
      `AppConfig does not take its flags: ${result.problem}`,
      `Bring the first stage up, whose stack holds the schema: ${short.ofStack("up", rollout.stages[0].name)}`,
    );
  const ledger = await read();
  // The answer to an earlier try of this very call may have been lost on its way.
  const own = ledger.history.find((entry) => entry.note?.id === id);
  return own ? own.deployment : refuse(stage.name, showBetween(ledger, after) ?? UNTOLD, AGAIN);
}

const UNTOLD = "AppConfig says that another deployment came between the look and the flip";

/** Undefined where nothing came after that deployment. */
function showBetween(ledger: Ledger, after: number): string | undefined {
  const later = showLater(ledger, after);
  return later && `${later} came after what this promotion was planned on`;
}

function refuse(stage: string, what: string, remedy: string): never {
  throw new UserError(`The last look refuses to deploy ${stage}:`, { where: `stage ${stage}`, what, remedy });
}

function announcingOf({ rollout, stage, foundation }: Situation, from: Flags): Announcing {
  return {
    rollout: rollout.name,
    release: rollout.release,
    stage: stage.name,
    attempt: stage.attempt,
    messages: stage.messages,
    from,
    to: stage.flags,
    topics: foundation.topics,
  };
}

/**
 * What follows a flip that did not come about: people who were told of it are told so. Where AppConfig took it all the
 * same, or that cannot be known, nothing is said: the next run finds out.
 */
async function tellOfFailure(
  { situation, read }: Flipping,
  { plan: planned }: Promotion,
  why: string,
): Promise<void> {
  const { stage, settings } = situation;
  if (planned.kind !== "raise") return;
  const ledger = await read().catch(() => undefined);
  const isOurs = ({ note }: LedgerEntry) =>
    note?.kind === "promote" && note.stage === stage.name && note.attempt === stage.attempt;
  if (!ledger || ledger.history.some(isOurs)) return;
  const announcing = announcingOf(situation, planned.from);
  await retract(announcing, settings.region, why, (line) => void pulumi.log.info(line));
}
