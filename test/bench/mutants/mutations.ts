import { milliseconds } from "../../../src/text/duration";

/** One value of a stack file, by where it stands. */
export interface Leaf {
  readonly key: string;
  /** The key of the map or list around it. */
  readonly parent: string;
  readonly value: unknown;
}

/** What else is known of the rollout, so that a name can be taken for another one of its kind. */
export interface Names {
  readonly metrics: readonly string[];
  readonly topics: readonly string[];
  readonly roles: readonly string[];
  readonly stages: readonly string[];
}

const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  action: ["rollback", "page"],
  whenIrreversible: ["revert", "freeze"],
  missingData: ["breaching", "notBreaching", "ignore", "missing"],
  period: ["10s", "30s", "1m", "5m", "10m"],
  quantity: ["percent", "share", "count", "signed"],
  part: ["first quarter", "last quarter"],
  method: ["GET", "POST", "PUT", "PATCH"],
  date: ["http", "structured"],
  zone: ["Europe/Berlin", "Europe/London", "America/New_York"],
};
const STATISTICS = ["Sum", "Average", "Minimum", "Maximum", "SampleCount", "p90", "p95", "p99"];
/** Edges of a bound: the same number, let in or kept out; and the other side of it. */
const BOUNDS: Readonly<Record<string, readonly string[]>> = {
  gt: ["gte", "lt"],
  gte: ["gt", "lte"],
  lt: ["lte", "gt"],
  lte: ["lt", "gte"],
  eq: ["ne"],
  ne: ["eq"],
};
/** A day of the calendar, and a time of day. */
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^(\d{2}):(\d{2})$/;
const DURATION = /^(\d{1,9})(ms|s|m|h|d)$/;

/** Every other value that a value could have been written as, by mistake. */
export function othersThan({ key, parent, value }: Leaf, names: Names): unknown[] {
  if (typeof value === "boolean") return [!value];
  if (typeof value === "number") return numbersBeside(value);
  if (typeof value !== "string") return [];
  const among = (all: readonly string[]) => all.filter((one) => one !== value);
  if (ACTIONS[key]?.includes(value)) return among(ACTIONS[key]);
  if (key === "statistic") return among(STATISTICS);
  if (key === "name" || key === "samplesFrom") return [...among(names.metrics), `${value}X`];
  if (key === "as") return among(names.roles);
  if (key === "predecessor" || key === "floor") return among(names.stages);
  if (parent === "to") return among(names.topics);
  if (key === "query") return queriesBeside(value);
  if (key === "value" || key === "expression") return expressionsBeside(value);
  if (DAY.test(value)) return [new Date(Date.parse(value) + 86_400_000).toISOString().slice(0, 10)];
  if (TIME.test(value)) return timesBeside(value);
  if (value === "soak") return ["1h"];
  if (DURATION.test(value)) return durationsBeside(value);
  const inside = /^\{(.+)\}$/.exec(value)?.[1];
  if (inside === "from" || inside === "to") return [inside === "from" ? "{to}" : "{from}"];
  if (inside !== undefined && DURATION.test(inside)) return durationsBeside(inside).map((one) => `{${one}}`);
  return [`${value}X`];
}

/** Other names of the key that a bound stands under. */
export const edgesOf = (key: string): readonly string[] => BOUNDS[key] ?? [];

function numbersBeside(value: number): number[] {
  if (Number.isInteger(value)) return [value + 1, value - 1];
  return [value * 1.1, value * 0.9].map((one) => Number(one.toPrecision(6)));
}

function durationsBeside(text: string): string[] {
  const [, , unit = ""] = DURATION.exec(text) ?? [];
  const ms = milliseconds(text);
  return [`${2 * Number.parseInt(text, 10)}${unit}`, `${ms / 2}ms`];
}

/** An hour earlier, and later. */
function timesBeside(text: string): string[] {
  const [hour = 0, minute = 0] = text.split(":").map(Number);
  return [hour - 1, hour + 1].map((one) =>
    [one, minute].map((part) => String(part).padStart(2, "0")).join(":"),
  );
}

/** A JMESPath or a formula with one comparison, sign or name written otherwise. */
function expressionsBeside(text: string): string[] {
  const places: readonly (readonly [RegExp, (found: string) => string])[] = [
    [/>=|<=|!=|==|>|</g, (found) => COMPARISONS[found] ?? "=="],
    [/&&|\|\|/g, (found) => (found === "&&" ? "||" : "&&")],
    [/ [-+] /g, (found) => (found === " + " ? " - " : " + ")],
    [/\b[a-z][A-Za-z_]+\b(?!\()/g, (found) => `${found}X`],
  ];
  return places.flatMap(([pattern, put]) =>
    [...text.matchAll(pattern)].map(
      (found) => text.slice(0, found.index) + put(found[0]) + text.slice(found.index + found[0].length),
    ),
  );
}

/** What may be written otherwise in a statement: one place at a time. */
const IN_QUERY: readonly (readonly [pattern: RegExp, put: (found: string) => readonly string[]])[] = [
  [/(?<![\w$.'])\d+(?:\.\d+)?(?![\w'.])/g, (found) => numbersBeside(Number(found)).map(String)],
  [/(?<=interval ')\d+/g, (found) => [String(2 * Number(found)), String(Number(found) / 2)]],
  [/(?<='0)\d+(?=')/g, (found) => [String(Number(found) + 1)]],
  [/(?<![<>])(?:>=|<=|<>|=|>|<)/g, (found) => [COMPARISONS[found] ?? "="]],
  [/ [-+] /g, (found) => [found === " + " ? " - " : " + "]],
  [/\b(?:and|or)\b/g, (found) => [found === "and" ? "or" : "and"]],
  [/\bnot exists\b/g, () => ["exists"]],
  [/\bis null\b/g, () => ["is not null"]],
  [/\$\d/g, (found) => [found === "$1" ? "$2" : "$1"]],
  [/\bcoalesce\((\w+), \d+\)/g, (found) => [found.slice("coalesce(".length).split(",")[0] ?? ""]],
];
const COMPARISONS: Readonly<Record<string, string>> = {
  ">=": ">",
  "<=": "<",
  ">": ">=",
  "<": "<=",
  "=": "<>",
  "<>": "=",
  "!=": "==",
  "==": "!=",
};

function queriesBeside(query: string): string[] {
  const others = IN_QUERY.flatMap(([pattern, put]) =>
    [...query.matchAll(pattern)].flatMap((found) =>
      put(found[0]).map(
        (one) => query.slice(0, found.index) + one + query.slice(found.index + found[0].length),
      ),
    ),
  );
  return [...new Set(others)].filter((one) => one !== query);
}
