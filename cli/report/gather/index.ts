import { AppConfigClient } from "@aws-sdk/client-appconfig";
import { withClient } from "../../../src/aws/clients";
import { failure, type Known as Read } from "../../../src/aws/known";
import { NoFlagStore } from "../../../src/flags/find";
import type { Ledger } from "../../../src/flags/ledger";
import { soakEndOnClock } from "../../../src/gates/soakEnd";
import { dueAt } from "../../../src/messages/timing";
import { disarming, type Unarmed } from "../../../src/rollout/armed";
import { toReconcile } from "../../../src/rollout/byHand";
import type { MessageConfig } from "../../../src/rollout/config/messages";
import { showRelease } from "../../../src/rollout/config/release";
import type { Rollout, Stage } from "../../../src/rollout/rollout";
import { UserError } from "../../../src/text/problem";
import type { Project } from "../../project";
import { type Came, readUnarmed } from "../../unarmed";
import type { Known, ReportAlarm, ReportData, ReportEvent, ReportMessage, ReportStage } from "../data";
import { alarmHistories } from "./alarms";
import { readEvidence } from "./evidence";
import { readDeployments, shownLedger } from "./ledger";
import { attempt } from "./reason";
import { toldInEveryAttempt } from "./sentMessages";
import { readSignals, signalSpecs } from "./signals";

export interface GatherOptions {
  readonly project: Project;
  /** The folder with the stack files, where `pulumi` is asked for evidence. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** What happened beside the flags. */
  readonly events: readonly ReportEvent[];
  /** How long throttling and a silent network are put up with, in ms. Default: 5 s. */
  readonly patience?: number | undefined;
}

type ShownLedger = ReportData["ledger"];

const PATIENCE_MS = 5_000;
/** Where the rollout's beginning is not known, so much is looked at, in ms. */
const LOOK_BACK_MS = 24 * 3_600_000;
/** Before the first deployment: what was there when it came. */
const LEAD_MS = 10_000;

/**
 * Reads all that a report shows. What cannot be read is unknown, with the reason; throws a `UserError` where the
 * rollout is not there, or nothing at all could be read.
 */
export async function gatherReport(options: GatherOptions): Promise<ReportData> {
  const { project, folder, env, events, patience = PATIENCE_MS } = options;
  const { rollout, region, timeScale } = project;
  const found = await readLedger(rollout, region, patience);
  const ledger: ShownLedger = found.ok
    ? { known: true, value: shownLedger(rollout, found.value) }
    : { known: false, why: found.why };
  const history = found.ok ? ({ ok: true, value: found.value.history } as const) : found;
  const now = Date.now();
  const since = beginOf(ledger, now);
  const [alarms, unarmed, signals, told, evidence] = await Promise.all([
    attempt(() => alarmHistories(rollout, region, since)),
    attempt(() => readUnarmed(rollout, region, { ...came(rollout, ledger), history })),
    readSignals(signalSpecs(rollout), region, since, now),
    attempt(() => toldInEveryAttempt(rollout, region)),
    readEvidence(rollout, promotedStages(rollout, ledger), folder, env),
  ]);
  if (!ledger.known && !alarms.known && signals.every(({ points }) => !points.known))
    throw new UserError(`Nothing could be read of the rollout ${rollout.name}: ${ledger.why}`, [
      {
        where: "AWS",
        what: "tells neither flags, nor alarms, nor metrics",
        remedy: "Check the credentials, the region and the network; an emulator may be down",
      },
    ]);
  return {
    version: 2,
    rollout: rollout.name,
    ...(rollout.title === undefined ? {} : { title: rollout.title }),
    ...(rollout.release === undefined ? {} : { release: showRelease(rollout.release) }),
    madeAt: new Date(now).toISOString(),
    timeScale,
    // Time passes faster in a sandbox alone.
    rehearsal: timeScale !== 1,
    flags: Object.fromEntries(
      Object.entries(rollout.flags).map(([flag, { kind, off, title }]) => [
        flag,
        { kind, off, ...(title === undefined ? {} : { title }) },
      ]),
    ),
    stages: rollout.stages.map((stage) => shownStage(rollout, stage, ledger, timeScale)),
    ledger,
    alarms: alarms.known
      ? { known: true, value: alarms.value.map((one) => withArmed(one, unarmed)) }
      : alarms,
    ...(unarmed.known ? {} : { guardsUnknown: unarmed.why }),
    signals,
    evidence,
    messages: rollout.stages.flatMap((stage) => shownMessages(stage, ledger, timeScale)),
    told,
    events: [...events],
  };
}

/** A rollout that is not there at all is no gap in a report: there is nothing to report of. */
async function readLedger(rollout: Rollout, region: string, patience: number): Promise<Read<Ledger>> {
  const read = (client: AppConfigClient) => readDeployments(client, rollout, region, patience);
  try {
    return { ok: true, value: await withClient(AppConfigClient, { region }, read) };
  } catch (error) {
    if (error instanceof NoFlagStore) throw error;
    return failure(error);
  }
}

function beginOf(ledger: ShownLedger, now: number): number {
  const first = ledger.known ? ledger.value.deployments.find(({ at }) => at !== undefined)?.at : undefined;
  return first === undefined ? now - LOOK_BACK_MS : Math.min(Date.parse(first), now) - LEAD_MS;
}

/** The stages of which a record can be expected. The first one is all off and is not promoted on evidence. */
function promotedStages({ stages }: Rollout, ledger: ShownLedger): string[] {
  const later = stages.slice(1).map(({ name }) => name);
  if (!ledger.known) return later;
  const promoted = new Set(
    ledger.value.deployments.flatMap(({ kind, stage }) => (kind === "promote" && stage ? [stage] : [])),
  );
  return later.filter((name) => promoted.has(name));
}

/** How far it came; without a ledger nobody knows which alarms have to be there. */
function came(rollout: Rollout, ledger: ShownLedger): Omit<Came, "history"> {
  // Of a finished rollout nothing has to be armed.
  if (ledger.known && ledger.value.finished !== undefined) return { promoted: [] };
  const live = ledger.known ? ledger.value.live?.stage : undefined;
  return { live, promoted: ledger.known ? promotedStages(rollout, ledger) : [] };
}

function withArmed(alarm: ReportAlarm, unarmed: Known<readonly Unarmed[]>): ReportAlarm {
  const faults = unarmed.known ? disarming(unarmed.value, alarm.stage, alarm.row) : [];
  return faults.length === 0 ? alarm : { ...alarm, unarmed: faults.map(({ what }) => what).join("; ") };
}

function shownStage(rollout: Rollout, stage: Stage, ledger: ShownLedger, timeScale: number): ReportStage {
  const { name, title, attempt: count, flags, soak } = stage;
  const { calendar } = rollout;
  const compared = toReconcile(rollout, stage).map(({ title: what, differing: line }) => ({
    title: what,
    line,
  }));
  const live = ledger.known ? ledger.value.live : undefined;
  const end =
    soak !== undefined && live?.stage === name
      ? soakEndOnClock(soak, Date.parse(live.since), calendar, timeScale)
      : undefined;
  return {
    name,
    ...(title === undefined ? {} : { title }),
    attempt: count,
    flags: { ...flags },
    ...(soak === undefined ? {} : { soak }),
    ...(end === undefined ? {} : { soakEnds: new Date(end).toISOString() }),
    ...(compared.length === 0 ? {} : { reconcile: compared }),
  };
}

/** The messages of a stage's config. One that waits is due only while its stage is live: an abort cancels it. */
function shownMessages({ name, attempt: count, messages }: Stage, ledger: ShownLedger, timeScale: number) {
  const live = ledger.known ? ledger.value.live : undefined;
  const flip =
    ledger.known && live?.stage === name
      ? ledger.value.deployments.findLast(
          ({ kind, stage, attempt: of, state }) =>
            kind === "promote" && stage === name && of === count && state === "complete",
        )?.at
      : undefined;
  return Object.entries(messages).map(([row, { title, to, when }]): ReportMessage => {
    const after = typeof when === "object" && "after" in when ? when.after : undefined;
    const due = after !== undefined && flip !== undefined ? dueAt(flip, after, timeScale) : undefined;
    return {
      row,
      stage: name,
      title,
      to: [...to],
      when: sentWhen(when),
      ...(due === undefined ? {} : { due: new Date(due).toISOString() }),
    };
  });
}

function sentWhen(when: MessageConfig["when"]): string {
  if (typeof when === "string") return when === "before" ? "at the flip" : "at the finish";
  return "after" in when ? `after ${when.after}` : `every ${when.every}`;
}
