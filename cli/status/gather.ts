import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { readKeptPages } from "../../src/abort/readSeen";
import { remainsOf } from "../../src/abort/remains";
import { alarmsBeginning } from "../../src/aws/alarms";
import { withClient } from "../../src/aws/clients";
import { type Known, known, PATIENCE_MS } from "../../src/aws/known";
import { withAppConfig } from "../../src/flags/appConfigStore";
import { findFlagStore, NoFlagStore } from "../../src/flags/find";
import type { Ledger } from "../../src/flags/ledger";
import { readLedger } from "../../src/flags/readLedger";
import { finishOf } from "../../src/rollout/finished";
import { liveStage } from "../../src/rollout/position";
import type { Rollout } from "../../src/rollout/rollout";
import { placeHere } from "../locate";
import type { Project } from "../project";
import { type Came, readUnarmed } from "../unarmed";
import { carriedSoFar } from "./carried";
import type { AlarmFact, Facts } from "./facts";
import { type Measured, measureFree } from "./measure";
import { toldInThisAttempt } from "./sentMessages";

export interface GatherOptions {
  /** Measures the gates of the next stage; by default those alone that cost nothing. */
  readonly measure?: (rollout: Rollout, ledger: Ledger) => Promise<Measured>;
  /** After this many ms a part counts as unknown. Default: 10 s. */
  readonly patience?: number;
}

/** Asks AWS for all that a status tells, at once. Never throws: what fails is not known, and the rest is. */
export async function gather(project: Project, options: GatherOptions = {}): Promise<Facts> {
  const { rollout, region, timeScale } = project;
  const { patience = PATIENCE_MS } = options;
  let part: NoFlagStore | undefined;
  const missing = (error: NoFlagStore) => {
    part = error;
  };
  const delivers = Object.keys(rollout.delivery ?? {}).length > 0;
  const [ledger, alarms, told, paged, carried] = await Promise.all([
    known(() => readFlags(rollout, region, patience, missing), patience),
    known(() => readAlarms(rollout, region), patience),
    known(() => toldInThisAttempt(rollout, region), patience),
    known(() => readKeptPages(rollout, region), patience),
    delivers ? known(() => carriedSoFar(rollout, region), patience) : undefined,
  ]);
  const [measured, unarmed, remains] = await Promise.all([
    measuredFor(project, ledger, options.measure),
    known(
      async () =>
        // Of a finished rollout nothing has to be armed.
        ledger.ok && ledger.value && !finishOf(rollout, ledger.value)
          ? readUnarmed(rollout, region, came(rollout, ledger.value))
          : [],
      patience,
    ),
    ledger.ok && ledger.value === undefined ? remainsOf(region, rollout.name, part) : undefined,
  ]);
  const place = placeHere(rollout.name, project.folder);
  return {
    ...(remains ? { remains } : {}),
    ...(carried ? { carried } : {}),
    place,
    rollout,
    region,
    now: Date.now(),
    timeScale,
    ledger,
    alarms,
    unarmed,
    told,
    paged,
    measured,
  };
}

function came(rollout: Rollout, ledger: Ledger): Came {
  return {
    live: liveStage(rollout, ledger)?.name,
    promoted: ledger.history.flatMap(({ note }) =>
      note?.kind === "promote" && note.rollout === rollout.name ? [note.stage] : [],
    ),
    history: { ok: true, value: ledger.history },
  };
}

async function measuredFor(
  project: Project,
  ledger: Known<Ledger | undefined>,
  measure: GatherOptions["measure"],
): Promise<Facts["measured"]> {
  if (!ledger.ok || !ledger.value?.live) return undefined;
  const found = ledger.value;
  // Gates have time limits of their own.
  const result = await known(
    () => (measure ? measure(project.rollout, found) : measureFree(project, found)),
    measure ? 120_000 : PATIENCE_MS,
  );
  if (!result.ok) return result;
  return result.value && { ok: true, value: result.value };
}

/** Undefined where the rollout has no flag store here. */
async function readFlags(
  rollout: Rollout,
  region: string,
  patience: number,
  missing: (error: NoFlagStore) => void,
): Promise<Ledger | undefined> {
  try {
    return await withAppConfig(region, async (client) => {
      // Asked again for half of the time that there is, so that what AWS answers last is told, and not that time is up.
      const ids = await findFlagStore(client, rollout.name, Math.min(3_000, patience / 2));
      return readLedger({ ...ids, region }, rollout.flags);
    });
  } catch (error) {
    if (!(error instanceof NoFlagStore)) throw error;
    missing(error);
    return undefined;
  }
}

function readAlarms(rollout: Rollout, region: string): Promise<Record<string, AlarmFact>> {
  return withClient(CloudWatchClient, { region }, (client) => alarmsBeginning(client, `${rollout.name}-`));
}
