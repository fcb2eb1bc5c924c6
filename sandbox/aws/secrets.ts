import {
  CreateSecretCommand,
  ResourceExistsException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { type Emulator, emulated } from "./emulated";

/** Declares secrets of somebody else's in the emulator. One that is there stays as it is. */
export async function declareSecrets(
  aws: Emulator,
  secrets: Iterable<{ readonly name: string; readonly text: string }>,
): Promise<void> {
  const client = new SecretsManagerClient(emulated(aws));
  try {
    for (const { name: Name, text: SecretString } of secrets)
      await client.send(new CreateSecretCommand({ Name, SecretString })).catch((error: unknown) => {
        if (!(error instanceof ResourceExistsException)) throw error;
      });
  } finally {
    client.destroy();
  }
}
