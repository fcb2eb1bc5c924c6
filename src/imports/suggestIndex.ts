import type { ImportsConfig } from "../rollout/config/imports";
import type { CatalogTable } from "./catalog";
import { ident } from "./quote";

/** An index that keeps the queries cheap, and is not there. Never created by cutover itself: it is the user's table. */
export interface IndexSuggestion {
  readonly ddl: string;
  /** Why, and what to mind, in words. */
  readonly why: string;
}

/** Names are cut off by the server beyond this. */
const MAX_NAME_BYTES = 63;

/** The index that Q1 to Q6 want, or undefined where one serves them already, or none can be made. */
export function suggestIndex(
  mapping: ImportsConfig,
  schema: string,
  table: CatalogTable,
): IndexSuggestion | undefined {
  const { started } = mapping.columns;
  const serves = table.indexes.some(
    ({ method, columns, valid, partial }) =>
      method === "btree" && valid && !partial && columns[0] === started,
  );
  const relation = `${schema}.${mapping.table}`;
  if (serves || !table.columns.some(({ name }) => name === started)) return undefined;
  if (table.kind === "v" || table.kind === "f")
    return {
      ddl: `-- on the table behind ${relation}: create index concurrently on … (${started})`,
      why: `${relation} is ${table.kind === "v" ? "a view" : "a foreign table"}: whether an index serves it is decided by the table behind it`,
    };
  const size = table.rows >= 0 ? ` of about ${Math.round(table.rows).toLocaleString("en")} rows` : "";
  return {
    ddl: indexDdl(mapping, schema, table.kind),
    why: `no index begins with ${started}: each question reads the whole table ${relation}${size}`,
  };
}

/** @param kind a partitioned table (`p`) cannot be indexed without holding up writers */
export function indexDdl({ table, columns: { started } }: ImportsConfig, schema: string, kind = "r"): string {
  const name = cut(`${table}_${started}_cutover`);
  const how = kind === "p" ? "" : " concurrently";
  return `create index${how} ${ident(name)} on ${ident(schema)}.${ident(table)} (${ident(started)})`;
}

function cut(name: string): string {
  let text = name;
  while (Buffer.byteLength(text) > MAX_NAME_BYTES) text = [...text].slice(0, -1).join("");
  return text;
}
