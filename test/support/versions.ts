import { AppConfig } from "@aws-sdk/client-appconfig";
import { type Emulator, emulated } from "../../sandbox/aws/emulated";

/**
 * Takes every version of every flag document away. They outlive the stacks that made them, and AppConfig deletes no
 * profile that still has any.
 */
export async function deleteVersions(aws: Emulator): Promise<void> {
  const appconfig = new AppConfig(emulated(aws));
  try {
    for (const { Id: ApplicationId } of (await appconfig.listApplications({})).Items ?? [])
      for (const { Id } of (await appconfig.listConfigurationProfiles({ ApplicationId })).Items ?? []) {
        const profile = { ApplicationId, ConfigurationProfileId: Id };
        for (const { VersionNumber } of (await appconfig.listHostedConfigurationVersions(profile)).Items ??
          [])
          await appconfig.deleteHostedConfigurationVersion({ ...profile, VersionNumber });
      }
  } finally {
    appconfig.destroy();
  }
}
