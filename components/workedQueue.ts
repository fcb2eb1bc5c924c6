import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { WorkedQueue } from "../src/lambda/queueWorker";
import { declareDeadLetterQueue } from "./handler";

/** A queue that a function works through (`QueueWorker`), and where what it refused waits for somebody. */
export interface Worked {
  /** What it is of. */
  readonly name: string;
  /** The queue's own name. */
  readonly called: string;
  readonly queue: aws.sqs.Queue;
  readonly deadLetterQueue: aws.sqs.Queue;
}

/** A function that works through queues, and what its role may do. */
export interface Worker {
  readonly fn: aws.lambda.Function;
  readonly policy: aws.iam.RolePolicy;
}

/**
 * @param visibilitySeconds after which what nobody put off comes back
 * @param tries how often it is received before it lies in the dead-letter queue
 */
export function declareWorkedQueue(
  resourceName: string,
  { name, called }: Pick<Worked, "name" | "called">,
  { visibilitySeconds, tries }: { readonly visibilitySeconds: number; readonly tries: number },
  opts: pulumi.CustomResourceOptions,
): Worked {
  const deadLetterQueue = declareDeadLetterQueue(resourceName, `${called}-dlq`, opts);
  const queue = new aws.sqs.Queue(
    resourceName,
    {
      name: called,
      visibilityTimeoutSeconds: visibilitySeconds,
      redrivePolicy: deadLetterQueue.arn.apply((deadLetterTargetArn) =>
        JSON.stringify({ deadLetterTargetArn, maxReceiveCount: tries }),
      ),
    },
    opts,
  );
  return { name, called, queue, deadLetterQueue };
}

/** Has a function work through a queue. */
export function feedTo(
  resourceName: string,
  { queue }: Pick<Worked, "queue">,
  { fn, policy }: Worker,
  opts: pulumi.CustomResourceOptions,
): void {
  new aws.lambda.EventSourceMapping(
    resourceName,
    {
      eventSourceArn: queue.arn,
      functionName: fn.arn,
      // One that has to wait holds up no other one.
      batchSize: 1,
      functionResponseTypes: ["ReportBatchItemFailures"],
      // The fewest that AWS takes: a flood here leaves the account's functions alone, the abort switch's above all.
      scalingConfig: { maximumConcurrency: 2 },
    },
    // AWS looks whether the role may read the queue.
    { ...opts, dependsOn: policy },
  );
}

/** As its function knows it. */
export function workedOf({ name, queue, deadLetterQueue }: Worked): pulumi.Output<WorkedQueue> {
  return pulumi
    .all([queue.arn, queue.url, deadLetterQueue.url])
    .apply(([queueArn, queueUrl, deadLetterQueueUrl]) => ({ name, queueArn, queueUrl, deadLetterQueueUrl }));
}
