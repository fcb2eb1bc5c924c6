import { PHASES } from "../../gates/common";
import type { Expectation } from "../../gates/expectation";
import { type GateDefinition, kindOf } from "../../gates/gate";
import type { AskedQuery } from "../../gates/kind";
import { isShared } from "../../gates/kinds/shared";
import { typeErrors } from "../../gates/reach";
import { counted } from "../../text/counted";
import { meant } from "../../text/nearest";
import { type Locate, type Problem, tellWhere } from "../../text/problem";
import type { DatabaseConfig } from "../config/database";
import { foregone, YES_OR_NO } from "../config/rowReach";
import type { StackConfig } from "../rollout";
import {
  columnNamesIn,
  columnsIn,
  greatestParameter,
  looksAtNothing,
  tablesIn,
  writingIn,
  yieldsBoolean,
} from "./statement";

/** A text as PostgreSQL's own parser reads it: its statements, or what is wrong with it in the parser's words. */
export type ParseSql = (
  query: string,
) => { readonly statements: readonly object[] } | { readonly error: string };

/** A query of a rollout, and where it is written. */
interface Written extends Omit<AskedQuery, "path"> {
  /** Of one that yields rows: the columns that each has to have. */
  readonly columns?: readonly string[] | undefined;
  /** Of an abort row's. */
  readonly threshold?: Parameters<typeof foregone>[0] | undefined;
  readonly stack: string;
  readonly path: readonly string[];
}

/** Queries that the gates' session would refuse, as far as their text and the stack files show it. */
export function queryProblems(stacks: readonly StackConfig[], parse: ParseSql, locate: Locate): Problem[] {
  const database = stacks.find(({ rollout }) => rollout)?.rollout?.database;
  return stacks
    .flatMap(queriesOf)
    .flatMap(({ stack, path, ...asked }) =>
      errorsOf(asked, parse, database).map((error) => ({ where: locate(stack, path), ...error })),
    );
}

/** Every query of a stack, each where it is written. */
function queriesOf({ stack, rollout, stage }: StackConfig): Written[] {
  const ofGate = (gate: GateDefinition, ...at: string[]): Written[] =>
    (kindOf(gate).queries?.(gate) ?? []).map(({ path, ...asked }) => ({
      ...asked,
      stack,
      path: [...at, ...path],
    }));
  const one = (
    asked: { query: string; values: AskedQuery["values"] } | undefined,
    ...at: string[]
  ): Written[] =>
    asked ? [{ query: asked.query, values: asked.values, stack, path: [...at, "query"] }] : [];
  return [
    ...Object.entries(rollout?.gates ?? {}).flatMap(([id, gate]) =>
      ofGate(gate, "cutover:rollout", "gates", id),
    ),
    ...one(rollout?.afterAbort?.inFlight, "cutover:rollout", "afterAbort", "inFlight"),
    ...PHASES.flatMap((section) =>
      Object.entries(stage?.[section] ?? {}).flatMap(([id, gate]) =>
        isShared(gate) ? [] : ofGate(gate, "cutover:stage", section, id),
      ),
    ),
    ...Object.entries(stage?.reconcile ?? {}).flatMap(([id, { first, second, key, changed }]) =>
      Object.entries({ first, second }).map(([side, { query }]): Written => {
        const columns = [key, ...(changed === undefined ? [] : [changed])];
        return { query, values: [], columns, stack, path: ["cutover:stage", "reconcile", id, side, "query"] };
      }),
    ),
    ...Object.entries(stage?.abort ?? {}).flatMap(([id, { probe, threshold }]) =>
      one(probe && "query" in probe ? probe : undefined, "cutover:stage", "abort", id, "probe").map(
        (asked) => ({ ...asked, decides: true, threshold }),
      ),
    ),
  ];
}

type QueryError = Omit<Problem, "where">;

const LITERAL: QueryError = {
  what: "looks at nothing: it yields the same whatever the database holds",
  remedy: "Count what is wrong, such as select count(*) from a table where …",
};

function errorsOf(
  { query, values, expect, columns, decides = false, threshold }: Omit<Written, "path" | "stack">,
  parse: ParseSql,
  database: DatabaseConfig | undefined,
): QueryError[] {
  const wrong = (what: string, remedy: string): QueryError[] => [{ what, remedy }];
  const parsed = parse(query);
  if ("error" in parsed) return wrong(`is no SQL: ${parsed.error}`, "Correct the query");
  const [statement, second] = parsed.statements;
  if (!statement || second)
    return wrong(
      statement ? `holds ${parsed.statements.length} statements` : "holds no statement",
      "Write one SELECT",
    );
  const writing = writingIn(statement);
  if (writing !== undefined)
    return wrong(`${writing}, and its session only reads`, "Write one SELECT that changes nothing");
  return [
    ...(columns === undefined ? ofColumns(statement) : ofNames(statement, columns)),
    ...tellWhere(decides && looksAtNothing(statement), LITERAL),
    ...ofType(statement, expect),
    ...ofThreshold(statement, threshold),
    ...ofValues(statement, values.length),
    ...ofTables(statement, database),
  ];
}

function ofType(statement: object, expect: Expectation | undefined): QueryError[] {
  if (!expect || !yieldsBoolean(statement)) return [];
  return typeErrors(expect, "true or false", "what it selects").map(({ path: _, ...error }) => error);
}

function ofThreshold(statement: object, threshold: Written["threshold"]): QueryError[] {
  const how = threshold && yieldsBoolean(statement) ? foregone(threshold, YES_OR_NO.values) : undefined;
  return tellWhere(how !== undefined, {
    what: `yields ${YES_OR_NO.words}, and the row's threshold is ${how} met`,
    remedy: YES_OR_NO.remedy,
  });
}

function ofColumns(statement: object): QueryError[] {
  const columns = columnsIn(statement);
  return tellWhere(columns !== undefined && columns !== 1, {
    what: `yields ${columns} columns, and one value is read`,
    remedy: "Select one column",
  });
}

/** What tells one row from another has to be there, once. */
function ofNames(statement: object, wanted: readonly string[]): QueryError[] {
  const names = columnNamesIn(statement);
  if (names === undefined) return [];
  return wanted.flatMap((name): QueryError[] => {
    const times = names.filter((one) => one === name).length;
    return tellWhere(times !== 1, {
      what: times === 0 ? `yields no column ${name}` : `yields the column ${name} ${times} times`,
      remedy: `Select it once, by this name: … as ${name}`,
    });
  });
}

/** PostgreSQL refuses a value too many as well as one that is missing. */
function ofValues(statement: object, given: number): QueryError[] {
  const named = greatestParameter(statement);
  return tellWhere(named !== given, {
    what: `${named === 0 ? "names no $1" : `names $${named}`}, and has ${counted(given, "value")}`,
    remedy: "Give each of $1, $2 … its value under values, and no other",
  });
}

/** Tables of other schemas are granted by nobody here: whoever names one has seen to it. */
function ofTables(statement: object, database: DatabaseConfig | undefined): QueryError[] {
  if (!database) return [];
  const { schema, reads, imports } = database;
  const known = [...reads, ...(imports ? [imports.table] : [])];
  const strange = tablesIn(statement)
    .filter((table) => table.schema === undefined || table.schema === schema)
    // What the server itself has is found before any other.
    .filter((table) => table.schema !== undefined || !table.name.startsWith("pg_"))
    .flatMap(({ name }) => (known.includes(name) || known.includes(`${schema}.${name}`) ? [] : [name]));
  return [...new Set(strange)].map((name) => ({
    what: `reads ${name}, which is not in database.reads: the gate role may not`,
    remedy: meant(name, known, "Add it to database.reads of cutover:rollout, or correct its name"),
  }));
}
