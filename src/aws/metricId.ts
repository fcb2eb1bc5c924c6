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

/** Dimensions as CloudWatch's calls take them, in the order of their names. */
export function dimensionList(
  given: Readonly<Record<string, string>> = {},
): { Name: string; Value: string }[] {
  return Object.entries(given)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([Name, Value]) => ({ Name, Value }));
}

/** The same from what its calls answer. */
export function dimensionsOf(
  list: readonly { readonly Name?: string | undefined; readonly Value?: string | undefined }[],
): Record<string, string> {
  return Object.fromEntries(list.map(({ Name = "", Value = "" }) => [Name, Value]));
}
