import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

/** A secret that is not there, or may not be read: no later try finds it otherwise, unless somebody mends it. */
export class NoSecret extends Error {}

/** Source: Secrets Manager API reference, GetSecretValue. */
const NO_SECRET =
  /^(ResourceNotFoundException|AccessDeniedException|DecryptionFailure|InvalidRequestException)$/;

/** The text of a secret, read anew: a rotated one counts at once. Throws `NoSecret` where it is not to be had. */
export async function secretText(client: SecretsManagerClient, SecretId: string): Promise<string> {
  try {
    const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId }));
    return SecretString;
  } catch (error) {
    if (error instanceof Error && NO_SECRET.test(error.name)) throw new NoSecret(error.name);
    throw error;
  }
}
