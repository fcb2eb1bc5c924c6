import {
  type AppConfigClient,
  DeleteConfigurationProfileCommand,
  DeleteEnvironmentCommand,
} from "@aws-sdk/client-appconfig";
import { persist } from "../aws/persist";
import { counted } from "../text/counted";
import { reasonOf, UserError } from "../text/problem";
import type { StoreParts } from "./find";
import { deleteVersion, heldVersions } from "./versions";

const PATIENCE_MS = 20_000;

/**
 * Asks AppConfig to look, too: with it, what was fetched within the account's protection period is not deleted, whether
 * or not the account has that switched on. Source: DeleteEnvironment, DeletionProtectionCheck.
 */
const APPLY = { DeletionProtectionCheck: "APPLY" } as const;

/**
 * Takes away what servers fetch flags through, and what no stack takes away: the environment, then every version of the
 * documents, then the profile, which AWS deletes only without versions. The environment goes first, since with it
 * AppConfig itself may refuse, and then nothing was taken away; and since a store without its documents would still
 * take an abort. What is gone already is passed over, so that it can be done again from wherever it ended.
 *
 * Throws a `UserError` where AppConfig refuses.
 *
 * @param tell hears of each step that was done, in words
 */
export async function takeStoreAway(
  client: AppConfigClient,
  { applicationId: ApplicationId, environmentId, profileId }: StoreParts,
  tell: (done: string) => void,
): Promise<void> {
  if (ApplicationId === undefined) return;
  if (environmentId !== undefined) {
    const command = new DeleteEnvironmentCommand({ ApplicationId, EnvironmentId: environmentId, ...APPLY });
    await deleted(`environment ${environmentId}`, () => client.send(command));
    tell(`the environment ${environmentId} is deleted: nobody fetches the flags any more`);
  }
  if (profileId === undefined) return;
  const profile = { applicationId: ApplicationId, profileId };
  const versions = await heldVersions(client, profile, PATIENCE_MS);
  for (const { version } of versions)
    await deleted(`version ${version} of the flag document`, () =>
      deleteVersion(client, profile, version, 0),
    );
  tell(`of the flag document, ${counted(versions.length, "version is", "versions are")} deleted`);
  const command = new DeleteConfigurationProfileCommand({
    ...{ ApplicationId, ConfigurationProfileId: profileId },
    ...APPLY,
  });
  await deleted(`profile ${profileId}`, () => client.send(command));
  tell(`the profile ${profileId} is deleted`);
}

async function deleted(what: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await persist(call, PATIENCE_MS);
  } catch (error) {
    const { name } = error as Error;
    if (name === "ResourceNotFoundException") return;
    const refused = name === "BadRequestException" || name === "ConflictException";
    throw new UserError(`AppConfig does not delete the ${what}:`, {
      where: `AppConfig ${what}`,
      what: reasonOf(error),
      remedy: refused
        ? "Where it was fetched lately, somebody still reads the flags: find out who. AppConfig counts calls within the account's protection period, 60 minutes by default; then run the same command again"
        : "Mend that, then run the same command again: it goes on from here",
    });
  }
}
