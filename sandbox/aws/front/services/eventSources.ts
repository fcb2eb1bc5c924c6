import type { Scope } from "../call";
import { listOf, numberOf, type Rule, textOf } from "../rule";
import { type Upstream, UpstreamError } from "../upstream";

/** Above this a batching window is needed, and a FIFO queue has no more. */
const SMALL_BATCH = 10;
/** What Lambda calls on a queue that it reads. */
const READS = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"] as const;
const GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg/";

/** What AWS refuses of a function that reads a queue. Other sources pass. */
export const EVENT_SOURCES: readonly Rule[] = [
  {
    id: "lambda-source-batch",
    refuses: `batches of more than ${SMALL_BATCH} messages of a FIFO queue, or without a batching window of at least a second`,
    code: "InvalidParameterValueException",
    operations: ["CreateEventSourceMapping"],
    when: ({ EventSourceArn, BatchSize, MaximumBatchingWindowInSeconds }) => {
      const queue = queueIn(EventSourceArn);
      if (queue === undefined || (numberOf(BatchSize) ?? 0) <= SMALL_BATCH) return undefined;
      if (queue.endsWith(".fifo"))
        return `Batch size for FIFO queues must be less than or equal to ${SMALL_BATCH}.`;
      return (numberOf(MaximumBatchingWindowInSeconds) ?? 0) >= 1
        ? undefined
        : `Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than ${SMALL_BATCH}`;
    },
  },
  {
    id: "lambda-source-visibility",
    source: `${GUIDE}services-sqs-configure.html`,
    refuses: "a queue whose messages are seen again before the function's timeout is over",
    code: "InvalidParameterValueException",
    operations: ["CreateEventSourceMapping"],
    when: async ({ EventSourceArn, FunctionName }, { scope }, { upstream }) => {
      const queue = queueIn(EventSourceArn);
      if (queue === undefined) return undefined;
      const [visible, timeout] = await Promise.all([
        visibilityOf(queue, scope, upstream),
        functionOf(textOf(FunctionName), scope, upstream).then(({ Timeout }) => numberOf(Timeout)),
      ]);
      return visible !== undefined && timeout !== undefined && visible < timeout
        ? `Queue visibility timeout: ${visible} seconds is less than Function timeout: ${timeout} seconds`
        : undefined;
    },
  },
  {
    id: "lambda-source-role",
    source: `${GUIDE}with-sqs.html`,
    refuses:
      "a function whose role may not read the queue (by its inline policies, where it has no managed one)",
    code: "InvalidParameterValueException",
    operations: ["CreateEventSourceMapping"],
    when: async ({ EventSourceArn, FunctionName }, { scope }, { upstream }) => {
      const queue = textOf(EventSourceArn);
      if (queue === undefined || queueIn(queue) === undefined) return undefined;
      const { Role } = await functionOf(textOf(FunctionName), scope, upstream);
      const missing = await notAllowed(textOf(Role), queue, scope, upstream);
      return missing === undefined
        ? undefined
        : `The provided execution role does not have permissions to call ${missing.replace("sqs:", "")} on SQS`;
    },
  },
];

/** The name of the queue that an ARN is of. */
function queueIn(arn: unknown): string | undefined {
  return /^arn:[^:]+:sqs:[^:]*:[^:]*:([^:]+)$/.exec(textOf(arn) ?? "")?.[1];
}

/** Nothing where there is no such function: that is said by the service itself. */
async function functionOf(
  name: string | undefined,
  scope: Scope,
  upstream: Upstream,
): Promise<Record<string, unknown>> {
  const short = name?.split(":function:").at(-1)?.split(":")[0] ?? "";
  return there(upstream.get("lambda", `/2015-03-31/functions/${short}/configuration`, scope), {});
}

async function visibilityOf(
  QueueName: string,
  scope: Scope,
  upstream: Upstream,
): Promise<number | undefined> {
  const { QueueUrl } = await there(upstream.call("sqs", "GetQueueUrl", { QueueName }, scope), {});
  if (QueueUrl === undefined) return undefined;
  const asked = { QueueUrl, AttributeNames: ["VisibilityTimeout"] };
  const { Attributes } = await there(upstream.call("sqs", "GetQueueAttributes", asked, scope), {});
  const seconds = Number(
    (Attributes as Record<string, unknown> | undefined)?.VisibilityTimeout ?? Number.NaN,
  );
  return Number.isFinite(seconds) ? seconds : undefined;
}

/** What a role may not do on a queue; undefined where it may do all, or has a managed policy, which is not read. */
async function notAllowed(
  role: string | undefined,
  queue: string,
  scope: Scope,
  upstream: Upstream,
): Promise<string | undefined> {
  const RoleName = role?.split("/").at(-1) ?? "";
  const ask = (Action: string, more: Readonly<Record<string, string>> = {}) =>
    there(upstream.query("iam", { Action, Version: "2010-05-08", RoleName, ...more }, scope), undefined);
  const [attached, inline] = await Promise.all([ask("ListAttachedRolePolicies"), ask("ListRolePolicies")]);
  if (inline === undefined || /<PolicyArn>/.test(attached ?? "")) return undefined;
  const names = [...inline.matchAll(/<member>([^<]+)<\/member>/g)].map(([, name = ""]) => name);
  const documents = await Promise.all(names.map((PolicyName) => ask("GetRolePolicy", { PolicyName })));
  const allowed = documents.flatMap((said) => allowedBy(said ?? "", queue));
  return READS.find((action) => !allowed.some((pattern) => covers(pattern, action)));
}

interface Statement {
  readonly Effect?: string;
  readonly Action?: unknown;
  readonly Resource?: unknown;
}

/** The actions that a policy allows on a queue. */
function allowedBy(said: string, queue: string): string[] {
  const text = decodeURIComponent(/<PolicyDocument>(.*?)<\/PolicyDocument>/s.exec(said)?.[1] ?? "{}");
  const { Statement = [] } = JSON.parse(text.replaceAll("&quot;", '"')) as {
    Statement?: Statement | Statement[];
  };
  return [Statement]
    .flat()
    .filter(({ Effect, Resource }) => Effect === "Allow" && many(Resource).some((one) => covers(one, queue)))
    .flatMap(({ Action }) => many(Action));
}

const many = (value: unknown): string[] => listOf([value].flat()).map(String);

/** IAM's wildcards: a star stands for any text, a question mark for one character. */
function covers(pattern: string, text: string): boolean {
  const escaped = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${escaped}$`, "i").test(text);
}

/** What the emulator does not have is nobody's mistake here. */
async function there<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof UpstreamError) return otherwise;
    throw error;
  }
}
