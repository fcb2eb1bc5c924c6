import { z } from "zod";
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

/** Settings that say neither where nor as whom AWS is called. */
export const OF_NO_MATTER = [
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
export const BY_ENVIRONMENT: Readonly<Record<string, string>> = {
  customCaBundle: "set NODE_EXTRA_CA_CERTS and AWS_CA_BUNDLE to the file",
  ec2MetadataServiceEndpoint: "set AWS_EC2_METADATA_SERVICE_ENDPOINT",
  ec2MetadataServiceEndpointMode: "set AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
};

/** Settings that the program has no way to follow. */
export const NOT_FOLLOWED = ["httpProxy", "httpsProxy", "noProxy", "insecure"];

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
/** One role of `assumeRoles`. */
export const assumed = z
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
    ({ duration, webIdentityToken: token, webIdentityTokenFile: tokenFile, ...role }): WebIdentity => ({
      ...role,
      ...(token === undefined ? {} : { token }),
      ...(tokenFile === undefined ? {} : { tokenFile }),
      durationSeconds: duration ?? role.durationSeconds,
    }),
  );
const account = z.union([text, z.number().transform(String)]).pipe(z.string().regex(/^\d{12}$/, "12 digits"));
const oneFile = texts
  .max(1, "one file: the program reads one, and the provider would read more")
  .transform(([file]) => file);

/** Each setting by its key, and how it is read. */
export const KEYS = {
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
export const STRUCTURED = /^(assumeRole|endpoints$|allowed|forbidden|shared)/;
/** No such setting since the provider's version 7: it would assume no role. */
export const BEFORE_7 = "assumeRole";
