import {
  AppConfigClient,
  GetDeploymentCommand,
  type GetDeploymentCommandOutput,
} from "@aws-sdk/client-appconfig";
import pLimit from "p-limit";
import { withClient } from "../aws/clients";
import { once } from "../text/once";
import { reasonOf, UserError } from "../text/problem";
import type { FlagStoreIds } from "./appConfigStore";
import { newestDeployments, type Summary } from "./deployments";
import { type ParsedDocument, parseDocument } from "./document";
import { heldAgainstFacts } from "./facts";
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
import { documentOf } from "./versions";

/** Where a rollout's flags live in AppConfig, and in which region of AWS. */
export interface FlagStore extends Omit<FlagStoreIds, "strategyId"> {
  readonly region: string;
}

/**
 * How far back the ledger is read: a call for each note. A rollout that has more deployments than this raises nothing
 * any more, since what was stopped before them is not known.
 */
const HISTORY = 1_000;

/** Calls under way at once: AppConfig's control plane throttles early. */
const CONCURRENCY = 5;

/**
 * Reads the ledger: which flags are live, since when and why. Throws a `UserError` where it cannot be read: not
 * knowing what is live is no ground to raise anything.
 */
export function readLedger(store: FlagStore, specs: FlagSpecs): Promise<Ledger> {
  return ledgerReader(store, specs)();
}

/**
 * Reads the ledger as often as it is called, and what never changes only once: the notes of deployments that have
 * ended, and documents.
 *
 * @param reach how many deployments it reads back
 */
export function ledgerReader(store: FlagStore, specs: FlagSpecs, reach = HISTORY): () => Promise<Ledger> {
  const notes = new Map<string, Promise<GetDeploymentCommandOutput>>();
  const documents = new Map<string, Promise<string | undefined>>();
  return async () => {
    try {
      return await withClient(AppConfigClient, { region: store.region }, (client) =>
        new Reading(client, store, specs, notes, documents).ledger(reach),
      );
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UserError(
        `The live flags cannot be read from AppConfig (application ${store.applicationId} in ${store.region}): ${reasonOf(error)}`,
        {
          where: "ledger",
          what: "without it, nobody knows what a promotion would change",
          remedy: "Check the AWS credentials, the region and the network, then run the same command again",
        },
        { cause: error },
      );
    }
  };
}

class Reading {
  private readonly limit = pLimit(CONCURRENCY);

  constructor(
    private readonly client: AppConfigClient,
    private readonly store: FlagStore,
    private readonly specs: FlagSpecs,
    private readonly notes: Map<string, Promise<GetDeploymentCommandOutput>>,
    private readonly documents: Map<string, Promise<string | undefined>>,
  ) {}

  async ledger(reach: number): Promise<Ledger> {
    const { applicationId, environmentId } = this.store;
    const all = await newestDeployments(
      this.client,
      { ApplicationId: applicationId, EnvironmentId: environmentId },
      { enough: (newest) => newest.length >= reach, patience: 0 },
    );
    const listed = all.slice(0, reach);
    const entries = (await Promise.all(listed.map((one) => this.limit(() => this.entry(one))))).flat();
    const history = heldAgainstFacts(this.specs, await this.withFlags(newestFirst(entries)));
    const live = liveEntry(history);
    const oldest = listed.at(-1)?.number ?? 1;
    return {
      history,
      live: live && (await this.live({ ...live, completedAt: liveSince(history) })),
      newest: all[0]?.number ?? 0,
      ...(oldest > 1 ? { cutAt: oldest } : {}),
    };
  }

  /** The listing leaves out the description, which says why a deployment was made. */
  private async entry({ number, state }: Summary): Promise<LedgerEntry[]> {
    const { applicationId: ApplicationId, environmentId: EnvironmentId, profileId } = this.store;
    const command = new GetDeploymentCommand({ ApplicationId, EnvironmentId, DeploymentNumber: number });
    const deployment = await once(this.notes, `${number} ${state}`, () => this.client.send(command));
    // One that has not ended may have by the next look, in the same state to the listing.
    if (stateOf(deployment.State) === "under-way" || deployment.State !== state)
      this.notes.delete(`${number} ${state}`);
    const { ConfigurationProfileId: profile } = deployment;
    if (profile !== undefined && profile !== profileId) return [];
    return [
      {
        deployment: number,
        state: stateOf(deployment.State),
        completedAt: endOf(deployment)?.toISOString(),
        configurationVersion: deployment.ConfigurationVersion ?? "",
        note: parseNote(deployment.Description),
      },
    ];
  }

  /** With what each of them deploys: a note is believed only as far as its document, and the one before, bear it out. */
  private withFlags(entries: readonly LedgerEntry[]): Promise<LedgerEntry[]> {
    return Promise.all(
      entries.map(async (entry) => {
        const parsed = await this.limit(() => this.parsed(entry.configurationVersion));
        return parsed.ok ? { ...entry, flags: parsed.flags } : { ...entry, unread: parsed.problem };
      }),
    );
  }

  private async live(entry: LedgerEntry): Promise<LiveFlags> {
    const { deployment, configurationVersion, completedAt } = entry;
    const parsed = await this.parsed(configurationVersion);
    if (!parsed.ok) {
      throw new UserError(`The live flag document (version ${configurationVersion}) cannot be used`, {
        where: `deployment ${deployment}`,
        what: parsed.problem,
        remedy: "`cutover abort` deploys a sound document without raising any flag",
      });
    }
    if (completedAt === undefined) {
      throw new UserError(
        `AppConfig does not say when deployment ${deployment} completed, so no soak can be counted from it`,
      );
    }
    return { ...entry, completedAt, flags: parsed.flags, undeclared: parsed.undeclared, doors: parsed.doors };
  }

  private async parsed(version: string): Promise<ParsedDocument> {
    const ask = () => documentOf(this.client, this.store, version, 0);
    return parseDocument(this.specs, await once(this.documents, version, ask));
  }
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
