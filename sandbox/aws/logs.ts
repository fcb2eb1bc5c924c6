import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  ResourceAlreadyExistsException,
} from "@aws-sdk/client-cloudwatch-logs";
import { type Emulator, emulated } from "./emulated";

/** Declares log groups of somebody else's in the emulator. One that is there stays as it is. */
export async function declareLogGroups(aws: Emulator, groups: Iterable<string>): Promise<void> {
  const client = new CloudWatchLogsClient(emulated(aws));
  try {
    for (const logGroupName of new Set(groups))
      await client.send(new CreateLogGroupCommand({ logGroupName })).catch((error: unknown) => {
        if (!(error instanceof ResourceAlreadyExistsException)) throw error;
      });
  } finally {
    client.destroy();
  }
}
