/** The types that columns are made up of. */
export type Type =
  | "text"
  | "bigint"
  | "numeric"
  | "boolean"
  | "timestamptz"
  | "date"
  | "interval"
  | "uuid"
  | "jsonb"
  | "text[]"
  | "bigint[]";

/** Whether a type's values are times. */
export const isTime = (type: Type | undefined): boolean => type === "timestamptz" || type === "date";

/** Whether a type's values are numbers. */
export const isNumber = (type: Type | undefined): boolean => type === "bigint" || type === "numeric";

/** Operators that compare two values of one type. */
export const COMPARISONS = ["=", "<>", "!=", "<", "<=", ">", ">="];
/** Functions whose value is of their arguments' type. */
export const SAME = [
  "coalesce",
  "nullif",
  "greatest",
  "least",
  "max",
  "min",
  "lag",
  "lead",
  "first_value",
  "last_value",
];
/** Functions whose value is a number. */
export const NUMBERS =
  /^(count|sum|avg|abs|ceil|ceiling|floor|round|extract|date_part|percentile_cont|row_number|rank|dense_rank|length|char_length|cardinality|array_length|jsonb_array_length)$/;
/** Functions of a text. */
export const TEXTS =
  /^(lower|upper|trim|btrim|ltrim|rtrim|length|char_length|left|right|substr|substring|split_part|replace|regexp_replace|regexp_match|starts_with|md5|initcap|concat)$/;

/** A type of PostgreSQL's as one of ours; undefined for one that is none of them. */
export function typeFor(name: string): Type | undefined {
  const array = name.endsWith("[]") || name.startsWith("_");
  const base = name.replace(/\[\]$|^_/g, "").replace(/\(.*\)/, "");
  const type: Type | undefined =
    base === "uuid"
      ? "uuid"
      : /^(int[248]?|integer|smallint|bigint|oid|serial)$/.test(base)
        ? "bigint"
        : /^(numeric|decimal|float[48]?|real|double precision|money)$/.test(base)
          ? "numeric"
          : /^bool(ean)?$/.test(base)
            ? "boolean"
            : base === "date"
              ? "date"
              : /^timestamp.*$/.test(base)
                ? "timestamptz"
                : base.startsWith("interval")
                  ? "interval"
                  : /^jsonb?$/.test(base)
                    ? "jsonb"
                    : /^(text|varchar|bpchar|character varying|character|name|citext)$/.test(base)
                      ? "text"
                      : undefined;
  if (!array) return type;
  return type === "bigint" ? "bigint[]" : "text[]";
}

/** Whether a text is a day, or a time of one. */
export const looksLikeTime = (text: string) => /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?$/.test(text);

/** What a column's name suggests, where no query says more. */
export function guess(key: string): Type | undefined {
  const name = (JSON.parse(key) as string[]).at(-1) ?? "";
  if (/(_at|_on|_time|timestamp|_date|^date)$/i.test(name)) return "timestamptz";
  return /^(is|has)_/i.test(name) ? "boolean" : undefined;
}
