import { short } from "../text/command";
import { type Problem, reasonOf } from "../text/problem";

/** A call that AWS did not allow, as far as its words tell. */
export interface Denied {
  /** As IAM names it: `appconfig:StartDeployment`. */
  readonly action?: string | undefined;
  /** An ARN, mostly. */
  readonly resource?: string | undefined;
  /** The ARN of who called. */
  readonly identity?: string | undefined;
  /** Why, in AWS's words: `no identity-based policy allows the appconfig:StartDeployment action`. */
  readonly because?: string | undefined;
}

/** What was called, as the SDK names it. */
export interface Called {
  /** `AppConfigClient` */
  readonly clientName?: string | undefined;
  /** `StartDeploymentCommand` */
  readonly commandName?: string | undefined;
}

/** What `cutover permissions` prints policies for. */
export type PrintedRole =
  | "measure"
  | "preview"
  | "drift"
  | "promote"
  | "break-glass"
  | "doctor"
  | "retire"
  | "backup";

/** For whom this process calls AWS; undefined in a function, whose role `pulumi up` declares. */
let role: PrintedRole | undefined;

/** From now on whoever lacks a permission is told that this role's policies have it. */
export function callsFor(given: PrintedRole | undefined): void {
  role = given;
}

/** For whom this process calls AWS, as it said. */
export function calledFor(): PrintedRole | undefined {
  return role;
}

/** Names of errors that say so. Sources: the API references of the services that are called, "Common errors". */
const NAMES =
  /^(?:Client\.)?(?:(?:KMS)?AccessDenied(?:Exception)?|UnauthorizedOperation|AuthorizationError(?:Exception)?)$/;

/**
 * The sentence that AWS says it in, as its services have it. Words after it differ: `because no … policy allows …`,
 * `with an explicit deny in …`, or nothing.
 * Source: IAM user guide, "Troubleshoot access denied error messages".
 */
const SENTENCE =
  /User: (\S+) is not authorized to perform: ([\w-]+:\w+)(?: on (?:the )?(?:resource: )?"?(arn:[^\s"]+?|\*)"?)?(?=[\s.,;)]|$)/;
const REASON =
  /because (no .+? allows the \S+ action|[^.;]+)|(with an explicit deny(?: in (?:an?|the) [\w -]+?(?:policy|boundary))?)/;

/** Whether an error of that name, without a client's prefix, says that something is not allowed. */
export function isDenial(name: string): boolean {
  return NAMES.test(name);
}

/** What AWS did not allow; undefined for any other error. Where its words are others, the call says what it was. */
export function deniedIn(error: unknown, called: Called = {}): Denied | undefined {
  const { name = "" } = (error ?? {}) as { name?: string };
  const words = reasonOf(error);
  const found = SENTENCE.exec(words);
  // Of other words nothing is lost: they are told as they are.
  if (!found) return isDenial(name) ? { action: actionOf(called), because: words } : undefined;
  const [sentence, identity, action, resource] = found;
  const [, because, deny] = REASON.exec(words.slice(found.index + sentence.length)) ?? [];
  return { identity, action: actionOf(called, action), resource, because: because ?? deny };
}

/** Some services write their own action in lower case, or another prefix in capitals: the call's own name is IAM's. */
export function actionOf({ clientName = "", commandName = "" }: Called, said?: string): string | undefined {
  const prefix = PREFIX[clientName.replace(/Client$/, "")];
  const operation = commandName.replace(/Command$/, "");
  if (prefix === undefined || operation === "") return said;
  const own = `${prefix}:${operation === "Invoke" ? "InvokeFunction" : operation}`;
  // What a call needs beside itself, such as iam:PassRole or kms:Decrypt, only its words name.
  return said === undefined || said.toLowerCase() === own.toLowerCase() ? own : said;
}

/** As IAM names the services of these clients. Source: Service Authorization Reference. */
const PREFIX: Readonly<Record<string, string>> = {
  AppConfig: "appconfig",
  AppConfigData: "appconfig",
  CloudWatch: "cloudwatch",
  CloudWatchLogs: "logs",
  EC2: "ec2",
  ECS: "ecs",
  EventBridge: "events",
  IAM: "iam",
  KMS: "kms",
  Lambda: "lambda",
  RDS: "rds",
  S3: "s3",
  SNS: "sns",
  SQS: "sqs",
  STS: "sts",
  Scheduler: "scheduler",
  SecretsManager: "secretsmanager",
};

/** What is told of a missing permission. */
export type DeniedTold = Omit<Problem, "where">;

/** A missing permission for people: which action, on what, by whom; and what prints the policy that has it. Pure. */
export function tellDenied(denied: Denied, as: PrintedRole | undefined): DeniedTold {
  const { action, resource, identity, because } = denied;
  const why = because === undefined ? "" : ` (${because})`;
  return {
    what: `AWS does not let ${identity ?? "whoever calls"} do ${action ?? "this"}${resource === undefined ? "" : ` on ${resource}`}${why}`,
    remedy: remedyFor(denied, as),
  };
}

/** Other policies than those of a role that have to let it pass, too. */
const BEYOND =
  /(?:permissions boundary|service control policy|resource control policy|session policy|VPC endpoint policy|resource-based policy)/;

function remedyFor(
  { action = "", because = "", identity = "" }: Denied,
  as: PrintedRole | undefined,
): string {
  const [beyond] = BEYOND.exec(because) ?? [];
  const account = /^arn:[^:]+:[^:]+::(\d{12}):/.exec(identity)?.[1];
  if (/explicit deny/.test(because))
    return `Have the deny lifted by whoever keeps ${beyond === undefined ? "that policy" : `the ${beyond}`}: no other policy counts against it`;
  if (/^sts:AssumeRole/.test(action))
    return `Let the trust document of that role admit whoever calls: with --github or --gitlab, ${short.permissions(as ?? "promote", account)} prints it`;
  if (beyond !== undefined) return `Have it allowed in the ${beyond} as well`;
  if (as === undefined) return "Run pulumi up of its stack again: that writes the role's policy";
  return `Give it the policies that ${short.permissions(as, account)} prints`;
}

/** Told once of an error, however often it is handed on. */
const told = new WeakMap<object, DeniedTold>();

/** What was told of an error that came from AWS; undefined where it is about something else. */
export function deniedTold(error: unknown): DeniedTold | undefined {
  return typeof error === "object" && error !== null ? told.get(error) : undefined;
}

/** Puts an error of AWS's into words for people, where it is about a missing permission. The same error. */
export function withDenied<E>(error: E, called: Called): E {
  // Whoever may not take a role is told of its trust policy, by whoever takes it: no policy that is printed mends that.
  if (called.clientName === "STSClient") return error;
  const denied = error instanceof Error ? deniedIn(error, called) : undefined;
  if (!denied || told.has(error as object)) return error;
  const words = tellDenied(denied, role);
  told.set(error as object, words);
  (error as Error).message = `${words.what}. ${words.remedy}`;
  return error;
}
