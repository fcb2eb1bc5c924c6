import * as z from "zod";
import { credentialsOf } from "../../../src/aws/identity/credentials";
import { readProvider } from "../../../src/aws/identity/provider";
import type { Inputs, Values } from "../../plugin/spec";
import type { Session } from "../../plugin/table";
import type { Props } from "../../plugin/values";
import { callRecorder } from "./errors";

// The SDK announces on standard error which Node it will want next year; the engine would print it at each `up`.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

const assumed = {
  roleArn: z.string().optional(),
  sessionName: z.string().optional(),
  duration: z.string().optional(),
  policy: z.string().optional(),
  policyArns: z.array(z.string()).optional(),
};

/** The provider's settings; those of the upper half decide where calls go and as whom. */
export const config = {
  region: z.string().optional(),
  accessKey: z.string().optional().meta({ secret: true }),
  secretKey: z.string().optional().meta({ secret: true }),
  token: z.string().optional().meta({ secret: true }),
  profile: z.string().optional(),
  stsRegion: z.string().optional(),
  assumeRoles: z
    .array(
      z.object({
        ...assumed,
        externalId: z.string().optional(),
        sourceIdentity: z.string().optional(),
        tags: z.record(z.string(), z.string()).optional(),
        transitiveTagKeys: z.array(z.string()).optional(),
      }),
    )
    .optional(),
  assumeRoleWithWebIdentity: z
    .object({
      ...assumed,
      webIdentityToken: z.string().optional().meta({ secret: true }),
      webIdentityTokenFile: z.string().optional(),
    })
    .optional(),
  allowedAccountIds: z.array(z.string()).optional(),
  forbiddenAccountIds: z.array(z.string()).optional(),
  sharedConfigFiles: z.array(z.string()).optional(),
  sharedCredentialsFiles: z.array(z.string()).optional(),
  endpoints: z.array(z.record(z.string(), z.string())).optional(),
  defaultTags: z.object({ tags: z.record(z.string(), z.string()).optional() }).optional(),
  // Settings that mean nothing to an emulator, and change nothing in what is declared.
  maxRetries: z.number().optional(),
  retryMode: z.string().optional(),
  s3UsePathStyle: z.boolean().optional(),
  skipCredentialsValidation: z.boolean().optional(),
  skipMetadataApiCheck: z.boolean().optional(),
  skipRegionValidation: z.boolean().optional(),
  skipRequestingAccountId: z.boolean().optional(),
} satisfies Inputs;

export type AwsConfig = Partial<Values<typeof config>>;

interface Client {
  readonly middlewareStack: { add(middleware: never, options: { step: "initialize" }): void };
}

/**
 * Clients of the AWS SDK for one region, each loaded at its first call: loading all of them would cost every
 * `up` about a second.
 */
export class Aws {
  private readonly clients = new Map<string, Promise<unknown>>();
  private identity: Promise<string> | undefined;
  private readonly credentials: ReturnType<typeof credentialsOf>;

  constructor(
    readonly config: AwsConfig,
    readonly region: string,
  ) {
    const given = Object.entries(config).map(([key, value]) => [`aws:${key}`, value]);
    this.credentials = credentialsOf(readProvider(Object.fromEntries(given)).settings, region);
  }

  appconfig = () =>
    this.client("appconfig", async (o) => new (await import("@aws-sdk/client-appconfig")).AppConfig(o));
  sns = () => this.client("sns", async (o) => new (await import("@aws-sdk/client-sns")).SNS(o));
  cloudwatch = () =>
    this.client("cloudwatch", async (o) => new (await import("@aws-sdk/client-cloudwatch")).CloudWatch(o));
  rds = () => this.client("rds", async (o) => new (await import("@aws-sdk/client-rds")).RDS(o));
  lambda = () => this.client("lambda", async (o) => new (await import("@aws-sdk/client-lambda")).Lambda(o));
  iam = () => this.client("iam", async (o) => new (await import("@aws-sdk/client-iam")).IAM(o));
  sqs = () => this.client("sqs", async (o) => new (await import("@aws-sdk/client-sqs")).SQS(o));
  logs = () =>
    this.client("logs", async (o) => new (await import("@aws-sdk/client-cloudwatch-logs")).CloudWatchLogs(o));
  events = () =>
    this.client("events", async (o) => new (await import("@aws-sdk/client-eventbridge")).EventBridge(o));
  scheduler = () =>
    this.client("scheduler", async (o) => new (await import("@aws-sdk/client-scheduler")).Scheduler(o));
  secrets = () =>
    this.client(
      "secretsmanager",
      async (o) => new (await import("@aws-sdk/client-secrets-manager")).SecretsManager(o),
    );
  kms = () => this.client("kms", async (o) => new (await import("@aws-sdk/client-kms")).KMS(o));
  sts = () => this.client("sts", async (o) => new (await import("@aws-sdk/client-sts")).STS(o));

  /** ARNs that a service does not give must carry the account all the same. */
  async arn(service: string, resource: string): Promise<string> {
    return `arn:aws:${service}:${this.region}:${await this.account()}:${resource}`;
  }

  account(): Promise<string> {
    this.identity ??= this.sts()
      .then((sts) => sts.getCallerIdentity())
      .then(({ Account }) => Account as string);
    return this.identity;
  }

  private client<T extends Client>(service: string, make: (options: object) => Promise<T>): Promise<T> {
    const known = this.clients.get(service) as Promise<T> | undefined;
    if (known) return known;
    const made = this.admitted(service).then(async () => {
      const client = await make(this.options(service));
      client.middlewareStack.add(callRecorder as never, { step: "initialize" });
      return client;
    });
    this.clients.set(service, made);
    return made;
  }

  /** As the provider does: in an account that is not meant, nothing is read and nothing is made. */
  private async admitted(service: string): Promise<void> {
    const { allowedAccountIds = [], forbiddenAccountIds = [] } = this.config;
    if (service === "sts" || allowedAccountIds.length + forbiddenAccountIds.length === 0) return;
    const account = await this.account();
    if (
      (allowedAccountIds.length > 0 && !allowedAccountIds.includes(account)) ||
      forbiddenAccountIds.includes(account)
    )
      throw new Error(`AWS account ID not allowed: ${account}`);
  }

  private options(service: string): object {
    const { endpoints = [] } = this.config;
    const endpoint = endpoints.map((of) => of[service]).find(Boolean);
    return {
      region: this.region,
      ...(endpoint && { endpoint }),
      ...(this.credentials && { credentials: this.credentials }),
    };
  }
}

/** Opens the provider: one `Aws` for each region that resources ask for. */
export function openSession(given: Props): Session<Aws> {
  const config = given as AwsConfig;
  const region = config.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  if (!region) throw new Error("no AWS region is set: set the config value aws:region, or AWS_REGION");
  refuseRealAws(config);
  const regions = new Map<string, Aws>();
  return {
    defaultTags: config.defaultTags?.tags ?? {},
    context: (props) => {
      const wanted = typeof props.region === "string" ? props.region : region;
      const aws = regions.get(wanted) ?? new Aws(config, wanted);
      regions.set(wanted, aws);
      return aws;
    },
  };
}

/** This plugin knows only part of each service. It must never be the one to touch a real account. */
function refuseRealAws({ endpoints = [] }: AwsConfig): void {
  const given = [process.env.AWS_ENDPOINT_URL, ...endpoints.flatMap((of) => Object.values(of))];
  const hosts = given.filter((url): url is string => Boolean(url)).map((url) => new URL(url).hostname);
  if (hosts.length > 0 && !hosts.some((host) => /(^|\.)(amazonaws|amazonaws\.com|aws)(\.|$)/.test(host)))
    return;
  throw new Error(
    "this is the sandbox's aws plugin, which works with an emulator only, and AWS_ENDPOINT_URL names none; " +
      "for a real account install the official one: pulumi plugin install resource aws",
  );
}
