import { type AppConfigClient, GetHostedConfigurationVersionCommand } from "@aws-sdk/client-appconfig";
import pLimit from "p-limit";
import { parseDocument } from "../../../src/flags/document";
import { findFlagStore } from "../../../src/flags/find";
import type { Flags } from "../../../src/flags/flags";
import { type Ledger, type LedgerEntry, showEntry } from "../../../src/flags/ledger";
import { type FlagStore, readLedger } from "../../../src/flags/readLedger";
import { causeOf } from "../../../src/rollout/cause";
import { liveStage } from "../../../src/rollout/position";
import type { Rollout } from "../../../src/rollout/rollout";
import type { Known, ReportData, ReportDeployment } from "../data";
import { attempt } from "./reason";

type ReportLedger = Extract<ReportData["ledger"], { known: true }>["value"];

const CONCURRENCY = 5;

/**
 * The ledger, and with it the flags of every deployment that it holds, read from their documents.
 *
 * @param patience how long throttling and a silent network are put up with, in ms
 */
export async function readDeployments(
  client: AppConfigClient,
  rollout: Rollout,
  region: string,
  patience: number,
): Promise<ReportLedger> {
  const store: FlagStore = { ...(await findFlagStore(client, rollout.name, patience)), region };
  const ledger = await readLedger(store, rollout.flags);
  const documents = await readDocuments(client, store, rollout, ledger);
  const causes = rollout.stages.map((one) => ({ stage: one.name, by: causeOf(rollout, one, ledger) }));
  const downs = ({ deployment }: LedgerEntry) =>
    causes.filter(({ by }) => by?.deployment === deployment).map(({ stage }) => stage);
  const deployments = [...ledger.history]
    .sort((a, b) => a.deployment - b.deployment)
    .map((entry) => shownEntry(entry, documents.get(entry.configurationVersion), downs(entry)));
  const { live } = ledger;
  if (!live) return { deployments };
  const stage = liveStage(rollout, ledger)?.name;
  return {
    deployments,
    live: {
      deployment: live.deployment,
      since: live.completedAt,
      flags: { ...live.flags },
      undeclared: [...live.undeclared],
      ...(stage === undefined ? {} : { stage }),
    },
  };
}

/** The flags of each version that was deployed. A version may be gone: then its flags are not known. */
async function readDocuments(
  client: AppConfigClient,
  store: FlagStore,
  rollout: Rollout,
  { history }: Ledger,
): Promise<Map<string, Known<Flags>>> {
  const limit = pLimit(CONCURRENCY);
  const versions = [...new Set(history.map(({ configurationVersion }) => configurationVersion))];
  const read = async (version: string): Promise<Flags> => {
    const { Content } = await client.send(
      new GetHostedConfigurationVersionCommand({
        ApplicationId: store.applicationId,
        ConfigurationProfileId: store.profileId,
        VersionNumber: Number(version),
      }),
    );
    const parsed = parseDocument(rollout.flags, Buffer.from(Content ?? []).toString("utf8"));
    if (!parsed.ok) throw new Error(`the document cannot be used: ${parsed.problem}`);
    return parsed.flags;
  };
  const found = versions.map(
    async (version): Promise<[string, Known<Flags>]> => [
      version,
      await limit(() => attempt(() => read(version))),
    ],
  );
  return new Map(await Promise.all(found));
}

function shownEntry(
  entry: LedgerEntry,
  document: Known<Flags> | undefined,
  downs: string[],
): ReportDeployment {
  const { deployment: number, state, completedAt, note } = entry;
  return {
    number,
    state,
    ...(completedAt === undefined ? {} : { at: completedAt }),
    kind: note?.kind ?? "foreign",
    ...(note ? { stage: note.stage, attempt: note.attempt } : {}),
    ...(note?.row === undefined ? {} : { row: note.row }),
    ...(note?.reason === undefined ? {} : { reason: note.reason }),
    said: showEntry(entry),
    ...(downs.length > 0 ? { downs } : {}),
    flags: document?.known
      ? { known: true, value: { ...document.value } }
      : (document ?? { known: false, why: "its document was not read" }),
  };
}
