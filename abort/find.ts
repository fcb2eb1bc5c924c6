import {
  type AppConfigClient,
  paginateListApplications,
  paginateListConfigurationProfiles,
  paginateListDeploymentStrategies,
  paginateListEnvironments,
} from "@aws-sdk/client-appconfig";
import { ENVIRONMENT_NAME, PROFILE_NAME } from "../components/names";
import { persist } from "../ledger/persist";
import { UserError } from "../model/problem";
import { type FlagStoreIds, PREDEFINED_STRATEGY } from "./flagStore";

const PATIENCE_MS = 20_000;

/**
 * Finds a rollout's flag store by its names alone: break-glass has AWS credentials, and may have no Pulumi state.
 * Throws a `UserError` that names what there is instead.
 */
export async function findFlagStore(client: AppConfigClient, rollout: string): Promise<FlagStoreIds> {
  const applications = await all(() => paginateListApplications({ client }, {}));
  const application = only(
    applications,
    rollout,
    "AppConfig application",
    "Check the region and the account",
  );
  const target = { ApplicationId: application };
  const [environments, profiles, strategyId] = await Promise.all([
    all(() => paginateListEnvironments({ client }, target)),
    all(() => paginateListConfigurationProfiles({ client }, target)),
    strategyOf(client, rollout),
  ]);
  const remedy = `The application ${application} is not one that cutover made`;
  return {
    applicationId: application,
    environmentId: only(environments, ENVIRONMENT_NAME, "AppConfig environment", remedy),
    profileId: only(profiles, PROFILE_NAME, "AppConfig profile", remedy),
    strategyId,
  };
}

/** The rollout's own, which takes no time. Without the permission to look for it, the predefined one. */
async function strategyOf(client: AppConfigClient, rollout: string): Promise<string> {
  try {
    const strategies = await all(() => paginateListDeploymentStrategies({ client }, {}));
    return strategies.find(({ Name }) => Name === `${rollout}-at-once`)?.Id ?? PREDEFINED_STRATEGY;
  } catch {
    return PREDEFINED_STRATEGY;
  }
}

interface Named {
  readonly Id?: string | undefined;
  readonly Name?: string | undefined;
}

function all(pages: () => AsyncIterable<{ Items?: Named[] | undefined }>): Promise<Named[]> {
  return persist(async () => {
    const found: Named[] = [];
    for await (const page of pages()) found.push(...(page.Items ?? []));
    return found;
  }, PATIENCE_MS);
}

function only(found: readonly Named[], name: string, kind: string, remedy: string): string {
  const [match, second] = found.filter(({ Name }) => Name === name);
  if (match?.Id && !second) return match.Id;
  const names = found.map(({ Name }) => Name).join(", ") || "none";
  throw new UserError(`The flags of ${name} were not found:`, [
    {
      where: `${kind} ${name}`,
      what: second ? "is there more than once" : `is not there (there is: ${names})`,
      remedy,
    },
  ]);
}
