import {
  AppConfigClient,
  GetDeploymentCommand,
  type GetDeploymentCommandOutput,
  GetHostedConfigurationVersionCommand,
} from "@aws-sdk/client-appconfig";
import pLimit from "p-limit";
import { reasonOf, UserError } from "../text/problem";
import { newestDeployments } from "./deployments";
import { parseDocument } from "./document";
import type { FlagSpecs } from "./flags";
import {
  type DeploymentState,
  type Ledger,
  type LedgerEntry,
  type LiveFlags,
  liveEntry,
  liveSince,
  newestFirst,
  parseNote,
} from "./ledger";

/** Where a rollout's flags live in AppConfig: the ids that the foundation puts out. */
export interface FlagStore {
  readonly applicationId: string;
  readonly environmentId: string;
  readonly profileId: string;
  /** AWS region, as the provider uses it. */
  readonly region: string;
}

/** How far back descriptions are read. Attempts older than this many deployments count as never promoted. */
const HISTORY = 100;

/** GetDeployment calls under way at once: AppConfig's control plane throttles early. */
const CONCURRENCY = 5;

/**
 * Reads the ledger: which flags are live, since when and why. Throws a `UserError` where it cannot be read: not
 * knowing what is live is no ground to raise anything.
 */
export async function readLedger(store: FlagStore, specs: FlagSpecs): Promise<Ledger> {
  const client = new AppConfigClient({ region: store.region });
  try {
    const history = await readHistory(client, store);
    const live = liveEntry(history);
    const since = liveSince(history);
    return { history, live: live && (await readLive(client, store, specs, { ...live, completedAt: since })) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `The live flags cannot be read from AppConfig (application ${store.applicationId}): ${reasonOf(error)}`,
      [
        {
          where: "ledger",
          what: "without it, nobody knows what a promotion would change",
          remedy: "Check the AWS credentials, the region and the network, then run the same command again",
        },
      ],
      { cause: error },
    );
  } finally {
    client.destroy();
  }
}

async function readHistory(client: AppConfigClient, store: FlagStore): Promise<LedgerEntry[]> {
  const target = { ApplicationId: store.applicationId, EnvironmentId: store.environmentId };
  const all = await newestDeployments(client, target, {
    enough: (newest) => newest.length >= HISTORY,
    patience: 0,
  });
  // The listing leaves out the description, which says why a deployment was made.
  const limit = pLimit(CONCURRENCY);
  const entries = await Promise.all(
    all.slice(0, HISTORY).map(({ number }) =>
      limit(async (): Promise<LedgerEntry[]> => {
        const deployment = await client.send(
          new GetDeploymentCommand({ ...target, DeploymentNumber: number }),
        );
        if (
          deployment.ConfigurationProfileId !== undefined &&
          deployment.ConfigurationProfileId !== store.profileId
        )
          return [];
        return [
          {
            deployment: number,
            state: stateOf(deployment.State),
            completedAt: endOf(deployment)?.toISOString(),
            configurationVersion: deployment.ConfigurationVersion ?? "",
            note: parseNote(deployment.Description),
          },
        ];
      }),
    ),
  );
  return newestFirst(entries.flat());
}

function stateOf(state: string | undefined): DeploymentState {
  if (state === "COMPLETE") return "complete";
  return state === "ROLLED_BACK" || state === "REVERTED" ? "rolled-back" : "under-way";
}

/** When a deployment was completed. One that was taken back, perhaps days later, ended with its last event. */
function endOf({ State, CompletedAt, StartedAt, EventLog }: GetDeploymentCommandOutput): Date | undefined {
  if (stateOf(State) !== "rolled-back") return CompletedAt;
  const events = (EventLog ?? []).flatMap((event) => event.OccurredAt ?? []);
  return [...events, ...(CompletedAt ? [CompletedAt] : []), ...(StartedAt ? [StartedAt] : [])]
    .sort((a, b) => a.getTime() - b.getTime())
    .at(-1);
}

async function readLive(
  client: AppConfigClient,
  store: FlagStore,
  specs: FlagSpecs,
  entry: LedgerEntry,
): Promise<LiveFlags> {
  const version = await client.send(
    new GetHostedConfigurationVersionCommand({
      ApplicationId: store.applicationId,
      ConfigurationProfileId: store.profileId,
      VersionNumber: Number(entry.configurationVersion),
    }),
  );
  const parsed = parseDocument(specs, Buffer.from(version.Content ?? []).toString("utf8"));
  if (!parsed.ok) {
    throw new UserError(`The live flag document (version ${entry.configurationVersion}) cannot be used`, [
      {
        where: `deployment ${entry.deployment}`,
        what: parsed.problem,
        remedy: "`cutover abort` deploys a sound document without raising any flag",
      },
    ]);
  }
  if (entry.completedAt === undefined) {
    throw new UserError(
      `AppConfig does not say when deployment ${entry.deployment} completed, so no soak can be counted from it`,
    );
  }
  return { ...entry, completedAt: entry.completedAt, flags: parsed.flags, undeclared: parsed.undeclared };
}
