type Tree = { [name: string]: Tree | string };

/** AWS's query protocol: `Metrics.member.1.Id=m1` is the `Id` of the first of `Metrics`. */
export function readQuery(text: string): Record<string, unknown> {
  const tree: Tree = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const path = name.split(".");
    let at = tree;
    for (const part of path.slice(0, -1)) {
      const next = at[part];
      const inner: Tree = typeof next === "object" ? next : {};
      at[part] = inner;
      at = inner;
    }
    at[path.at(-1) as string] = value;
  }
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, read(value, [name])]));
}

const NUMBERS =
  /^(Period|EvaluationPeriods|DatapointsToAlarm|Threshold|MaxRecords|MaxDatapoints|StorageResolution|SampleCount|Sum|Minimum|Maximum)$/;
const NUMBER_PATHS = /^(MetricData\.\d+\.Value|MetricData\.\d+\.(Values|Counts)\.\d+)$/;
const BOOLEANS = /^(ActionsEnabled|ReturnData|ReturnSubscriptionArn)$/;

function read(value: Tree | string, path: readonly string[]): unknown {
  if (typeof value === "string") {
    const name = path.at(-1) as string;
    if (NUMBERS.test(name) || NUMBER_PATHS.test(path.join("."))) return Number(value);
    return BOOLEANS.test(name) ? value === "true" : value;
  }
  if (typeof value.member === "object") {
    return Object.entries(value.member)
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([index, item]) => read(item, [...path, index]));
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, read(inner, [...path, name])]),
  );
}
