import type { ClientBase } from "pg";
import type { Rollout } from "../../../src/rollout/rollout";
import { bundlesOf, Pools, partKey } from "./bundles";
import { readCatalog } from "./catalog";
import type { Deriving } from "./fixed";
import { type Failing, Inventing } from "./invent";
import { learnTypes } from "./learnTypes";
import { countsOf, type Hints } from "./moves";
import { plantedBundle } from "./planted";
import type { Question } from "./question";
import {
  bodiesOf,
  openSelectParser,
  ownKey,
  type Read,
  readQuestions,
  statementsOf,
  tablesByText,
  tablesNamed,
} from "./readQuestions";
import { columnKey, expressionsOf, selectsIn, within } from "./sql";
import { type Table, type Tables, WITHOUT_ZONE } from "./state";
import type { Type } from "./typeNames";
import { Types } from "./types";

/** The tables that questions read, those that were missing made up, and what there is to try with them. */
export interface Prepared {
  readonly tables: Tables;
  readonly failing: readonly Failing[];
  /** Questions that run, with what may please them. */
  readonly hints: readonly Hints[];
  readonly pools: Pools;
}

/** Makes up what is missing for questions to run. Within a transaction. */
export async function inventTables(
  client: ClientBase,
  questions: readonly Question[],
  rollout: Pick<Rollout, "database">,
  timeScale: number,
): Promise<Prepared> {
  const parse = await openSelectParser();
  const body = bodiesOf(rollout, parse);
  const { database } = rollout;
  const schema = database?.schema ?? "public";
  const own = [...(database?.reads ?? []), ...(database?.imports ? [database.imports.table] : [])];
  const statements = questions.flatMap((question) =>
    statementsOf(question).map(({ statement }) => statement),
  );
  const parsed = statements.map(({ query }) => parse(query));
  const known = [...own.map((name) => ({ schema, name })), ...parsed.flatMap(tablesByText)];
  const names = [...parsed.flatMap(tablesNamed), ...known];
  const catalog = await readCatalog(client, schema, names);
  const mapped = importsColumns(rollout);
  const wanted = known.map((one) => catalog.keyOf(one.schema, one.name));
  const given = new Map<string, Iterable<string>>(
    wanted.filter((key) => key !== undefined && !catalog.tables.has(key)).map((key) => [key as string, []]),
  );
  if (mapped && given.has(mapped.key)) given.set(mapped.key, mapped.columns.keys());
  const { read, columns } = readQuestions(questions, catalog, parse, body, given);

  const spelled = new Map([...catalog.tables].map(([key, { columns }]) => [key, columns]));
  if (mapped && columns.has(mapped.key)) spelled.set(mapped.key, mapped.columns);
  const types = new Types(
    new Map(
      [...spelled].flatMap(([table, typed]) =>
        [...typed].map(([name, type]) => [columnKey({ table, name }), type] as const),
      ),
    ),
  );
  for (const { question, selects, prove } of read)
    for (const [at, select] of [...selects, ...prove].entries())
      learnTypes(types, select, at === 0 ? answerType(question) : undefined);

  const inventing = new Inventing(client, types, timeScale);
  for (const [key, names] of columns)
    await inventing.create(key, names, key === mapped?.key ? mapped.columns : new Map());
  const failing = await inventing.settle(read);
  const there = [...catalog.tables].map(([key, existing]): Table => {
    const written = [...existing.columns].filter(([name]) => !existing.generated.has(name));
    return { key, existing, columns: new Map(written) };
  });
  const zoned = [...there, ...inventing.tables()].map(
    (table): Table => (table.key === mapped?.key ? { ...table, zone: mapped.zone } : table),
  );
  const tables = new Map(zoned.map((table) => [table.key, table]));

  const broken = new Set(failing.map(({ question }) => question));
  const pools = new Pools(types);
  const hints = read
    .filter(({ question }) => !broken.has(question))
    .map((one) => hintsOf(one, types, pools, tables, timeScale));
  return { tables, failing, hints, pools };
}

function hintsOf(
  { question, selects }: Read,
  types: Types,
  pools: Pools,
  tables: Tables,
  timeScale: number,
): Hints {
  const deriving: Deriving = { question, timeScale, typeOf: (column) => types.typeOf(columnKey(column)) };
  pools.learn(question, selects, deriving);
  const planted = question.planted && plantedBundle(selects, question.planted, deriving);
  const inner = selects.flatMap((select) => selectsIn(select));
  const items = inner.flatMap((select) => select.items);
  const all = inner.flatMap((select) => expressionsOf(select).flatMap((expr) => [...within(expr)]));
  const columns = all.flatMap((expr) =>
    expr.kind === "column" ? [{ table: expr.table, part: partKey(expr), key: columnKey(expr) }] : [],
  );
  const numbers = all.flatMap((expr) =>
    expr.kind === "constant" && typeof expr.value === "number" ? [expr.value] : [],
  );
  const read = new Set(items.flatMap(({ table }) => table ?? []));
  return {
    question,
    tables: read,
    all: new Map(
      [...read].map((key) => [
        key,
        [...(tables.get(key)?.columns.keys() ?? [])].map((name) => partKey({ name })),
      ]),
    ),
    bundles: [...(planted ? [planted] : []), ...bundlesOf(selects, deriving)],
    columns: [...new Map(columns.map((column) => [column.key, column])).values()],
    counts: countsOf(question, numbers),
  };
}

/** The type that an answer has to be of. */
function answerType({ wanted }: Question): Type | undefined {
  if (wanted.kind === "known") return undefined;
  if (wanted.kind !== "expected") return "bigint";
  const { eq, ne } = wanted.expect;
  const bound = eq ?? ne;
  return typeof bound === "string" ? "text" : typeof bound === "boolean" ? "boolean" : "bigint";
}

/** The table of imports, which its mapping describes wholly. */
function importsColumns(rollout: Pick<Rollout, "database">) {
  const mapping = rollout.database?.imports;
  if (!mapping) return undefined;
  const { id, status, error, started, finished, version } = mapping.columns;
  const time = mapping.timeZone === undefined ? "timestamp with time zone" : WITHOUT_ZONE;
  return {
    key: ownKey(rollout, mapping.table),
    zone: mapping.timeZone,
    columns: new Map([
      ...[id, status, error, ...(version === undefined ? [] : [version])].map(
        (name) => [name, "text"] as const,
      ),
      ...[started, finished].map((name) => [name, time] as const),
    ]),
  };
}
