import { z } from "zod";
import { counted } from "../../text/counted";
import { nearest } from "../../text/nearest";
import { type Problem, tellAt } from "../../text/problem";
import { secretsOut } from "../../text/redact";
import { clipped } from "../../text/text";

type Path = readonly (string | number)[];
type Issue = z.core.$ZodIssue;

/**
 * Turns zod's issues into problems for people: the YAML path, what was expected, what was found, and what to do,
 * with the example that the schema itself carries.
 */
export function problemsOf(
  error: z.ZodError,
  input: unknown,
  schema: z.ZodType,
  locate: (path: Path) => string,
): Problem[] {
  return error.issues.flatMap((issue) => fromIssue(issue, [], input, schema, locate));
}

function fromIssue(
  issue: Issue,
  prefix: Path,
  input: unknown,
  schema: z.ZodType,
  locate: (path: Path) => string,
): Problem[] {
  const path = [...prefix, ...(issue.path as (string | number)[])];
  const found = at(input, path);
  const help = (fallback: string) => remedyFor(schema, path, input) ?? fallback;
  const wrong = tellAt(locate(path));
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        where: locate([...path, key]),
        what: "is not known here",
        remedy: unknownKeyRemedy(schema, path, key, input),
      }));
    case "invalid_key":
    case "invalid_element":
      return issue.issues.flatMap((inner) => [
        {
          where: locate([...path, ...(inner.path as (string | number)[])]),
          what: `must be ${expectedOf(inner)}`,
          remedy: help("Correct it"),
        },
      ]);
    case "invalid_type":
      if (found === undefined) return wrong("is missing", help(`Add it: ${article(issue.expected)}`));
      return wrong(
        `must be ${article(issue.expected)}, got ${show(found)}`,
        help(`Write ${article(issue.expected)}`),
      );
    case "invalid_value": {
      const values = issue.values.map(String).join(", ");
      if (found === undefined) return wrong("is missing", `Choose one of: ${values}`);
      return wrong(`must be one of ${values}, got ${show(found)}`, "Choose one of them");
    }
    case "invalid_union": {
      if ("discriminator" in issue && issue.discriminator) {
        const options = "options" in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
        return wrong(
          found === undefined ? "is missing" : `got ${show(found)}, which is not known`,
          options.length > 0 ? `Choose one of: ${options.join(", ")}` : help("Choose a known one"),
        );
      }
      const meant = meantOf(issue);
      if (meant) return meant.flatMap((inner) => fromIssue(inner, path, input, schema, locate));
      return wrong(
        found === undefined ? "is missing" : `must be ${unionNames(issue)}, got ${show(found)}`,
        help("Write one of these"),
      );
    }
    default:
      if (issue.code === "custom" && typeof issue.params?.what === "string")
        return wrong(issue.params.what, String(issue.params.remedy));
      return wrong(
        `must be ${expectedOf(issue)}${found === undefined ? "" : `, got ${show(found)}`}`,
        help("Correct it"),
      );
  }
}

/** What was expected, to follow on `must be`. A schema's own words come first; zod's are for programmers. */
function expectedOf(issue: Issue): string {
  switch (issue.code) {
    case "too_small":
      return `${issue.inclusive === false ? "more than" : "at least"} ${limitOf(issue.minimum, issue.origin)}`;
    case "too_big":
      return `${issue.inclusive === false ? "less than" : "at most"} ${limitOf(issue.maximum, issue.origin)}`;
    case "invalid_type":
      return article(issue.expected);
    case "invalid_value":
      return issue.values.map(String).join(" or ");
    case "not_multiple_of":
      return `a multiple of ${issue.divisor}`;
    case "invalid_format":
      if (!ZODS_OWN.test(issue.message)) return issue.message;
      return issue.format === "starts_with"
        ? `text that begins with ${(issue as { prefix?: string }).prefix}`
        : (FORMATS[issue.format] ?? "of another form");
    default:
      return ZODS_OWN.test(issue.message) ? "of another form" : issue.message;
  }
}

/** How zod's own messages begin. */
const ZODS_OWN = /^(Invalid|Too small|Too big|Unrecognized|Expected)\b/;

/** What schemas leave to zod to say. */
const FORMATS: Readonly<Record<string, string>> = {
  url: "a URL such as https://ops.example.com",
  datetime: "a time such as 2026-11-21T10:00:00Z",
  date: "a day such as 2026-11-21",
};

function limitOf(limit: number | bigint, origin: string): string {
  if (origin === "string") return counted(limit, "character");
  if (origin === "array") return counted(limit, "item");
  if (origin === "record" || origin === "map" || origin === "set") return counted(limit, "entry", "entries");
  return String(limit);
}

type Union = Extract<Issue, { code: "invalid_union" }>;

/** The option that a map or a list was meant as: of those that take one at all, the one with the fewest problems. */
function meantOf({ errors }: Union): Issue[] | undefined {
  const options = errors
    .filter((issues) => !issues.some(isOfAnotherType))
    .sort((one, other) => weight(one) - weight(other));
  const [first, second] = options;
  return first && (!second || weight(first) < weight(second)) ? first : undefined;
}

const isOfAnotherType = ({ path, code }: Issue) =>
  path.length === 0 && (code === "invalid_type" || code === "invalid_value");

const weight = (issues: readonly Issue[]) =>
  issues.reduce((sum, issue) => sum + (issue.code === "unrecognized_keys" ? issue.keys.length : 1), 0);

function unionNames({ errors }: Union): string {
  const names = errors.map((issues) => {
    const [own] = issues.filter(({ code }) => code !== "unrecognized_keys");
    if (own?.path.length === 0) return expectedOf(own);
    return own ? `a map with ${String(own.path[0])}` : "a map of other keys";
  });
  return [...new Set(names)].join(" or ") || "of another form";
}

function article(type: string): string {
  const names: Record<string, string> = {
    int: "a whole number",
    record: "a map",
    object: "a map",
    array: "a list",
    string: "text",
    boolean: "true or false",
    number: "a number",
  };
  return names[type] ?? `a ${type}`;
}

const clean = secretsOut({ secrets: [] });

/**
 * A value as config wrote it, short. Only what stands by itself is shown, no login of a URL, and nothing that looks like a
 * secret: a whole map may hold a password that somebody wrote in the wrong place.
 */
export function show(value: unknown): string {
  if (value === null) return "nothing";
  if (typeof value === "object") return Array.isArray(value) ? "a list" : "a map";
  if (typeof value !== "string") return String(value);
  return clipped(JSON.stringify(clean(value).replace(/\/\/\S*@/g, "//…@")), 60);
}

/** What took the place of a key that there was once. */
const GONE = new Map([
  ["onlyIf", "Write when: finish: cutover finish sends the message once every exit gate holds"],
]);

function unknownKeyRemedy(schema: z.ZodType, path: Path, key: string, input: unknown): string {
  const gone = GONE.get(key);
  if (gone !== undefined) return gone;
  const known = keysAt(schema, path, input);
  const [near] = nearest(key, known);
  if (near !== undefined) return `Did you mean ${near}?`;
  return known.length > 0 ? `Remove it; known here: ${known.join(", ")}` : "Remove it";
}

function keysAt(schema: z.ZodType, path: Path, input: unknown): string[] {
  const inner = unwrap(walk(schema, path, input));
  if (inner instanceof z.ZodObject) return Object.keys(inner.shape);
  if (inner instanceof z.ZodDiscriminatedUnion)
    return Object.keys(optionFor(inner, at(input, path))?.shape ?? {});
  return [];
}

/** The option that a value says it is; undefined where it says none that is known. */
function optionFor(union: z.ZodDiscriminatedUnion, found: unknown): z.ZodObject | undefined {
  const { discriminator } = union.def;
  const options = union.options as unknown as z.ZodObject[];
  return options.find(
    (one) =>
      (one.shape[discriminator] as z.ZodType | undefined)?.safeParse(at(found, [discriminator])).success,
  );
}

/** The schema's own example or description for what stands at a path. */
function remedyFor(schema: z.ZodType, path: Path, input: unknown): string | undefined {
  const target = walk(schema, path, input);
  for (let inner: z.ZodType | undefined = target; inner; inner = peel(inner)) {
    const meta = inner.meta();
    const example = (meta?.examples as unknown[] | undefined)?.[0];
    if (example !== undefined)
      return `Write it like ${path.at(-1)}: ${typeof example === "string" ? example : JSON.stringify(example)}`;
    if (meta?.description) return meta.description;
  }
  return undefined;
}

function walk(schema: z.ZodType | undefined, path: Path, input: unknown): z.ZodType | undefined {
  let current: z.ZodType | undefined = schema;
  for (const [index, key] of path.entries()) {
    const found = at(input, path.slice(0, index));
    const inner = unwrap(current);
    if (inner instanceof z.ZodObject) current = inner.shape[String(key)] as z.ZodType | undefined;
    else if (inner instanceof z.ZodRecord) current = inner.valueType as z.ZodType;
    else if (inner instanceof z.ZodArray) current = inner.element as z.ZodType;
    else if (inner instanceof z.ZodDiscriminatedUnion) {
      const meant = optionFor(inner, found);
      const options = meant ? [meant] : (inner.options as unknown as z.ZodObject[]);
      current = options
        .map((option) => option.shape[String(key)] as z.ZodType | undefined)
        .find((one) => one);
    } else if (inner instanceof z.ZodUnion) {
      current = (inner.options as unknown as z.ZodType[])
        .map((option) => walk(option, [key], found))
        .find((one) => one);
    } else return undefined;
  }
  return current;
}

/** The schema inside one layer of default, optional or transform. */
function peel(schema: z.ZodType): z.ZodType | undefined {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    return schema.unwrap() as z.ZodType;
  if (schema instanceof z.ZodPipe) return schema.in as z.ZodType;
  return undefined;
}

function unwrap(schema: z.ZodType | undefined): z.ZodType | undefined {
  let current = schema;
  for (let inner = current && peel(current); inner; inner = peel(inner)) current = inner;
  return current;
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null
        ? (inner as Record<string, unknown>)[String(key)]
        : undefined,
    value,
  );
}
