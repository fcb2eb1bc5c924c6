import {
  AppConfigClient,
  ListApplicationsCommand,
  ListConfigurationProfilesCommand,
  ListEnvironmentsCommand,
} from "@aws-sdk/client-appconfig";
import type { Sandbox } from "../../sandbox";
import { emulated } from "../../sandbox/aws/emulated";
import type { FlagStore } from "../../src/flags/readLedger";

/** Found by name, as `cutover abort` has to: without any state. */
export async function findStore(sandbox: Pick<Sandbox, "aws">, name: string): Promise<FlagStore> {
  const client = new AppConfigClient(emulated(sandbox.aws));
  try {
    const { Items: applications = [] } = await client.send(new ListApplicationsCommand({}));
    const ApplicationId = applications.find((one) => one.Name === name)?.Id;
    if (!ApplicationId) throw new Error(`there is no AppConfig application ${name}`);
    const [environments, profiles] = await Promise.all([
      client.send(new ListEnvironmentsCommand({ ApplicationId })),
      client.send(new ListConfigurationProfilesCommand({ ApplicationId })),
    ]);
    return {
      applicationId: ApplicationId,
      environmentId: environments.Items?.[0]?.Id ?? "",
      profileId: profiles.Items?.[0]?.Id ?? "",
      region: sandbox.aws.region,
    };
  } finally {
    client.destroy();
  }
}
