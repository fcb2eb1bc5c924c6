import type { z } from "zod";
import { jsonIn } from "../../text/json";
import { nearest } from "../../text/nearest";
import { type Problem, tellWhere } from "../../text/problem";
import type { AwsCredentials } from "../clients";
import {
  type AssumedRole,
  assumed,
  BEFORE_7,
  BY_ENVIRONMENT,
  KEYS,
  NOT_FOLLOWED,
  OF_NO_MATTER,
  STRUCTURED,
  type WebIdentity,
} from "./providerKeys";

/** What the AWS provider of a stack is configured with, as far as it says where and as whom AWS is called. */
export interface ProviderSettings {
  readonly region?: string | undefined;
  readonly stsRegion?: string | undefined;
  readonly profile?: string | undefined;
  /** Secret. */
  readonly keys?: AwsCredentials | undefined;
  /** The first is assumed with what the rest says, each other one with the one before. */
  readonly assumeRoles: readonly AssumedRole[];
  readonly webIdentity?: WebIdentity | undefined;
  /** URLs by the provider's name for a service. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly allowedAccountIds: readonly string[];
  readonly forbiddenAccountIds: readonly string[];
  readonly configFile?: string | undefined;
  readonly credentialsFile?: string | undefined;
  readonly fips?: boolean | undefined;
  readonly dualstack?: boolean | undefined;
  /** The metadata of the machine is not asked for credentials. */
  readonly noMetadata?: boolean | undefined;
}

/** A stack's config of the provider, and what the program cannot follow it in. */
export interface ReadProvider {
  readonly settings: ProviderSettings;
  readonly problems: readonly Problem[];
}

const PREFIX = "aws:";

/**
 * Reads the provider's part of a stack's config, as the stack file or as the engine has it: there lists and maps are
 * JSON. What cannot be read is told, and left out of the settings.
 *
 * @param config by key, all of the stack's
 * @param locate where a key stands, as a person finds it
 */
export function readProvider(
  config: Readonly<Record<string, unknown>>,
  locate: (key: string) => string = (key) => key,
): ReadProvider {
  const problems: Problem[] = [];
  const read: { -readonly [Key in keyof Read]: Read[Key] } = {};
  for (const [whole, raw] of Object.entries(config)) {
    if (!whole.startsWith(PREFIX) || raw === undefined || raw === null) continue;
    const key = whole.slice(PREFIX.length);
    if (OF_NO_MATTER.includes(key)) continue;
    const tell = (what: string, remedy: string) => problems.push({ where: locate(whole), what, remedy });
    const elsewhere = BY_ENVIRONMENT[key];
    if (elsewhere !== undefined) {
      tell(
        "would hold for the provider, and not for the program",
        `Take it out, and ${elsewhere}: both follow that`,
      );
    } else if (NOT_FOLLOWED.includes(key)) {
      tell(
        "would hold for the provider, and the program cannot follow it",
        "Take it out, and run where AWS is reached directly, or by VPC endpoints",
      );
    } else if (isEncrypted(raw)) {
      tell(
        "is encrypted, and nothing here decrypts it",
        "The credentials of the environment are used instead",
      );
    } else if (key === BEFORE_7) {
      tell(
        "is no setting of the provider since its version 7: it assumes no role by it",
        `Write ${PREFIX}assumeRoles, a list`,
      );
      const role = assumed.safeParse(opened(raw));
      if (role.success) read.assumeRoles ??= [role.data];
    } else if (!(key in KEYS)) {
      const [near] = nearest(key, [...Object.keys(KEYS), ...OF_NO_MATTER]);
      tell(
        "is no setting of the AWS provider that is known here",
        near === undefined ? "Take it out" : `Call it ${PREFIX}${near}, or take it out`,
      );
    } else {
      const parsed = KEYS[key as keyof typeof KEYS].safeParse(STRUCTURED.test(key) ? opened(raw) : raw);
      if (parsed.success) Object.assign(read, { [key]: parsed.data });
      else
        for (const issue of parsed.error.issues)
          tell(said(issue), "Mend it: the provider would not be followed in it");
    }
  }
  problems.push(...keyProblems(read, locate));
  return { settings: settingsOf(read), problems };
}

/** What is wrong with a value, which may be a secret: it is not quoted. */
function said(issue: z.core.$ZodIssue): string {
  const where = issue.path.length > 0 ? `${issue.path.join(".")} ` : "";
  if (issue.code === "unrecognized_keys")
    return `${where}has ${issue.keys.join(", ")}, which is no setting of the provider`;
  return `${where}must be ${issue.message.replace(/^Invalid input: expected /, "")}`;
}

type Read = { readonly [Key in keyof typeof KEYS]?: z.output<(typeof KEYS)[Key]> | undefined };

function keyProblems({ accessKey, secretKey, token }: Read, locate: (key: string) => string): Problem[] {
  const half = (accessKey === undefined) !== (secretKey === undefined);
  return tellWhere(half || (token !== undefined && accessKey === undefined), {
    where: locate(`${PREFIX}${accessKey === undefined ? "accessKey" : "secretKey"}`),
    what: "is missing: a key has two halves",
    remedy: "Set both, or take the other one out",
  });
}

function settingsOf(read: Read): ProviderSettings {
  return {
    region: read.region,
    stsRegion: read.stsRegion,
    profile: read.profile,
    keys: keysOf(read),
    assumeRoles: read.assumeRoles ?? [],
    webIdentity: read.assumeRoleWithWebIdentity,
    endpoints: Object.assign({}, ...(read.endpoints ?? [])),
    allowedAccountIds: read.allowedAccountIds ?? [],
    forbiddenAccountIds: read.forbiddenAccountIds ?? [],
    configFile: read.sharedConfigFiles,
    credentialsFile: read.sharedCredentialsFiles,
    fips: read.useFipsEndpoint,
    dualstack: read.useDualstackEndpoint,
    noMetadata: read.skipMetadataApiCheck,
  };
}

function keysOf({ accessKey, secretKey, token }: Read): AwsCredentials | undefined {
  if (accessKey === undefined || secretKey === undefined) return undefined;
  const session = token === undefined ? {} : { sessionToken: token };
  return { accessKeyId: accessKey, secretAccessKey: secretKey, ...session };
}

/** A list or a map that is written as text is JSON. */
function opened(raw: unknown): unknown {
  const json = typeof raw === "string" ? jsonIn(raw) : undefined;
  return json === undefined ? raw : json;
}

/** Pulumi writes an encrypted value as `{secure: …}`, anywhere in it. */
function isEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "secure" in value || Object.values(value).some(isEncrypted);
}
