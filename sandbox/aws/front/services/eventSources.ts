import type { Input, Scope } from "../call";
import { numberOf, type Rule, textOf } from "../rule";
import type { Upstream } from "../upstream";
import { notAllowed } from "./roles";

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
    refuses: "a function whose role may not read the queue",
    code: "InvalidParameterValueException",
    operations: ["CreateEventSourceMapping"],
    when: async ({ EventSourceArn, FunctionName }, { scope }, { upstream }) => {
      const queue = textOf(EventSourceArn);
      if (queue === undefined || queueIn(queue) === undefined) return undefined;
      const { Role } = await functionOf(textOf(FunctionName), scope, upstream);
      const missing = await notAllowed(String(Role), READS, scope, upstream, queue);
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

function functionOf(name: string | undefined, scope: Scope, upstream: Upstream): Promise<Input> {
  const short = name?.split(":function:").at(-1)?.split(":")[0] ?? "";
  return upstream.get("lambda", `/2015-03-31/functions/${short}/configuration`, scope);
}

async function visibilityOf(
  QueueName: string,
  scope: Scope,
  upstream: Upstream,
): Promise<number | undefined> {
  const { QueueUrl } = await upstream.call("sqs", "GetQueueUrl", { QueueName }, scope);
  const asked = { QueueUrl, AttributeNames: ["VisibilityTimeout"] };
  const { Attributes } = await upstream.call("sqs", "GetQueueAttributes", asked, scope);
  const seconds = Number((Attributes as Input | undefined)?.VisibilityTimeout ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
}
