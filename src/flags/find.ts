import {
  type AppConfigClient,
  paginateListApplications,
  paginateListConfigurationProfiles,
  paginateListDeploymentStrategies,
  paginateListEnvironments,
} from "@aws-sdk/client-appconfig";
import { ENVIRONMENT_NAME, PROFILE_NAME } from "../aws/names";
import { persist } from "../aws/persist";
import { UserError } from "../text/problem";
import { type FlagStoreIds, PREDEFINED_STRATEGY } from "./appConfigStore";

const PATIENCE_MS = 20_000;

/** The rollout has no flags in this account and region: it was never started there, or its flag store was deleted. */
export class NoFlagStore extends UserError {}

/** Something of a flag store is there, and not all of it: it was deleted in part, or never was one. */
export class PartOfFlagStore extends NoFlagStore {}

/**
 * Finds a rollout's flag store by its names alone: break-glass has AWS credentials, and may have no Pulumi state.
 * Throws a `UserError` that names what there is instead: `NoFlagStore` where there is no application of that name.
 *
 * @param patience how long throttling and a silent network are put up with, in ms
 */
export async function findFlagStore(
  client: AppConfigClient,
  rollout: string,
  patience = PATIENCE_MS,
): Promise<FlagStoreIds> {
  const all = (pages: Pages) => listed(pages, patience);
  const applications = await all(() => paginateListApplications({ client }, {}));
  const application = only(
    applications,
    rollout,
    "AppConfig application",
    `It was looked for in ${await client.config.region()}. Check the region and the account`,
    NoFlagStore,
  );
  const target = { ApplicationId: application };
  const [environments, profiles, strategyId] = await Promise.all([
    all(() => paginateListEnvironments({ client }, target)),
    all(() => paginateListConfigurationProfiles({ client }, target)),
    strategyOf(client, rollout, patience),
  ]);
  const remedy = `The application ${application} was deleted in part, or is not one that cutover made`;
  return {
    applicationId: application,
    environmentId: only(environments, ENVIRONMENT_NAME, "AppConfig environment", remedy, PartOfFlagStore),
    profileId: only(profiles, PROFILE_NAME, "AppConfig profile", remedy, PartOfFlagStore),
    strategyId,
  };
}

/** What there is of a rollout's flag store, by its names; what is gone is absent. */
export type StoreParts = Partial<Record<"applicationId" | "environmentId" | "profileId", string | undefined>>;

/** Finds what is left of a rollout's flag store. Throws a `UserError` where a name stands for several. */
export async function findStoreParts(
  client: AppConfigClient,
  rollout: string,
  patience = PATIENCE_MS,
): Promise<StoreParts> {
  const one = async (pages: Pages, name: string, kind: string) => {
    const found = await listed(pages, patience);
    return found.some(({ Name }) => Name === name)
      ? only(found, name, kind, "Delete those that are not its own")
      : undefined;
  };
  const applicationId = await one(
    () => paginateListApplications({ client }, {}),
    rollout,
    "AppConfig application",
  );
  if (applicationId === undefined) return {};
  const target = { ApplicationId: applicationId };
  const [environmentId, profileId] = await Promise.all([
    one(() => paginateListEnvironments({ client }, target), ENVIRONMENT_NAME, "AppConfig environment"),
    one(() => paginateListConfigurationProfiles({ client }, target), PROFILE_NAME, "AppConfig profile"),
  ]);
  return { applicationId, environmentId, profileId };
}

/** The rollout's own, which takes no time. Without the permission to look for it, the predefined one. */
async function strategyOf(client: AppConfigClient, rollout: string, patience: number): Promise<string> {
  try {
    const strategies = await listed(() => paginateListDeploymentStrategies({ client }, {}), patience);
    return strategies.find(({ Name }) => Name === `${rollout}-at-once`)?.Id ?? PREDEFINED_STRATEGY;
  } catch {
    return PREDEFINED_STRATEGY;
  }
}

interface Named {
  readonly Id?: string | undefined;
  readonly Name?: string | undefined;
}

type Pages = () => AsyncIterable<{ Items?: Named[] | undefined }>;

function listed(pages: Pages, patience: number): Promise<Named[]> {
  return persist(async () => {
    const found: Named[] = [];
    for await (const page of pages()) found.push(...(page.Items ?? []));
    return found;
  }, patience);
}

function only(
  found: readonly Named[],
  name: string,
  kind: string,
  remedy: string,
  Missing: typeof UserError = UserError,
): string {
  const [match, second] = found.filter(({ Name }) => Name === name);
  if (match?.Id && !second) return match.Id;
  const names = found.map(({ Name }) => Name).join(", ") || "none";
  const Problem = second ? UserError : Missing;
  throw new Problem(`The flags of ${name} were not found:`, [
    {
      where: `${kind} ${name}`,
      what: second ? "is there more than once" : `is not there (there is: ${names})`,
      remedy,
    },
  ]);
}
