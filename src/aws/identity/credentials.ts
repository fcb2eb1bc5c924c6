import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { AssumeRoleCommandOutput } from "@aws-sdk/client-sts";
import { type Problem, reasonOf, UserError } from "../../text/problem";
import { type AwsCredentials, type CredentialsProvider, withClient } from "../clients";
import type { ProviderSettings } from "./provider";
import type { AssumedRole, WebIdentity } from "./providerKeys";

/** How a session is called where nothing else is said. */
const SESSION = "cutover";

/** What credentials come from: settings of the provider, and the environment. */
type Source = Pick<
  ProviderSettings,
  "profile" | "keys" | "assumeRoles" | "webIdentity" | "configFile" | "credentialsFile" | "stsRegion"
>;

/**
 * The credentials that the AWS provider uses, where it is configured so; undefined where the SDK of the program would
 * find the same ones by itself. The order is the provider's: a key in the config, the token of an identity provider, a
 * profile of the config, keys of the environment, and what the SDK finds; then each role in turn. The SDK by itself
 * takes the profile of the environment before its keys, and the provider the other way round.
 *
 * @param region where STS is asked
 * @returns throws a `UserError` when it is called, where there are none
 */
export function credentialsOf(
  source: Source,
  region: string,
  env: NodeJS.ProcessEnv = process.env,
): CredentialsProvider | undefined {
  const stsRegion = source.stsRegion ?? region;
  const base = baseOf(source, stsRegion, env);
  if (source.assumeRoles.length === 0) return base;
  return source.assumeRoles.reduce<CredentialsProvider>(
    (before, role, index) => assuming(before, role, index, stsRegion),
    base ?? (async () => (await environmentsOwn(region))()),
  );
}

function baseOf(
  { profile, keys, webIdentity, configFile, credentialsFile }: Source,
  region: string,
  env: NodeJS.ProcessEnv,
): CredentialsProvider | undefined {
  if (keys) return async () => keys;
  if (webIdentity) return kept(() => assumeWith(webIdentity, region));
  const files = {
    ...(configFile === undefined ? {} : { configFilepath: atHome(configFile) }),
    ...(credentialsFile === undefined ? {} : { filepath: atHome(credentialsFile) }),
  };
  if (profile !== undefined)
    return inWords(`aws:profile ${profile}`, async () => (await ini({ ...files, profile }, region))());
  if (env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY) {
    if (!env.AWS_PROFILE) return undefined;
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = env;
    return async () => ({
      accessKeyId,
      secretAccessKey,
      ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
    });
  }
  if (env.AWS_WEB_IDENTITY_TOKEN_FILE && env.AWS_ROLE_ARN) {
    const tokenFile = env.AWS_WEB_IDENTITY_TOKEN_FILE;
    const role = { roleArn: env.AWS_ROLE_ARN, sessionName: env.AWS_ROLE_SESSION_NAME, tokenFile };
    return kept(() => assumeWith(role, region));
  }
  if (Object.keys(files).length === 0) return undefined;
  return async () => (await sdkChain(files, region))();
}

/** What the SDK finds by itself. */
export function environmentsOwn(region: string): Promise<CredentialsProvider> {
  return sdkChain({}, region);
}

/** Of all that the SDK knows of profiles: keys, roles, single sign-on, processes. Loaded where it is asked for. */
async function ini(init: object, region: string): Promise<CredentialsProvider> {
  const { fromIni } = await import("@aws-sdk/credential-provider-ini");
  return fromIni({ ...init, clientConfig: { region } });
}

async function sdkChain(init: object, region: string): Promise<CredentialsProvider> {
  const { defaultProvider } = await import("@aws-sdk/credential-provider-node");
  return defaultProvider({ ...init, clientConfig: { region } });
}

function assuming(
  before: CredentialsProvider,
  role: AssumedRole,
  index: number,
  region: string,
): CredentialsProvider {
  return kept(async () => {
    const credentials = await before();
    const { AssumeRoleCommand, STSClient } = await import("@aws-sdk/client-sts");
    const asked = new AssumeRoleCommand({
      ...sessionOf(role),
      ExternalId: role.externalId,
      SourceIdentity: role.sourceIdentity,
      TransitiveTagKeys: role.transitiveTagKeys && [...role.transitiveTagKeys],
      ...(role.tags && { Tags: Object.entries(role.tags).map(([Key, Value]) => ({ Key, Value })) }),
    });
    try {
      return usable(await withClient(STSClient, { region, credentials }, (client) => client.send(asked)));
    } catch (error) {
      throw notAssumed(`aws:assumeRoles[${index}]`, role.roleArn, error);
    }
  });
}

async function assumeWith(role: WebIdentity, region: string): Promise<AwsCredentials> {
  const { AssumeRoleWithWebIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
  // The token is all that it is asked with: without a signature, credentials are not looked for.
  const unsigned = { region, credentials: { accessKeyId: "", secretAccessKey: "" } };
  try {
    const token = role.token ?? readFileSync(atHome(role.tokenFile ?? ""), "utf8").trim();
    const asked = new AssumeRoleWithWebIdentityCommand({ ...sessionOf(role), WebIdentityToken: token });
    return usable(await withClient(STSClient, unsigned, (client) => client.send(asked)));
  } catch (error) {
    throw notAssumed("aws:assumeRoleWithWebIdentity", role.roleArn, error);
  }
}

function sessionOf(role: Omit<WebIdentity, "token" | "tokenFile">) {
  return {
    RoleArn: role.roleArn,
    RoleSessionName: role.sessionName ?? SESSION,
    DurationSeconds: role.durationSeconds,
    Policy: role.policy,
    PolicyArns: role.policyArns?.map((arn) => ({ arn })),
  };
}

function usable({ Credentials }: Pick<AssumeRoleCommandOutput, "Credentials">): AwsCredentials {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey) throw new Error("STS answered without credentials");
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(SessionToken ? { sessionToken: SessionToken } : {}),
    ...(Expiration ? { expiration: Expiration } : {}),
  };
}

function notAssumed(where: string, roleArn: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  return notAsked({
    where,
    what: `${roleArn} is not assumed: ${reasonOf(error)}`,
    remedy: "Log in as whom the role's trust policy admits, who has to be allowed sts:AssumeRole on it",
  });
}

const notAsked = (problem: Problem) => new UserError("AWS cannot be asked as this stack says:", problem);

function inWords(where: string, provide: CredentialsProvider): CredentialsProvider {
  return kept(async () => {
    try {
      return await provide();
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw notAsked({
        where,
        what: `gives no credentials: ${reasonOf(error)}`,
        remedy: "Log in to it (aws sso login, or as it says), or name a profile that this machine has",
      });
    }
  });
}

/** Before credentials expire, they are asked for anew, so long before. Ms. */
const EARLY_MS = 5 * 60_000;

/** Asks once for as long as the answer holds: each client asks by itself, and a role would be assumed by each. */
function kept(ask: () => Promise<AwsCredentials>): CredentialsProvider {
  let asked: Promise<AwsCredentials> | undefined;
  return async () => {
    const before = asked && (await asked.catch(() => undefined));
    const left = (before?.expiration?.getTime() ?? Number.POSITIVE_INFINITY) - Date.now();
    if (!before || left < EARLY_MS) {
      const anew = ask();
      asked = anew;
      anew.catch(() => {
        if (asked === anew) asked = undefined;
      });
    }
    return asked as Promise<AwsCredentials>;
  };
}

/** As the provider reads a path. */
function atHome(path: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
}
