import { type FuncCall, loadModule, parseSync, type RangeVar, type SelectStmt } from "libpg-query";
import { importsFunctions } from "../../../src/imports/queries";
import { SCHEMA } from "../../../src/imports/queries/query";
import type { Rollout } from "../../../src/rollout/rollout";
import type { Catalog } from "./catalog";
import type { Question, Statement } from "./question";
import { texts } from "./readExpression";
import { type Names, readSelect } from "./readSelect";
import { type Column, type Expr, keyOf, type Select } from "./sql";

/** A question with its queries as this folder reads them; none of those that it cannot read. */
export interface Read {
  readonly question: Question;
  /** The query, and the one that counts samples: what rows are made up for. */
  readonly selects: readonly Select[];
  /** The known-bad query, which has only to run. */
  readonly prove: readonly Select[];
}

/** The statements of a question, with where each is written, below the question's own place. */
export function statementsOf(question: Question): { readonly at: string; readonly statement: Statement }[] {
  const row = question.where.replace(/\.query$/, "");
  return [
    { at: question.where, statement: question },
    ...(question.samples ? [{ at: `${row}.samplesFrom.query`, statement: question.samples }] : []),
    ...(question.prove ? [{ at: `${row}.prove.query`, statement: question.prove }] : []),
  ];
}

/** PostgreSQL's parser, for the SELECT that a text begins with; undefined where it is none. */
export async function openSelectParser(): Promise<(query: string) => SelectStmt | undefined> {
  await loadModule();
  return (query) => {
    try {
      const [first] = parseSync(query).stmts ?? [];
      return first?.stmt && "SelectStmt" in first.stmt ? first.stmt.SelectStmt : undefined;
    } catch {
      // The database says what is wrong with it, in its own words, once it is asked.
      return undefined;
    }
  };
}

export type Parse = Awaited<ReturnType<typeof openSelectParser>>;

/** The functions that a rollout declares over its table of imports: their bodies, by their names. */
export function bodiesOf({ database }: Pick<Rollout, "database">, parse: Parse): Names["body"] {
  const functions = database?.imports ? importsFunctions(database.imports, database.schema) : [];
  return (schema, name) => {
    const one = schema === SCHEMA ? functions.find((each) => each.name === name) : undefined;
    const statement = one && parse(one.body);
    return statement && one && { statement, columns: one.columns.map((column) => column.name) };
  };
}

/** A table as a statement writes it. */
interface Written {
  readonly schema?: string | undefined;
  readonly name: string;
}

/** Every name in a statement that may be a table's; CTEs are among them. */
export function tablesNamed(statement: unknown): Written[] {
  return nodesOf<RangeVar>(statement, "RangeVar").flatMap(({ schemaname, relname }) =>
    relname === undefined ? [] : [{ schema: schemaname, name: relname }],
  );
}

/** The tables that a statement asks about without reading them: `to_regclass('app.orders')`. */
export function tablesByText(statement: unknown): Written[] {
  return nodesOf<FuncCall>(statement, "FuncCall").flatMap(({ funcname, args }) => {
    const [arg] = args ?? [];
    const text = arg && "A_Const" in arg ? arg.A_Const.sval?.sval : undefined;
    if (texts(funcname).at(-1) !== "to_regclass" || text === undefined) return [];
    const parts = [...text.matchAll(/"((?:[^"]|"")+)"|([^".]+)/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain?.toLowerCase() ?? "",
    );
    const name = parts.at(-1);
    return name === undefined ? [] : [{ schema: parts.at(-2), name }];
  });
}

/** The nodes of one kind in a tree of the parser's. */
function nodesOf<T>(tree: unknown, kind: string): T[] {
  if (typeof tree !== "object" || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) => [
    ...(key === kind ? [value as T] : []),
    ...nodesOf<T>(value, kind),
  ]);
}

/**
 * Reads all questions. A column without its table's name belongs to the table that another query names it with.
 *
 * @returns the questions, and the columns of each table that does not exist yet
 */
export function readQuestions(
  questions: readonly Question[],
  { tables, keyOf: keyOfName }: Catalog,
  parse: Parse,
  body: Names["body"],
  given: ReadonlyMap<string, Iterable<string>>,
): { readonly read: Read[]; readonly columns: ReadonlyMap<string, ReadonlySet<string>> } {
  const columns = new Map<string, Set<string>>();
  for (const [table, names] of given) columns.set(table, new Set(names));
  const add = ({ table, name }: Pick<Column, "table" | "name">) =>
    columns.set(table, (columns.get(table) ?? new Set()).add(name));
  const pass = (found: Names["found"]) => {
    const names: Names = {
      table: (schema, name) => {
        const key = keyOfName(schema, name);
        if (key !== undefined && !tables.has(key) && !columns.has(key)) columns.set(key, new Set());
        return key;
      },
      has: (table, name) =>
        tables.has(table) ? tables.get(table)?.columns.has(name) : columns.get(table)?.has(name) || undefined,
      body,
      found,
    };
    return questions.map((question): Read => {
      const read = (statement: Statement | undefined) => selectOf(statement, parse, names);
      return {
        question,
        selects: [...read(question), ...read(question.samples)],
        prove: read(question.prove),
      };
    });
  };
  const learn: Names["found"] = (column) => {
    if (!tables.has(column.table)) add(column);
  };
  pass((column, sure) => sure && learn(column, sure));
  return { read: pass(learn), columns };
}

function selectOf(statement: Statement | undefined, parse: Parse, names: Names): Select[] {
  const parsed = statement && parse(statement.query);
  if (!statement || !parsed) return [];
  const parameter = (number: number): Expr => {
    const value = statement.values[number - 1];
    return value === undefined ? { kind: "other", parts: [] } : { kind: "value", value };
  };
  return [readSelect(parsed, names, parameter)];
}

/** The key of a table of the rollout's own schema. */
export const ownKey = ({ database }: Pick<Rollout, "database">, name: string): string =>
  keyOf({ schema: database?.schema ?? "public", name });
