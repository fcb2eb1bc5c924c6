import { type LambdaClient, paginateListEventSourceMappings } from "@aws-sdk/client-lambda";
import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Known } from "../../../src/aws/known";

/** Where it is looked, and who looks. */
export interface LookedAt {
  readonly region: string;
  /** The caller's ARN. */
  readonly arn: string;
  readonly left: number;
}

/** What became of looking at a secret. */
export interface SecretFact {
  readonly name: string;
  /** What is wrong with its text, in words that do not quote it; `none` where there is no such secret. */
  readonly text: Known<"none" | { readonly problem: string | undefined }>;
}

/**
 * Looks at a secret, and judges its text; the text goes no further. Absent where none is needed.
 *
 * @param keep is told the text, so that no line holds it
 */
export async function secretFact(
  client: SecretsManagerClient,
  name: string | undefined,
  problemOf: ((secret: string) => string | undefined) | undefined,
  read: <T>(work: () => Promise<T>) => Promise<Known<T>>,
  keep: (secret: string) => void,
): Promise<SecretFact | undefined> {
  if (name === undefined) return undefined;
  const text = await read(async () => {
    try {
      const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: name }));
      const own = SecretString.trim();
      if (own !== "") keep(own);
      return { problem: own === "" ? "holds no text" : problemOf?.(own) };
    } catch (error) {
      if (error instanceof Error && error.name === "ResourceNotFoundException") return "none";
      throw error;
    }
  });
  return { name, text };
}

/** A function that is not there is fed by nothing. */
export async function feedingTo(client: LambdaClient, FunctionName: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  try {
    for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings(
      { client },
      { FunctionName },
    ))
      for (const { EventSourceArn = "", State = "" } of EventSourceMappings) found.set(EventSourceArn, State);
  } catch (error) {
    if (!(error instanceof Error && error.name === "ResourceNotFoundException")) throw error;
  }
  return found;
}
