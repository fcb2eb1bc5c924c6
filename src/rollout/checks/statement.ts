/** A part of the tree that PostgreSQL's parser makes of a statement: names of nodes and of their fields. */
type Tree = Readonly<Record<string, unknown>>;

/** A table as a statement writes it. */
interface Table {
  readonly schema?: string | undefined;
  readonly name: string;
}

/**
 * Functions that do more than read, and that a session which only reads may call nevertheless, or be refused for only when
 * it is there: PostgreSQL's own and those of its extensions. A database knows which functions are volatile; a file does not, so
 * these are the well-known ones, each with what it does. Source: PostgreSQL 18, chapters 9.17, 9.28, F.11 and F.35.
 */
const ACTS: readonly (readonly [name: RegExp, does: string])[] = [
  [/^(setval|nextval)$/, "moves a sequence"],
  [/^pg_(terminate|cancel)_backend$/, "ends what others do"],
  [
    /^pg_(try_)?advisory_(xact_)?(un)?lock(_shared|_all)?$/,
    "takes a lock that others wait for, or lets one go",
  ],
  [/^set_config$/, "changes a setting"],
  [/^pg_notify$/, "notifies whoever listens"],
  [/^dblink/, "goes to another database, or to this one as somebody else"],
  [
    /^lo_(import|export|create|creat|unlink|put|from_bytea|truncate|truncate64|open)$/,
    "works on large objects",
  ],
  [/^pg_(reload_conf|rotate_logfile|promote|switch_wal|create_restore_point)$/, "commands the server"],
  [/^pg_backup_(start|stop)$/, "commands the server"],
  [
    /^pg_(wal_replay_(pause|resume)|log_backend_memory_contexts|log_standby_snapshot)$/,
    "commands the server",
  ],
  [/^pg_(create|drop|copy)_(physical|logical)_replication_slot$/, "works on replication slots"],
  [/^pg_drop_replication_slot$/, "works on replication slots"],
  [
    /^pg_(replication_slot_advance|logical_slot_get(_binary)?_changes|logical_emit_message)$/,
    "works on replication",
  ],
  [/^pg_replication_origin_/, "works on replication"],
  [/^pg_stat_(reset|statements_reset)/, "throws statistics away"],
  [/^pg_file_(write|sync|rename|unlink)$/, "works on the server's files"],
  [
    /^(query_to_xml|query_to_xmlschema|query_to_xml_and_xmlschema|cursor_to_xml)$/,
    "runs a text as a statement",
  ],
];

const CHANGES = ["InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"];

/** What a statement does beside reading, to follow on its place; undefined for one that only reads. */
export function writingIn(statement: object): string | undefined {
  const [kind = ""] = Object.keys(statement);
  if (kind !== "SelectStmt") return `is no SELECT, but ${wordsOf(kind)}`;
  const nodes = [...nodesIn(statement)];
  const change = nodes.find(([name]) => CHANGES.includes(name));
  if (change) return `holds ${wordsOf(change[0])}`;
  if (nodes.some(([name]) => name === "intoClause")) return "writes into a table of its own (INTO)";
  if (nodes.some(([name]) => name === "lockingClause")) return "locks the rows that it reads (FOR …)";
  return nodes.flatMap(([name, node]) => (name === "FuncCall" ? (actOf(node as Tree) ?? []) : []))[0];
}

/** A name with another schema before it is somebody's own function. */
function actOf({ funcname }: Tree): string | undefined {
  const names =
    (funcname as { String?: { sval?: string } }[] | undefined)?.map(({ String: one }) => one?.sval) ?? [];
  const [schema, own] = names.length > 1 ? names : ["pg_catalog", names[0]];
  const found = ACTS.find(([name]) => name.test(own ?? ""));
  if (!found || (schema !== "pg_catalog" && schema !== "public" && schema !== "extensions")) return undefined;
  return `calls ${own}, which ${found[1]}`;
}

/** `DeleteStmt` as people know it: `a DELETE`. */
function wordsOf(kind: string): string {
  const name = kind
    .replace(/Stmt$/, "")
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toUpperCase();
  return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}

/** What may yield another value another time: a table or a function after FROM, any call, `current_timestamp`. */
const LOOKS = ["fromClause", "FuncCall", "SQLValueFunction"];

/** Whether a SELECT is made of literals and values alone. */
export const looksAtNothing = (statement: object): boolean =>
  ![...nodesIn(statement)].some(([name]) => LOOKS.includes(name));

/** How many columns a SELECT yields; undefined where only its tables tell. */
export function columnsIn(statement: object): number | undefined {
  const select = (statement as { SelectStmt?: Tree }).SelectStmt;
  if (!select || select.larg !== undefined) return undefined;
  const [row] = (select.valuesLists ?? []) as { List?: { items?: unknown[] } }[];
  if (row) return row.List?.items?.length;
  const targets = (select.targetList ?? []) as unknown[];
  return targets.some((one) => [...nodesIn(one)].some(([name]) => name === "A_Star"))
    ? undefined
    : targets.length;
}

/** What a SELECT calls its columns; undefined where only its tables tell. Of a UNION the first part decides. */
export function columnNamesIn(statement: object): string[] | undefined {
  let select = (statement as { SelectStmt?: Tree }).SelectStmt;
  while (select?.larg !== undefined) select = select.larg as Tree;
  if (!select || select.valuesLists !== undefined) return undefined;
  const targets = (select.targetList ?? []) as { ResTarget?: { name?: string; val?: Tree } }[];
  const names = targets.map(({ ResTarget: { name, val } = {} }) => {
    if (name !== undefined) return name;
    const { fields } = (val?.ColumnRef ?? {}) as { fields?: unknown[] };
    if (fields === undefined) return "?column?";
    return (fields.at(-1) as { String?: { sval?: string } }).String?.sval;
  });
  return names.every((name) => name !== undefined) ? names : undefined;
}

const COMPARES = ["=", "<>", "!=", "<", ">", "<=", ">="];
const ALWAYS = ["BoolExpr", "NullTest", "BooleanTest"];
const AGGREGATES = ["bool_and", "bool_or", "every"];

/** Whether the one value of a SELECT is true or false by the form of its expression, whatever its tables hold. */
export function yieldsBoolean(statement: object): boolean {
  const select = (statement as { SelectStmt?: Tree }).SelectStmt;
  const [target] = (select?.targetList ?? []) as { ResTarget?: { val?: object } }[];
  const [[kind, node] = ["", undefined]] = Object.entries(target?.ResTarget?.val ?? {}) as [string, Tree][];
  if (select?.larg !== undefined || node === undefined) return false;
  switch (kind) {
    case "A_Expr":
      return node.kind === "AEXPR_OP"
        ? COMPARES.includes(lastName(node.name))
        : /^AEXPR_(OP_ANY|OP_ALL|(NOT_)?DISTINCT|IN|I?LIKE|SIMILAR|(NOT_)?BETWEEN(_SYM)?)$/.test(
            String(node.kind),
          );
    case "SubLink":
      return /^(EXISTS|ANY|ALL)_SUBLINK$/.test(String(node.subLinkType));
    case "FuncCall":
      return AGGREGATES.includes(lastName(node.funcname));
    case "TypeCast":
      return isBoolean(node.typeName as Tree | undefined);
    case "A_Const":
      return "boolval" in node;
    default:
      return ALWAYS.includes(kind);
  }
}

const isBoolean = (type: Tree | undefined) =>
  type !== undefined && type.arrayBounds === undefined && lastName(type.names) === "bool";

/** The name itself, behind the schema that may stand before it. */
function lastName(names: unknown): string {
  const last = (names as { String?: { sval?: string } }[] | undefined)?.at(-1);
  return last?.String?.sval ?? "";
}

/** The greatest number n of the parameters `$n` that a statement names; 0 where it names none. */
export function greatestParameter(statement: object): number {
  const numbers = [...nodesIn(statement)].flatMap(([name, node]) =>
    name === "ParamRef" ? [Number((node as { number?: number }).number ?? 0)] : [],
  );
  return Math.max(0, ...numbers);
}

/** The tables and views that a statement reads. A name that WITH has given to something else is none. */
export function tablesIn(tree: unknown, hidden: ReadonlySet<string> = new Set()): Table[] {
  if (typeof tree !== "object" || tree === null) return [];
  if (Array.isArray(tree)) return tree.flatMap((one) => tablesIn(one, hidden));
  const { withClause, ...rest } = tree as Tree;
  const { tables, known } = withIn(withClause as WithClause | undefined, hidden);
  return [
    ...tables,
    ...Object.entries(rest).flatMap(([name, node]): Table[] => {
      if (name !== "RangeVar") return tablesIn(node, known);
      const { schemaname: schema, relname = "" } = node as { schemaname?: string; relname?: string };
      return schema === undefined && known.has(relname) ? [] : [{ schema, name: relname }];
    }),
  ];
}

interface WithClause {
  readonly recursive?: boolean;
  readonly ctes?: readonly {
    readonly CommonTableExpr?: { readonly ctename?: string; readonly ctequery?: unknown };
  }[];
}

/** The tables that queries under WITH read, and the names that are hidden behind it: with RECURSIVE, from the first on. */
function withIn(clause: WithClause | undefined, hidden: ReadonlySet<string>) {
  const ctes = (clause?.ctes ?? []).map(({ CommonTableExpr = {} }) => CommonTableExpr);
  const known = new Set(hidden);
  if (clause?.recursive) for (const { ctename = "" } of ctes) known.add(ctename);
  const tables = ctes.flatMap(({ ctename = "", ctequery }) => {
    const read = tablesIn(ctequery, new Set(known));
    known.add(ctename);
    return read;
  });
  return { tables, known };
}

/** Every node and field of a tree by its name, from the outside in. */
function* nodesIn(tree: unknown): Generator<readonly [name: string, node: unknown]> {
  if (typeof tree !== "object" || tree === null) return;
  for (const [name, node] of Object.entries(tree)) {
    if (!Array.isArray(tree)) yield [name, node];
    yield* nodesIn(node);
  }
}
