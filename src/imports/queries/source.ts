import type { ImportsConfig } from "../../rollout/config/imports";
import { ident, literal } from "../quote";

/** The mapped table as SQL: its parts, for the functions to be put together from. */
export interface Source {
  /** `FROM` this. Columns are qualified by `i`. */
  readonly table: string;
  /** Started within the arguments $1 and $2. An index on the start serves it. */
  readonly inWindow: string;
  readonly id: string;
  readonly error: string;
  /** The start with its time zone. */
  readonly started: string;
  /** A moment (an expression with time zone) as it is compared with the start column itself, so that an index serves. */
  readonly startedIs: (comparison: "<" | "<=" | ">=" | ">", moment: string) => string;
  readonly failed: string;
  /** Not finished yet; also with a status that is not mapped, as long as there is no end. */
  readonly open: string;
  /**
   * `FROM` this: the imports of the window as `r`, with the columns `state` (succeeded, failed, running, ignored; null
   * for a status that is not mapped, or none), `open`, `started`, `ended` (where nobody wrote down when, its start; null
   * for one that has not ended), `version` (v1, v2, other or none) and `seconds` (how long it took: null for one that has
   * not ended or lacks a time, negative under clock skew). Each is worked out once for an import, however often it is
   * counted; those that nobody asks for are not worked out at all.
   */
  readonly rows: string;
  /** The same of the imports for which a condition holds. */
  readonly rowsWhere: (condition: string) => string;
  readonly hasVersion: boolean;
}

/** The names of `rows.version` for imports without a version, and with one that is not mapped. */
export const NO_VALUE = "none";
export const OTHER_VALUE = "other";

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
  const open = `(${among(statuses.running)} or (${mapped} is not true and ${finished} is null))`;
  const startedIs: Source["startedIs"] = (comparison, moment) =>
    `${column(columns.started)} ${comparison} ${zoned(moment)}`;
  const inWindow = `${startedIs(">=", "$1")} and ${startedIs("<", "$2")}`;
  const states = Object.entries(statuses).map(([state, values]) => `when ${among(values)} then '${state}'`);
  const version = columns.version === undefined ? undefined : `${column(columns.version)}::text`;
  const versionName =
    version === undefined
      ? `'${NO_VALUE}'`
      : `case when ${version} = ${literal(versions.v1)} then 'v1' when ${version} = ${literal(versions.v2)} then 'v2' when ${version} is null then '${NO_VALUE}' else '${OTHER_VALUE}' end`;
  // An infinite time takes no part: older servers fail on it, and with it the whole answer would.
  const seconds = `case when ${ended} and isfinite(${started}) and isfinite(${finished}) then date_part('epoch', ${finished} - ${started}) end`;
  const end = `case when ${ended} then case when isfinite(${finished}) then ${finished} else ${started} end end`;
  const name = `${ident(schema)}.${ident(table)} as i`;
  // `offset 0` keeps the planner from working each column out anew wherever it is named.
  const rowsWhere = (condition: string) => `(
    select case ${states.join(" ")} end as state,
           ${open} as open,
           ${started} as started,
           ${end} as ended,
           ${versionName} as version,
           ${seconds} as seconds
      from ${name}
     where ${condition}
    offset 0
  ) as r`;
  return {
    table: name,
    inWindow,
    id: `${column(columns.id)}::text`,
    error: `${column(columns.error)}::text`,
    started,
    startedIs,
    failed: among(statuses.failed),
    open,
    rows: rowsWhere(inWindow),
    rowsWhere,
    hasVersion: version !== undefined,
  };
}

/** How many of a group stand how. The columns that Q1, Q5 and Q6 share. */
export const COUNTS = `count(*) as imports,
         count(*) filter (where r.state = 'succeeded') as succeeded,
         count(*) filter (where r.state = 'failed') as failed,
         count(*) filter (where r.state = 'running') as running,
         count(*) filter (where r.state is null) as unmapped`;

/** Percent of those that ended; null where none did, which no gate takes for a pass. */
export function successRate(group: string): string {
  return `100.0::double precision * ${group}.succeeded / nullif(${group}.succeeded + ${group}.failed, 0)`;
}
