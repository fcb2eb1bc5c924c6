import {
  type AppConfigClient,
  DeleteHostedConfigurationVersionCommand,
  GetHostedConfigurationVersionCommand,
  paginateListHostedConfigurationVersions,
} from "@aws-sdk/client-appconfig";
import { persist } from "../aws/persist";

/** How many versions of a document AppConfig keeps, unless the account's quota was raised. Source: its quotas. */
export const VERSION_QUOTA = 100;

/** The profile whose versions are looked at, by AppConfig's ids. */
export interface ProfileAt {
  readonly applicationId: string;
  readonly profileId: string;
}

/** A version of the flag document. */
export interface HeldVersion {
  readonly version: string;
  /** Somebody gave it a label, to find it again. */
  readonly labelled: boolean;
}

/** Every version of the flag document, newest first. Asked again for at most `patience` ms. */
export async function heldVersions(
  client: AppConfigClient,
  { applicationId, profileId }: ProfileAt,
  patience: number,
): Promise<HeldVersion[]> {
  const profile = { ApplicationId: applicationId, ConfigurationProfileId: profileId };
  const found = await persist(async () => {
    const items: { number: number; labelled: boolean }[] = [];
    for await (const { Items = [] } of paginateListHostedConfigurationVersions({ client }, profile))
      for (const { VersionNumber: number, VersionLabel } of Items)
        if (number !== undefined) items.push({ number, labelled: VersionLabel !== undefined });
    return items;
  }, patience);
  return found
    .sort((a, b) => b.number - a.number)
    .map(({ number, labelled }) => ({ version: String(number), labelled }));
}

/** A version's document, which never changes. Undefined where AppConfig no longer has it. */
export async function documentOf(
  client: AppConfigClient,
  { applicationId, profileId }: ProfileAt,
  version: string,
  patience: number,
): Promise<string | undefined> {
  const VersionNumber = Number(version);
  if (!Number.isInteger(VersionNumber)) return undefined;
  const profile = { ApplicationId: applicationId, ConfigurationProfileId: profileId };
  const command = new GetHostedConfigurationVersionCommand({ ...profile, VersionNumber });
  try {
    const { Content } = await persist(() => client.send(command), patience);
    // Of an empty document the SDK hands over no bytes but a text without any.
    return new TextDecoder().decode(Buffer.from(Content ?? []));
  } catch (error) {
    if (isGone(error as Error)) return undefined;
    throw error;
  }
}

/** AWS answers so for what is not there any more. */
function isGone(error: Error & { $metadata?: { httpStatusCode?: number } }): boolean {
  return error.name === "ResourceNotFoundException" || error.$metadata?.httpStatusCode === 404;
}

/** Deletes a version. Throws what AppConfig says, also where it is gone already. */
export async function deleteVersion(
  client: AppConfigClient,
  { applicationId, profileId }: ProfileAt,
  version: string,
  patience: number,
): Promise<void> {
  const command = new DeleteHostedConfigurationVersionCommand({
    ApplicationId: applicationId,
    ConfigurationProfileId: profileId,
    VersionNumber: Number(version),
  });
  await persist(() => client.send(command), patience);
}
