import {
  AppConfigClient,
  CreateHostedConfigurationVersionCommand,
  GetConfigurationProfileCommand,
  GetDeploymentCommand,
  StartDeploymentCommand,
  StopDeploymentCommand,
} from "@aws-sdk/client-appconfig";
import { awsClient, withClient } from "../aws/clients";
import { unlessNamed } from "../aws/failure";
import { persist } from "../aws/persist";
import { once } from "../text/once";
import { newestDeployments, type Summary, type Target } from "./deployments";
import { type Note, parseNote, writeNote } from "./ledger";
import type { AbortStore, DeployResult, Served, ServedVersion, StoreEntry, UnderWay } from "./store";
import { documentOf, heldVersions } from "./versions";

/** Where a rollout's flags live in AppConfig. */
export interface FlagStoreIds {
  readonly applicationId: string;
  readonly environmentId: string;
  readonly profileId: string;
  /** The rollout's own strategy; the predefined one stands in where it is gone. */
  readonly strategyId: string;
}

/** Predefined by AWS, in every account: all servers at once. It bakes for ten minutes, in which all have it. */
export const PREDEFINED_STRATEGY = "AppConfig.AllAtOnce";

/** The flag store in AppConfig. Calls are repeated while AWS throttles or stumbles, for at most `patience` ms. */
export class AppConfigStore implements AbortStore {
  /** Versions never change, so each is read once. */
  private readonly documents = new Map<string, Promise<string | undefined>>();
  private readonly environment: Target;
  private readonly profile: { readonly ApplicationId: string; readonly ConfigurationProfileId: string };

  constructor(
    private readonly client: AppConfigClient,
    private readonly ids: FlagStoreIds,
    private readonly patience = 20_000,
  ) {
    const { applicationId: ApplicationId, environmentId: EnvironmentId, profileId } = ids;
    this.environment = { ApplicationId, EnvironmentId };
    this.profile = { ApplicationId, ConfigurationProfileId: profileId };
  }

  async read(): Promise<Served> {
    const all = await newestDeployments(
      this.client,
      this.environment,
      // One page in nearly every case: only after a long row of rollbacks the live one stands further back.
      { enough: (newest) => newest.some(({ state }) => state === "COMPLETE"), patience: this.patience },
    );
    const ours = all.filter(({ profile }) => profile === undefined || profile === this.ids.profileId);
    const live = ours.find(({ state }) => state === "COMPLETE");
    // Only the newest can be under way: AppConfig allows one at a time in an environment.
    const current = ours.find(({ state }) => UNDER_WAY[state] !== undefined);
    const [liveVersion, currentVersion] = await Promise.all([this.version(live), this.version(current)]);
    return {
      newest: all[0]?.number ?? 0,
      live: liveVersion,
      underWay:
        current && currentVersion
          ? {
              ...currentVersion,
              state: UNDER_WAY[current.state] as UnderWay["state"],
              brief: current.minutes === 0,
            }
          : undefined,
    };
  }

  async stop({ deployment, state }: UnderWay): Promise<void> {
    const command = new StopDeploymentCommand({
      ...this.environment,
      DeploymentNumber: deployment,
      // A baking one is ended only so; one that is deploying must not be reverted, should it complete now.
      ...(state === "baking" ? { AllowRevert: true } : {}),
    });
    const call = persist(() => this.client.send(command), this.patience);
    // It may have ended by itself meanwhile. What is served now shows at the next look.
    await unlessNamed(/^(BadRequest|Conflict|ResourceNotFound)Exception$/, undefined, call);
  }

  async deploy(document: string, note: Note, after: number): Promise<DeployResult> {
    const command = new CreateHostedConfigurationVersionCommand({
      ...this.profile,
      Content: new TextEncoder().encode(document),
      ContentType: "application/json",
      Description: describe(note),
    });
    let version: string;
    try {
      const made = await persist(() => this.client.send(command), this.patience);
      version = String(made.VersionNumber);
    } catch (error) {
      return refusedBy(error);
    }
    this.documents.set(version, Promise.resolve(document));
    return this.redeploy(version, note, after);
  }

  async redeploy(version: string, note: Note, after: number): Promise<DeployResult> {
    try {
      return await this.start(version, note, after, this.ids.strategyId);
    } catch (error) {
      // All else was just read, so it is the strategy that is gone.
      if (!isNamed(error, "ResourceNotFoundException") || this.ids.strategyId === PREDEFINED_STRATEGY)
        throw error;
      return this.start(version, note, after, PREDEFINED_STRATEGY);
    }
  }

  private async start(version: string, note: Note, after: number, strategyId: string): Promise<DeployResult> {
    const command = new StartDeploymentCommand({
      ...this.environment,
      ...this.profile,
      ConfigurationVersion: version,
      DeploymentStrategyId: strategyId,
      // Bound by the note as well: one that somebody copies says another number.
      Description: writeNote({ ...note, after, version }),
      // Refused where another deployment came first.
      ...(after > 0 ? { LatestDeploymentNumber: after } : {}),
    });
    try {
      const started = await persist(() => this.client.send(command), this.patience);
      return { kind: "started", deployment: started.DeploymentNumber ?? 0, version };
    } catch (error) {
      return refusedBy(error);
    }
  }

  /** The listing leaves out why a deployment was made. */
  async entry(deployment: number): Promise<StoreEntry> {
    const command = new GetDeploymentCommand({ ...this.environment, DeploymentNumber: deployment });
    const found = await persist(() => this.client.send(command), this.patience);
    return {
      note: parseNote(found.Description),
      startedAt: found.StartedAt?.toISOString(),
      version: found.ConfigurationVersion,
      rolledBack: found.State === "ROLLED_BACK" || found.State === "REVERTED",
    };
  }

  async schema(): Promise<string | undefined> {
    const command = new GetConfigurationProfileCommand(this.profile);
    const { Validators } = await persist(() => this.client.send(command), this.patience);
    return Validators?.find(({ Type }) => Type === "JSON_SCHEMA")?.Content;
  }

  async versions(): Promise<readonly string[]> {
    const held = await heldVersions(this.client, this.ids, this.patience);
    return held.map(({ version }) => version);
  }

  private async version(deployment: Summary | undefined): Promise<ServedVersion | undefined> {
    if (!deployment) return undefined;
    const { number, version } = deployment;
    return { deployment: number, version, document: await this.document(version) };
  }

  document(version: string): Promise<string | undefined> {
    return once(this.documents, version, () => documentOf(this.client, this.ids, version, this.patience));
  }
}

/** What it comes to that AppConfig does not take a document, or a deployment of it. Throws any other error. */
function refusedBy(error: unknown): DeployResult {
  if (isNamed(error, "ServiceQuotaExceededException")) return { kind: "full" };
  if (isNamed(error, "BadRequestException")) return { kind: "invalid", problem: (error as Error).message };
  if (isNamed(error, "ConflictException")) return { kind: "conflict" };
  throw error;
}

/** Patient by our own loop, which knows when to stop: the SDK's would retry for longer than anyone waits. */
const LIMITS = { attempts: 1 };

/** A client of AppConfig, which whoever asks for it closes. */
export function appConfigClient(region: string): AppConfigClient {
  return awsClient(AppConfigClient, { region }, LIMITS);
}

/** Asks AppConfig by such a client, which is closed when the work has ended. */
export function withAppConfig<T>(region: string, ask: (client: AppConfigClient) => Promise<T>): Promise<T> {
  return withClient(AppConfigClient, { region, limits: LIMITS }, ask);
}

const UNDER_WAY: Readonly<Record<string, UnderWay["state"]>> = {
  DEPLOYING: "deploying",
  VALIDATING: "deploying",
  BAKING: "baking",
  ROLLING_BACK: "rolling-back",
};

/** What the list of versions shows. Travels in an HTTP header: ASCII only, so never a person's own words. */
function describe({ kind, stage, attempt, row }: Note): string {
  return `${kind} of ${stage}, attempt ${attempt}${row ? `, by ${row}` : ""}`.replaceAll(/[^ -~]/g, "?");
}

export function isNamed(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}
