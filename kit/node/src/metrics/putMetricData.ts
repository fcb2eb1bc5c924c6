import { type Datum, type Sink, Unsendable } from "./datum";

/** Data of one request: with 150 values each they stay below its limit of 1 MB. Source: PutMetricData. */
const MOST = 150;

/** What of AWS's client is used: `CloudWatchClient` of `@aws-sdk/client-cloudwatch` has it. */
export interface CloudWatchSender {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own types would make it a dependency of who does without
  send(command: any, options?: { abortSignal?: AbortSignal }): Promise<any>;
  destroy?(): void;
}

/**
 * Publishes by PutMetricData. It needs `@aws-sdk/client-cloudwatch`, which is loaded when it first sends, and the
 * permission `cloudwatch:PutMetricData`.
 *
 * @param options.client default: one of the environment's region and credentials. Who gives one ends it
 */
export function putMetricData({
  namespace,
  client,
}: {
  readonly namespace: string;
  readonly client?: CloudWatchSender;
}): Sink {
  let own: CloudWatchSender | undefined;
  /** What of the period under way has been sent already: a second try must not count it twice. */
  const sent = new WeakMap<readonly Datum[], number>();
  return {
    async send(data, signal) {
      const { CloudWatchClient, PutMetricDataCommand } = await import("@aws-sdk/client-cloudwatch");
      if (!client && !own) own = new CloudWatchClient({ maxAttempts: 1 });
      for (let start = sent.get(data) ?? 0; start < data.length; start += MOST) {
        const part = data.slice(start, start + MOST) as Datum[];
        try {
          await (client ?? (own as CloudWatchSender)).send(
            new PutMetricDataCommand({ Namespace: namespace, MetricData: part }),
            { abortSignal: signal },
          );
        } catch (error) {
          throw isRefused(error)
            ? new Unsendable(`CloudWatch refuses the data: ${(error as Error).name}`)
            : error;
        }
        sent.set(data, start + MOST);
      }
    },
    close() {
      own?.destroy?.();
      own = undefined;
    },
  };
}

/** Whether the same data would be refused again; whom it was refused for want of a permission may get that. */
function isRefused(error: unknown): boolean {
  return (
    error instanceof Error && /^(Invalid(Parameter|Format)|MissingRequired|MissingParameter)/.test(error.name)
  );
}
