/** What can be granted on each kind of object, and where the server keeps who was granted what. */
export interface Kind {
  readonly privileges: readonly string[];
  /** The word for one such object in GRANT, and for all of a schema. */
  readonly one: string;
  readonly all?: string;
  /** Objects with their privileges: columns `name`, `acl`, `owner`, and the kind of their default ACL. */
  readonly catalog: string;
}

const relation = (kinds: string, type: string) => `
  SELECT relname AS name, COALESCE(relacl, acldefault('${type}', relowner)) AS acl
    FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
   WHERE relkind IN (${kinds}) AND nspname = $1`;
const routine = (kinds: string) => `
  SELECT proname AS name, COALESCE(proacl, acldefault('f', proowner)) AS acl
    FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace
   WHERE prokind IN (${kinds}) AND nspname = $1`;

const kinds: Readonly<Record<string, Kind>> = {
  database: {
    privileges: ["CREATE", "CONNECT", "TEMPORARY"],
    one: "DATABASE",
    catalog: "SELECT datname AS name, COALESCE(datacl, acldefault('d', datdba)) AS acl FROM pg_database",
  },
  schema: {
    privileges: ["CREATE", "USAGE"],
    one: "SCHEMA",
    all: "SCHEMAS",
    catalog: "SELECT nspname AS name, COALESCE(nspacl, acldefault('n', nspowner)) AS acl FROM pg_namespace",
  },
  table: {
    privileges: ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"],
    one: "TABLE",
    all: "TABLES",
    catalog: relation("'r', 'v', 'm', 'f', 'p'", "r"),
  },
  sequence: {
    privileges: ["USAGE", "SELECT", "UPDATE"],
    one: "SEQUENCE",
    all: "SEQUENCES",
    catalog: relation("'S'", "s"),
  },
  function: { privileges: ["EXECUTE"], one: "FUNCTION", all: "FUNCTIONS", catalog: routine("'f', 'a', 'w'") },
  procedure: { privileges: ["EXECUTE"], one: "PROCEDURE", all: "PROCEDURES", catalog: routine("'p'") },
  routine: {
    privileges: ["EXECUTE"],
    one: "ROUTINE",
    all: "ROUTINES",
    catalog: routine("'f', 'a', 'w', 'p'"),
  },
  type: { privileges: ["USAGE"], one: "TYPE", all: "TYPES", catalog: "" },
  foreign_data_wrapper: {
    privileges: ["USAGE"],
    one: "FOREIGN DATA WRAPPER",
    catalog:
      "SELECT fdwname AS name, COALESCE(fdwacl, acldefault('F', fdwowner)) AS acl FROM pg_foreign_data_wrapper",
  },
  foreign_server: {
    privileges: ["USAGE"],
    one: "FOREIGN SERVER",
    catalog:
      "SELECT srvname AS name, COALESCE(srvacl, acldefault('S', srvowner)) AS acl FROM pg_foreign_server",
  },
  column: {
    privileges: ["SELECT", "INSERT", "UPDATE", "REFERENCES"],
    one: "TABLE",
    catalog: "",
  },
};

const words = [...new Set(Object.values(kinds).flatMap((kind) => kind.privileges))];
export const PRIVILEGES = ["ALL", ...words] as const;

export function kindOf(objectType: string): Kind {
  return kinds[objectType] as Kind;
}

/** Privileges are words of SQL that cannot be quoted, so only known ones may pass. */
export function privilegeWords(objectType: string, given: readonly string[]): string[] {
  const { privileges } = kindOf(objectType);
  const wrong = given.filter((word) => word !== "ALL" && !privileges.includes(word));
  if (wrong.length === 0) return [...given];
  const allowed = ["ALL", ...privileges].join(", ");
  throw new Error(`${wrong.join(", ")} cannot be granted on a ${objectType}, only ${allowed}`);
}

/** What was found, in the program's words where it means the same: all of a kind's privileges are ALL. */
export function asGiven(
  objectType: string,
  found: readonly string[],
  given: readonly string[] = [],
): string[] {
  const { privileges } = kindOf(objectType);
  const full = found.length >= privileges.length - (privileges.includes("MAINTAIN") ? 1 : 0);
  return given.includes("ALL") && full ? [...given] : [...found];
}
