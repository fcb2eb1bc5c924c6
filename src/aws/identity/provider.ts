import { z } from "zod";
import { nearest } from "../../text/nearest";
import type { Problem } from "../../text/problem";
import { goSeconds } from "./goDuration";

/** A role that is assumed, in the words of the provider's config. */
export interface AssumedRole {
  readonly roleArn: string;
  readonly sessionName?: string | undefined;
  readonly externalId?: string | undefined;
  readonly durationSeconds?: number | undefined;
  /** A policy that narrows the session, as JSON; and managed ones that do. */
  readonly policy?: string | undefined;
  readonly policyArns?: readonly string[] | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly transitiveTagKeys?: readonly string[] | undefined;
  readonly sourceIdentity?: string | undefined;
}

/** A role that is assumed with the token of an identity provider. */
export interface WebIdentity
  extends Pick<AssumedRole, "roleArn" | "sessionName" | "durationSeconds" | "policy" | "policyArns"> {
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
}

/** What the AWS provider of a stack is configured with, as far as it says where and as whom AWS is called. */
export interface ProviderSettings {
  readonly region?: string | undefined;
  readonly stsRegion?: string | undefined;
  readonly profile?: string | undefined;
  /** Secret. */
  readonly keys?:
    | { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }
    | undefined;
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

/** Settings that say neither where nor as whom AWS is called. */
const OF_NO_MATTER = [
  "defaultTags",
  "ignoreTags",
  "maxRetries",
  "retryMode",
  "s3UsEast1RegionalEndpoint",
  "s3UsePathStyle",
  "skipCredentialsValidation",
  "skipRegionValidation",
  "skipRequestingAccountId",
  "tagPolicyCompliance",
  "tokenBucketRateLimiterCapacity",
  "userAgents",
];

/** Settings that the SDK of the program takes from the environment alone, where the provider takes them, too. */
const BY_ENVIRONMENT: Readonly<Record<string, string>> = {
  customCaBundle: "set NODE_EXTRA_CA_CERTS and AWS_CA_BUNDLE to the file",
  ec2MetadataServiceEndpoint: "set AWS_EC2_METADATA_SERVICE_ENDPOINT",
  ec2MetadataServiceEndpointMode: "set AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
};

/** Settings that the program has no way to follow. */
const NOT_FOLLOWED = ["httpProxy", "httpsProxy", "noProxy", "insecure"];

const text = z.string().min(1);
/** Source: AWS General Reference, "AWS regions": such as eu-central-1, us-gov-east-1, me-central-1. */
const region = text.regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, "a region such as eu-central-1");
/** As a section of the config file names it. */
const profile = text.regex(
  /^[^\s[\]](.*[^\s[\]])?$/,
  "the name of a profile, without brackets or spaces around it",
);
const texts = z.array(text);
const switched = z.union([z.boolean(), z.enum(["true", "false"]).transform((word) => word === "true")]);
/** As Go writes a length of time, or in the older form as seconds. */
const length = z
  .union([z.number(), text])
  .transform((value, context) => {
    const seconds = typeof value === "number" ? value : goSeconds(value);
    if (seconds !== undefined && seconds > 0) return Math.floor(seconds);
    context.addIssue({ code: "custom", message: "a length of time such as 1h or 900s" });
    return z.NEVER;
  })
  .optional();
const session = {
  roleArn: text.regex(/^arn:[\w-]+:iam::\d{12}:role\/\S+$/, "the ARN of a role"),
  sessionName: text.optional(),
  duration: length,
  durationSeconds: length,
  policy: text.optional(),
  policyArns: texts.optional(),
};
const assumed = z
  .strictObject({
    ...session,
    externalId: text.optional(),
    tags: z.record(z.string(), z.string()).optional(),
    transitiveTagKeys: texts.optional(),
    sourceIdentity: text.optional(),
  })
  .transform(
    ({ duration, ...role }): AssumedRole => ({
      ...role,
      durationSeconds: duration ?? role.durationSeconds,
    }),
  );
const web = z
  .strictObject({ ...session, webIdentityToken: text.optional(), webIdentityTokenFile: text.optional() })
  .refine(
    (given) => (given.webIdentityToken === undefined) !== (given.webIdentityTokenFile === undefined),
    "exactly one of webIdentityToken, webIdentityTokenFile",
  )
  .transform(
    ({
      duration,
      durationSeconds,
      webIdentityToken: token,
      webIdentityTokenFile: tokenFile,
      ...role
    }): WebIdentity => ({
      ...role,
      ...(token === undefined ? {} : { token }),
      ...(tokenFile === undefined ? {} : { tokenFile }),
      durationSeconds: duration ?? durationSeconds,
    }),
  );
const account = z.union([text, z.number().transform(String)]).pipe(z.string().regex(/^\d{12}$/, "12 digits"));
const oneFile = texts
  .max(1, "one file: the program reads one, and the provider would read more")
  .transform(([file]) => file);

/** Each setting by its key, and how it is read. */
const KEYS = {
  region,
  stsRegion: region,
  profile,
  accessKey: text,
  secretKey: text,
  token: text,
  assumeRoles: z.array(assumed),
  assumeRoleWithWebIdentity: web,
  endpoints: z.union([
    z.array(z.record(z.string(), text)),
    z.record(z.string(), text).transform((one) => [one]),
  ]),
  allowedAccountIds: z.array(account),
  forbiddenAccountIds: z.array(account),
  sharedConfigFiles: oneFile,
  sharedCredentialsFiles: oneFile,
  useFipsEndpoint: switched,
  useDualstackEndpoint: switched,
  skipMetadataApiCheck: switched,
} as const;

/** The settings of the provider that hold a list or a map: as text they are JSON. */
const STRUCTURED = /^(assumeRole|endpoints$|allowed|forbidden|shared)/;
/** No such setting since the provider's version 7: it would assume no role. */
const BEFORE_7 = "assumeRole";

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
  if (
    (accessKey === undefined) === (secretKey === undefined) &&
    !(token !== undefined && accessKey === undefined)
  )
    return [];
  return [
    {
      where: locate(`${PREFIX}${accessKey === undefined ? "accessKey" : "secretKey"}`),
      what: "is missing: a key has two halves",
      remedy: "Set both, or take the other one out",
    },
  ];
}

function settingsOf(read: Read): ProviderSettings {
  const { accessKey, secretKey, token } = read;
  return {
    region: read.region,
    stsRegion: read.stsRegion,
    profile: read.profile,
    ...(accessKey !== undefined && secretKey !== undefined
      ? {
          keys: {
            accessKeyId: accessKey,
            secretAccessKey: secretKey,
            ...(token === undefined ? {} : { sessionToken: token }),
          },
        }
      : {}),
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

/** A list or a map that is written as text is JSON. */
function opened(raw: unknown): unknown {
  if (typeof raw !== "string") return raw;
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

/** Pulumi writes an encrypted value as `{secure: …}`, anywhere in it. */
function isEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "secure" in value || Object.values(value).some(isEncrypted);
}
