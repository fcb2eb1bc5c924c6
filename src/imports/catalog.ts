/** One column of the mapped table, as the server's catalog has it. */
export interface CatalogColumn {
  readonly name: string;
  /** As the server spells it, such as `timestamp with time zone`; a domain's is that of its base. */
  readonly type: string;
  /** PostgreSQL's category of the type: S text, N number, B boolean, E enum, D date and time, and others. */
  readonly category: string;
  readonly notNull: boolean;
  /** The values of an enum, in its order. */
  readonly labels?: readonly string[] | undefined;
}

/** One index of the mapped table. */
export interface CatalogIndex {
  readonly name: string;
  readonly method: string;
  /** Its key columns in order; null for an expression. */
  readonly columns: readonly (string | null)[];
  /** Built, and used by the planner. */
  readonly valid: boolean;
  /** Over some rows only. */
  readonly partial: boolean;
}

/** What the server has under the mapping's names. Plain data: read by `readCatalog`, judged by the files beside it. */
export interface Catalog {
  /** Other tables and views of the schema, for a name that is not there. */
  readonly tables: readonly string[];
  readonly schemas: readonly string[];
  readonly timeZoneKnown: boolean;
  /** Gate roles that may call functions of the schema `cutover` by name: each of a rollout that has its queries there. */
  readonly callers: readonly string[];
  readonly table?: CatalogTable | undefined;
}

export interface CatalogTable {
  /** PostgreSQL's kind of relation: r table, p partitioned, v view, m materialized view, f foreign. */
  readonly kind: string;
  /** Policies decide which rows a role sees. */
  readonly rowSecurity: boolean;
  /** How many rows the planner reckons with; negative where nobody has counted yet. */
  readonly rows: number;
  readonly columns: readonly CatalogColumn[];
  readonly indexes: readonly CatalogIndex[];
  /** Values that occur in the columns, in a sample; absent where the column is not there. */
  readonly statuses?: readonly string[] | undefined;
  readonly versions?: readonly string[] | undefined;
}
