import type { ImportsConfig } from "../rollout/config/imports";
import { nearest } from "../text/nearest";
import { type Problem, tellWhere } from "../text/problem";
import type { Catalog, CatalogColumn, CatalogTable } from "./catalog";
import { SCHEMA } from "./queries/query";

/** What the mapping is against the server: what is wrong with it, and what a person should know. */
export interface MappingCheck {
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
}

const AT = "cutover:rollout.database";

/**
 * Holds the mapping against the catalog. Pure; tells all that is wrong at once, by the names of both sides.
 *
 * @param own the rollout's own gate role, and what it was called before, where it is about to be renamed
 */
export function checkMapping(
  mapping: ImportsConfig,
  schema: string,
  catalog: Catalog,
  own: readonly string[],
): MappingCheck {
  const { table } = catalog;
  const taken = foreignQueries(catalog, own);
  if (!table) return { problems: [missingTable(mapping, schema, catalog), ...taken], notes: [] };
  const found = Object.entries(mapping.columns).flatMap(([key, name]): Mapped[] => {
    const column = table.columns.find((one) => one.name === name);
    return name === undefined ? [] : [{ key, name, column }];
  });
  const where = `${schema}.${mapping.table}`;
  return {
    problems: [
      ...taken,
      ...found.flatMap((mapped) => missingColumn(mapped, table, where)),
      ...found.flatMap((mapped) => wrongType(mapped, mapping)),
      ...zoneProblems(mapping, catalog),
      ...statusProblems(mapping, table),
      ...versionProblems(mapping, table),
    ],
    notes: notesOf(mapping, table, where),
  };
}

/** Q1 to Q6 are there once in a database: those of two rollouts would read one table, and both would believe them. */
function foreignQueries({ callers }: Catalog, own: readonly string[]): Problem[] {
  return callers
    .filter((caller) => !own.includes(caller))
    .map((caller) => ({
      where: `${AT}.imports`,
      what: `the queries of the schema ${SCHEMA} are another rollout's, whose gates measure as ${caller}`,
      remedy:
        "Map the imports of one rollout in each database; another one can measure through gates with SQL of their own",
    }));
}

interface Mapped {
  readonly key: string;
  readonly name: string;
  readonly column: CatalogColumn | undefined;
}

function missingTable({ table }: ImportsConfig, schema: string, { tables, schemas }: Catalog): Problem {
  if (!schemas.includes(schema))
    return {
      where: `${AT}.schema`,
      what: `there is no schema ${schema} in this database`,
      remedy: suggest(schema, schemas, "It has"),
    };
  return {
    where: `${AT}.imports.table`,
    what: `there is no table ${table} in the schema ${schema}`,
    remedy: suggest(table, tables, "It has"),
  };
}

function missingColumn({ key, name, column }: Mapped, { columns }: CatalogTable, where: string): Problem[] {
  if (column) return [];
  const names = columns.map((one) => one.name);
  const without = key === "version" ? ". Without such a column leave version out: all but Q5 works" : "";
  return [
    {
      where: `${AT}.imports.columns.${key}`,
      what: `column ${name} does not exist in ${where}`,
      remedy: `${suggest(name, names, "Its columns")}${without}`,
    },
  ];
}

const WITH_ZONE = "timestamp with time zone";
const WITHOUT_ZONE = "timestamp without time zone";

/** Categories that cannot be what the column is said to hold. */
const UNFIT: Readonly<Record<string, { readonly categories: string; readonly fit: string }>> = {
  status: { categories: "DTAGRUX", fit: "text, an enum, a number or a boolean" },
  version: { categories: "DTAGRUX", fit: "text, an enum, a number or a boolean" },
  error: { categories: "DTBGR", fit: "text or JSON" },
};

function wrongType({ key, name, column }: Mapped, { timeZone }: ImportsConfig): Problem[] {
  if (!column) return [];
  const where = `${AT}.imports.columns.${key}`;
  const is = `column ${name} is of type ${column.type}`;
  const unfit = UNFIT[key];
  if (unfit?.categories.includes(column.category))
    return [{ where, what: `${is}, and not ${unfit.fit}`, remedy: `Map the column that holds the ${key}` }];
  if (key !== "started" && key !== "finished") return [];
  if (column.type === WITH_ZONE)
    return tellWhere(timeZone !== undefined, {
      where: `${AT}.imports.timeZone`,
      what: `${is}, which knows its zone`,
      remedy: "Remove timeZone",
    });
  if (column.type !== WITHOUT_ZONE)
    return [{ where, what: `${is}, and not a ${WITH_ZONE}`, remedy: `Map the column with the time` }];
  return tellWhere(timeZone === undefined, {
    where,
    what: `${is}, and the mapping does not say in which zone its times are written`,
    remedy: "Add timeZone to imports, such as timeZone: UTC",
  });
}

function zoneProblems({ timeZone }: ImportsConfig, { timeZoneKnown }: Catalog): Problem[] {
  return tellWhere(timeZone !== undefined && !timeZoneKnown, {
    where: `${AT}.imports.timeZone`,
    what: `the server knows no time zone ${timeZone}`,
    remedy: "Write one such as UTC or Europe/Berlin",
  });
}

function statusProblems({ statuses, columns }: ImportsConfig, table: CatalogTable): Problem[] {
  const labels = table.columns.find(({ name }) => name === columns.status)?.labels;
  const mapped = Object.entries(statuses).flatMap(([meaning, values]) =>
    values.map((value) => ({ meaning, value })),
  );
  const values = mapped.map(({ value }) => value);
  const seen = table.statuses ?? [];
  const strangers = seen.filter((value) => !values.includes(value));
  const absent = values.filter((value) => !seen.includes(value));
  return [
    ...mapped
      .filter(({ value }) => labels !== undefined && !labels.includes(value))
      .map(({ meaning, value }) => ({
        where: `${AT}.imports.statuses.${meaning}`,
        what: `${value} is no value of the column ${columns.status}`,
        remedy: suggest(value, labels ?? [], "Its values"),
      })),
    ...strangers.map((value) => {
      const meant = nearest(value, absent);
      return {
        where: `${AT}.imports.statuses`,
        what: `${value} occurs in the column ${columns.status}, and is mapped to nothing`,
        remedy:
          meant.length === 0
            ? "Put it under succeeded, failed or running, or under ignored"
            : `Write it instead of ${meant.join(" or ")}, which does not occur; or put it under succeeded, failed, running or ignored`,
      };
    }),
  ];
}

/** Neither may occur yet, but what occurs must not all be something else. */
function versionProblems({ versions: { v1, v2 }, columns }: ImportsConfig, table: CatalogTable): Problem[] {
  const seen = table.versions ?? [];
  return tellWhere(seen.length > 0 && !seen.includes(v1) && !seen.includes(v2), {
    where: `${AT}.imports.versions`,
    what: `neither ${v1} nor ${v2} occurs in the column ${columns.version}, which holds ${list(seen)}`,
    remedy: "Write what the column holds for each pipeline, such as versions: { v1: …, v2: … }",
  });
}

function notesOf({ columns, statuses }: ImportsConfig, table: CatalogTable, where: string): string[] {
  const notes: string[] = [];
  const started = table.columns.find(({ name }) => name === columns.started);
  if (started && !started.notNull)
    notes.push(
      `${where}.${columns.started} may be null: an import is in no window before it has one. Map a column that is set when an import is accepted`,
    );
  const seen = table.statuses ?? [];
  const mapped = Object.values(statuses).flat();
  const absent = mapped.filter((value) => !seen.includes(value));
  if (seen.length > 0 && absent.length > 0)
    notes.push(
      `${list(absent)} did not occur in the sample of ${where}.${columns.status} that was looked at`,
    );
  const labels = table.columns.find(({ name }) => name === columns.status)?.labels ?? [];
  const open = labels.filter((label) => !seen.includes(label) && !mapped.includes(label));
  if (open.length > 0)
    notes.push(`${list(open)} may occur in ${where}.${columns.status}, and is mapped to nothing`);
  if (table.rowSecurity)
    notes.push(
      `${where} has row-level security: the gate role counts only the rows that a policy shows it. Give it a policy for select`,
    );
  return notes;
}

function suggest(name: string, candidates: readonly string[], those: string): string {
  const meant = nearest(name, candidates);
  const rest = candidates.length === 0 ? `${those} none` : `${those}: ${list(candidates)}`;
  return meant.length === 0 ? rest : `Did you mean ${meant.join(" or ")}? ${rest}`;
}

/** Long lists would drown what is wrong. */
const TOLD = 12;

function list(names: readonly string[]): string {
  const told = names.slice(0, TOLD).join(", ");
  return names.length > TOLD ? `${told} and ${names.length - TOLD} more` : told;
}
