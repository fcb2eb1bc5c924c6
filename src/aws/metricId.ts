/** A metric as CloudWatch tells it from all others: one with other dimensions is another one. */
export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions?: Readonly<Record<string, string>> | undefined;
}

/** The same metric has the same key, in whatever order its dimensions are written. */
export function metricKey({ namespace, name, dimensions = {} }: MetricId): string {
  return JSON.stringify([namespace, name, ...Object.entries(dimensions).sort()]);
}
