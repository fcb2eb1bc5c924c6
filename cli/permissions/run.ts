import { loadRollout } from "../../src/rollout/load";
import type { Problem } from "../../src/text/problem";
import { EXIT, type Exit, UsageError } from "../exit";
import type { Asked, Role } from "./asked";
import { type Deployers, denyOthers } from "./deny";
import { policiesOf } from "./policy";
import { asJson, asPulumi, type Printed } from "./print";
import { type Host, trustOf } from "./trust";

export interface PermissionsOptions {
  readonly role: Role | "deny";
  /** The folder with the stack files. */
  readonly folder: string;
  readonly account: string;
  readonly application: string;
  readonly stateBucket?: string | undefined;
  readonly stateKey?: string | undefined;
  readonly previewBucket?: string | undefined;
  readonly previewKey?: string | undefined;
  readonly boundary?: string | undefined;
  readonly github?: string | undefined;
  readonly gitlab?: string | undefined;
  readonly gitlabInstance: string;
  readonly branch: string;
  readonly as: "json" | "pulumi";
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: (line: string) => void;
}

/** Prints policies and trust documents. Throws a `UsageError` that tells all that is wrong with what was typed. */
export function permissionsCommand(options: PermissionsOptions): Exit {
  const { role, folder, env = process.env, print = console.log } = options;
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || "";
  const problems = problemsOf(options, region);
  if (problems.length > 0) throw new UsageError("It is not known what to allow:", problems);
  const { account, application, stateBucket, stateKey, previewBucket, previewKey, boundary } = options;
  const rollout = loadRollout(folder);
  const place = { partition: partitionOf(region), region, account };
  const kept = { stateBucket, stateKey, previewBucket, previewKey };
  const asked: Asked = { ...place, rollout, application, ...kept, boundary };
  const name = (of: string) => `cutover-${rollout.name}-${of}`;
  const deployers: Deployers = { promote: name("promote"), breakGlass: name("break-glass") };
  const host = hostOf(options);
  const printed: Printed =
    role === "deny"
      ? { name: name("deny"), policies: [denyOthers(asked, deployers)] }
      : { name: name(role), policies: policiesOf(role, asked), trust: host && trustOf(role, host, asked) };
  print(options.as === "json" ? asJson(printed) : asPulumi(printed));
  return EXIT.ok;
}

/** What regions of a partition begin with. Source: the AWS SDK's own list of partitions (`@aws-sdk/core`). */
const PARTITIONS: readonly (readonly [begins: string, partition: string])[] = [
  ["cn-", "aws-cn"],
  ["us-gov-", "aws-us-gov"],
  ["eusc-", "aws-eusc"],
  ["us-iso-", "aws-iso"],
  ["us-isob-", "aws-iso-b"],
  ["eu-isoe-", "aws-iso-e"],
  ["us-isof-", "aws-iso-f"],
];

function partitionOf(region: string): string {
  return PARTITIONS.find(([begins]) => region.startsWith(begins))?.[1] ?? "aws";
}

function hostOf({ github, gitlab, gitlabInstance, branch }: PermissionsOptions): Host | undefined {
  if (github !== undefined) return { kind: "github", repository: github };
  if (gitlab !== undefined) return { kind: "gitlab", project: gitlab, instance: gitlabInstance, branch };
  return undefined;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const KEY = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/;

/** What a star in them would mean is never meant: a trust document would let in whoever names a repository so. */
const SHAPES: readonly (readonly [keyof PermissionsOptions, string, RegExp, string])[] = [
  ["account", "--account", /^\d{12}$/, "Give its twelve digits"],
  [
    "application",
    "--application",
    /^(?:\*|[a-z0-9]{4,7})$/,
    "Give its id, as the baseline's output applicationId has it",
  ],
  ...(["state", "preview"] as const).flatMap((of) => [
    [`${of}Bucket`, `--${of}-bucket`, BUCKET, "Give its name, without s3://"] as const,
    [`${of}Key`, `--${of}-key`, KEY, "Give the key's ARN: an alias is none that a policy can name"] as const,
  ]),
  ["boundary", "--boundary", /^arn:aws[a-z-]*:iam::\d{12}:policy\/[\w+=,.@/-]+$/, "Give the policy's ARN"],
  ["github", "--github", /^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/, "Give it as OWNER/NAME"],
  ["gitlab", "--gitlab", /^[\w.-]+(?:\/[\w.-]+)+$/, "Give it as GROUP/PROJECT"],
  ["gitlabInstance", "--gitlab-instance", /^[a-z0-9.-]+$/, "Give its host, without https://"],
  ["branch", "--branch", /^[\w./-]+$/, "Give one branch by its name"],
];

function problemsOf(options: PermissionsOptions, region: string): Problem[] {
  const problems = SHAPES.flatMap(([key, where, shape, remedy]): Problem[] => {
    const value = options[key];
    return typeof value !== "string" || shape.test(value)
      ? []
      : [{ where, what: `is ${JSON.stringify(value)}`, remedy }];
  });
  if (!/^[a-z]{2,}(?:-[a-z]+)+-\d+$/.test(region))
    problems.push({
      where: "--region",
      what: region === "" ? "is missing" : `is ${JSON.stringify(region)}`,
      remedy: "Name the AWS region, or set AWS_REGION",
    });
  if (options.role === "deny" && options.application === "*")
    problems.push({
      where: "--application",
      what: "is missing: the promoters of every other AppConfig application in the account would be denied, too",
      remedy: "Give its id, as the baseline's output applicationId has it",
    });
  if (options.github !== undefined && options.gitlab !== undefined)
    problems.push({
      where: "--gitlab",
      what: "is given beside --github",
      remedy: "Print one after the other",
    });
  return problems;
}
