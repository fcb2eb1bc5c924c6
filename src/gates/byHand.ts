import { askedByAddress } from "../flags/servers";
import { addressOf } from "../text/address";
import { keysIn } from "../text/dotted";
import { DATABASE_URL, DOWN_SINCE, LIVE_SINCE, word, wordWith } from "../text/shell";
import { sqlName } from "../text/sqlName";
import { curlLine, TOLD } from "./curl";
import type { Hand } from "./hand";
import type { HttpRequest } from "./request";

type Value = string | number | boolean;

/** A query of a gate, as a person types it. */
export interface Asked {
  readonly query: string;
  readonly values: readonly Value[];
  /** How far back `{from}` lies: a duration, or `soak`. */
  readonly window?: string | undefined;
}

const UNITS = { ms: "milliseconds", s: "seconds", m: "minutes", h: "hours", d: "days" } as const;

/** A duration as PostgreSQL reads it: `24 hours`. */
function interval(duration: string): string {
  return duration.replace(/^(\d+)(ms|s|m|h|d)$/, (_, count: string, unit: keyof typeof UNITS) => {
    return `${count} ${count === "1" ? UNITS[unit].slice(0, -1) : UNITS[unit]}`;
  });
}

/** A value of a query as SQL. A quoted literal has no type of its own, like the parameter that it stands for. */
function literal(value: Value, window: string | undefined): string {
  if (value === "{to}") return "now()";
  // Set anew after the line that brings the flags down.
  if (value === "{down}") return `'$${DOWN_SINCE}'`;
  if (value === "{from}")
    return window === undefined || window === "soak"
      ? `'$${LIVE_SINCE}'`
      : `(now() - interval '${interval(window)}')`;
  const length = typeof value === "string" ? /^\{(\d{1,9}(?:ms|s|m|h|d))\}$/.exec(value)?.[1] : undefined;
  return `'${length === undefined ? String(value).replaceAll("'", "''") : interval(length)}'`;
}

/** Texts, names in quotes and comments, in which `$1` is no parameter; or a parameter. */
const PARAMETER = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$(\d+)/g;

/** The query with its values in place of `$1`, `$2` …. */
export function written({ query, values, window }: Asked): string {
  return query.replace(PARAMETER, (found, index: string | undefined) => {
    const value = index === undefined ? undefined : values[Number(index) - 1];
    return value === undefined ? found : literal(value, window);
  });
}

/** A query of a gate, typed: as a login that may read the tables. It prints the bare value. */
export function psql(asked: Asked, { schema }: Pick<Hand, "schema">): string {
  const query = written(asked);
  // Within the one transaction that a single argument is: a pooler takes no `PGOPTIONS`, and keeps no setting.
  const [quiet, sql] =
    schema === undefined || schema === "public"
      ? ["", query]
      : ["q", `set local search_path = ${sqlName(schema)}; ${query}`];
  return `psql "$${DATABASE_URL}" -X${quiet}Atc ${wordWith(sql, LIVE_SINCE, DOWN_SINCE)}`;
}

/**
 * A request, typed, with the status and the time it took on the terminal beside the answer.
 *
 * @param value where in the answer's JSON the value stands that counts: the answer is cut down to it
 */
export function curl(
  base: string,
  { method = "GET", ...rest }: Omit<HttpRequest, "method"> & Partial<Pick<HttpRequest, "method">>,
  value?: string,
): string {
  const output = value === undefined ? ["-o", "/dev/null"] : [];
  const line = curlLine({ method, ...rest }, base, [...output, ...TOLD]);
  return value === undefined ? line : `${line} | jq ${word(jqPath(value))}`;
}

/** A dotted path of a JSON document in the words of `jq`. */
function jqPath(path: string): string {
  const steps = keysIn(path).map((key) => {
    if (/^[A-Za-z_]\w*$/.test(key)) return `.${key}`;
    return `[${/^\d+$/.test(key) ? key : JSON.stringify(key)}]`;
  });
  return steps[0]?.startsWith(".") ? steps.join("") : `.${steps.join("")}`;
}

/** Every server is asked for its flags, one line each. */
export function serverLines({ servers }: Pick<Hand, "servers">): string[] {
  if (!servers) return [];
  const { urls, path, at } = servers;
  return [
    ...urls.map((url) => `curl -sS ${word(addressOf(url, path).href)} | jq ${word(jqPath(at))}`),
    ...askedByAddress(servers).map(({ cluster, service, port, scheme }) => {
      const [of, name] = [word(cluster), word(service)];
      const tasks = `aws ecs list-tasks --cluster ${of} --service-name ${name} --query 'taskArns[]' --output text`;
      const addresses = `aws ecs describe-tasks --cluster ${of} --tasks $(${tasks}) --query "tasks[].attachments[].details[?name=='privateIPv4Address'].value" --output text`;
      const ask = `curl -sS "${scheme}://$address:${port}"${word(path)} | jq ${word(jqPath(at))}`;
      return `for address in $(${addresses}); do\n  ${ask}\ndone`;
    }),
  ];
}

/** What is typed on a server that reads its flags from its environment. */
export function environmentLine(flags: readonly string[]): string {
  return `printenv ${flags.map(word).join(" ")}`;
}
