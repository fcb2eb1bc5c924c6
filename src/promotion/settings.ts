import * as pulumi from "@pulumi/pulumi";
import { type ReadProvider, readProvider } from "../aws/identity/provider";
import { awsEndpoint, checkTimeScale } from "../rollout/config/timeScale";
import { type Place, placeAt, short } from "../text/command";
import { UserError } from "../text/problem";
import { tokensOfCopy, type Withheld } from "./places";

/** What one run of the program depends on beside the rollout itself. */
export interface Settings {
  readonly stack: string;
  readonly organization: string;
  readonly project: string;
  /** The folder with Pulumi.yaml and the stack files. */
  readonly folder: string;
  /** The folder with the program. */
  readonly checkout: string;
  readonly region: string;
  /** What the AWS provider of this stack is configured with, as far as the program can follow it. */
  readonly provider: ReadProvider;
  readonly timeScale: number;
  readonly awsEndpoint: string | undefined;
  /** Bearer tokens that gates and checks send, by role. Secret. */
  readonly tokens: Readonly<Record<string, string>>;
  /** What this run keeps its secrets from. */
  readonly withheld?: Withheld | undefined;
}

/**
 * Reads the settings. Throws a `UserError` where durations are scaled on anything but this machine.
 *
 * @param checkout the folder with the program
 */
export function readSettings(checkout: string, env: NodeJS.ProcessEnv = process.env): Settings {
  const provider = new pulumi.Config("aws");
  const region = provider.get("region") ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  if (!region) {
    throw new UserError("No AWS region is set:", {
      where: "aws:region",
      what: "is missing",
      remedy: `${short.pulumi("config set", `-s ${pulumi.getStack()}`, "aws:region", "eu-central-1")}, or set AWS_REGION`,
    });
  }
  return {
    stack: pulumi.getStack(),
    organization: pulumi.getOrganization(),
    project: pulumi.getProject(),
    folder: pulumi.getRootDirectory(),
    checkout,
    region,
    provider: readProvider(pulumi.runtime.allConfig()),
    timeScale: checkTimeScale(
      new pulumi.Config("cutover").getNumber("timeScale") ?? 1,
      env,
      provider.get("endpoints"),
    ),
    awsEndpoint: awsEndpoint(env),
    tokens: readTokens(env),
  };
}

/** Where a run's reader stands: pulumi works in the rollout's folder alone. */
export function placeOf(
  rollout: string,
  { folder, checkout, region }: Pick<Settings, "folder" | "checkout" | "region">,
): Place {
  return { ...placeAt(rollout, folder, checkout, region), here: true };
}

const TOKEN_KEY = "cutover:token-";

/** Every `cutover:token-ROLE` of the stack. That they are secret is checked where the stack files are read. */
function readTokens(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const tokens = Object.fromEntries(
    Object.entries(pulumi.runtime.allConfig())
      .filter(([key]) => key.startsWith(TOKEN_KEY))
      .map(([key, token]) => [key.slice(TOKEN_KEY.length), token]),
  );
  return tokensOfCopy(Object.keys(tokens), env) ?? tokens;
}
