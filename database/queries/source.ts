import type { ImportsConfig } from "../../model/imports";
import { ident, literal } from "../quote";

/** The mapped table as SQL: its parts, for the functions to be put together from. Every column is qualified by `i`. */
export interface Source {
  /** `FROM` this. */
  readonly table: string;
  /** Started within the arguments $1 and $2. An index on the start serves it. */
  readonly inWindow: string;
  readonly id: string;
  readonly error: string;
  /** Start and end with their time zone. */
  readonly started: string;
  /** A moment (an expression with time zone) as it is compared with the start column itself, so that an index serves. */
  readonly startedIs: (comparison: "<" | "<=" | ">=" | ">", moment: string) => string;
  readonly succeeded: string;
  readonly failed: string;
  readonly ended: string;
  /** Not finished yet; also with a status that is not mapped, as long as there is no end. */
  readonly open: string;
  /** A status that is not mapped, or none. */
  readonly unmapped: string;
  readonly running: string;
  /** How long an import took, in seconds: null for one that has not ended or lacks a time. Negative under clock skew. */
  readonly seconds: string;
  /** The pipeline's version as text, where a column is mapped for it. */
  readonly version: string | undefined;
  readonly isV1: string;
  readonly isV2: string;
}

/** @param schema the schema that holds the user's table */
export function sourceOf(
  { table, columns, statuses, versions, timeZone }: ImportsConfig,
  schema: string,
): Source {
  const column = (name: string) => `i.${ident(name)}`;
  const zone = timeZone === undefined ? "" : ` at time zone ${literal(timeZone)}`;
  const zoned = (expression: string) => (zone === "" ? expression : `(${expression}${zone})`);
  const status = `${column(columns.status)}::text`;
  const among = (values: readonly string[]) =>
    values.length === 0 ? "false" : `${status} in (${values.map(literal).join(", ")})`;
  const mapped = among([...statuses.succeeded, ...statuses.failed, ...statuses.running, ...statuses.ignored]);
  const [started, finished] = [zoned(column(columns.started)), zoned(column(columns.finished))];
  const ended = among([...statuses.succeeded, ...statuses.failed]);
  const unmapped = `${mapped} is not true`;
  const startedIs: Source["startedIs"] = (comparison, moment) =>
    `${column(columns.started)} ${comparison} ${zoned(moment)}`;
  const version = columns.version === undefined ? undefined : `${column(columns.version)}::text`;
  return {
    table: `${ident(schema)}.${ident(table)} as i`,
    inWindow: `${startedIs(">=", "$1")} and ${startedIs("<", "$2")}`,
    id: `${column(columns.id)}::text`,
    error: `${column(columns.error)}::text`,
    started,
    startedIs,
    succeeded: among(statuses.succeeded),
    failed: among(statuses.failed),
    ended,
    running: among(statuses.running),
    open: `(${among(statuses.running)} or (${unmapped} and ${finished} is null))`,
    unmapped,
    // An infinite time takes no part: older servers fail on it, and with it the whole answer would.
    seconds: `case when ${ended} and isfinite(${started}) and isfinite(${finished}) then extract(epoch from ${finished} - ${started})::double precision end`,
    version,
    isV1: version === undefined ? "false" : `${version} = ${literal(versions.v1)}`,
    isV2: version === undefined ? "false" : `${version} = ${literal(versions.v2)}`,
  };
}

/** How many of a group stand how. The columns that Q1, Q5 and Q6 share. */
export function counts(source: Source): string {
  return [
    "count(*) as imports",
    `count(*) filter (where ${source.succeeded}) as succeeded`,
    `count(*) filter (where ${source.failed}) as failed`,
    `count(*) filter (where ${source.running}) as running`,
    `count(*) filter (where ${source.unmapped}) as unmapped`,
  ].join(",\n         ");
}

/** Percent of those that ended; null where none did, which no gate takes for a pass. */
export function successRate(group: string): string {
  return `100.0::double precision * ${group}.succeeded / nullif(${group}.succeeded + ${group}.failed, 0)`;
}
