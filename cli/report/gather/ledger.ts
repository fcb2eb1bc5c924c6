import type { AppConfigClient } from "@aws-sdk/client-appconfig";
import { type Paged, pagesIn, showSeen } from "../../../src/flags/acknowledged";
import { keptWords } from "../../../src/flags/doors";
import { findFlagStore } from "../../../src/flags/find";
import { type Ledger, type LedgerEntry, showEntry } from "../../../src/flags/ledger";
import { type FlagStore, readLedger } from "../../../src/flags/readLedger";
import { attemptedOf, showEnding, toldOfFlip } from "../../../src/rollout/attempts";
import { causeOf } from "../../../src/rollout/cause";
import { boundNow } from "../../../src/rollout/doors";
import { finishIn, finishOf, showFinish } from "../../../src/rollout/finished";
import { liveStage } from "../../../src/rollout/position";
import type { Rollout, Stage } from "../../../src/rollout/rollout";
import { freezeOn } from "../../../src/rollout/stops";
import type { ReportAttempt, ReportData, ReportDeployment } from "../data";

type ReportLedger = Extract<ReportData["ledger"], { known: true }>["value"];

/**
 * The ledger as it stands.
 *
 * @param patience how long throttling and a silent network are put up with, in ms
 */
export async function readDeployments(
  client: AppConfigClient,
  rollout: Rollout,
  region: string,
  patience: number,
): Promise<Ledger> {
  const store: FlagStore = { ...(await findFlagStore(client, rollout.name, patience)), region };
  return readLedger(store, rollout.flags);
}

/** The ledger as a report shows it, with the flags of every deployment that it holds. */
export function shownLedger(rollout: Rollout, ledger: Ledger): ReportLedger {
  const causes = rollout.stages.map((one) => ({ stage: one.name, by: causeOf(rollout, one, ledger) }));
  const downs = ({ deployment }: LedgerEntry) =>
    causes.filter(({ by }) => by?.deployment === deployment).map(({ stage }) => stage);
  const pages = new Map(pagesIn(ledger.history, rollout.name).map((one) => [one.deployment, one]));
  const deployments = [...ledger.history]
    .sort((a, b) => a.deployment - b.deployment)
    .map((entry) => shownEntry(entry, downs(entry), pages.get(entry.deployment)));
  const attempts = rollout.stages.flatMap((one) => shownAttempts(rollout, one, ledger));
  const { live } = ledger;
  const finish = finishOf(rollout, ledger);
  const ended = finish ? { finished: showFinish(finishIn(finish)) } : {};
  const hold = freezeOn(rollout, ledger);
  const reason = hold?.note?.reason === undefined ? "" : ` (${hold.note.reason})`;
  const frozen = hold ? { frozen: `${showEntry(hold)}${reason}` } : {};
  if (!live) return { deployments, attempts, ...frozen };
  const kept = keptWords(rollout.flags, boundNow(rollout, ledger));
  const stage = liveStage(rollout, ledger)?.name;
  return {
    deployments,
    attempts,
    ...frozen,
    ...ended,
    live: {
      deployment: live.deployment,
      since: live.completedAt,
      flags: { ...live.flags },
      undeclared: [...live.undeclared],
      ...(stage === undefined ? {} : { stage }),
      ...(kept === undefined ? {} : { kept }),
    },
  };
}

function shownEntry(entry: LedgerEntry, downs: string[], page: Paged | undefined): ReportDeployment {
  const { deployment: number, state, completedAt, note, flags, unread } = entry;
  return {
    number,
    state,
    ...(completedAt === undefined ? {} : { at: completedAt }),
    kind: note?.kind ?? "foreign",
    ...(note ? { stage: note.stage, attempt: note.attempt } : {}),
    ...(note?.row === undefined ? {} : { row: note.row }),
    ...(note?.reason === undefined ? {} : { reason: note.reason }),
    said: showEntry(entry),
    ...(page ? { seen: showSeen(page) } : {}),
    ...(note?.kind === "acknowledge" && note.by !== undefined ? { by: note.by } : {}),
    ...(downs.length > 0 ? { downs } : {}),
    flags: flags
      ? { known: true, value: { ...flags } }
      : { known: false, why: unread ?? "its document was not read" },
  };
}

function shownAttempts(rollout: Rollout, stage: Stage, ledger: Ledger): ReportAttempt[] {
  return attemptedOf(rollout, stage, ledger).map(({ attempt, flip, ending }) => ({
    stage: stage.name,
    attempt,
    ...(flip ? { flip: toldOfFlip(flip) } : {}),
    ended: ending.kind,
    said: showEnding(ending),
  }));
}
