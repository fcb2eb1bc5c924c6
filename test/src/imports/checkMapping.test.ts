import { describe, expect, it } from "vitest";
import type { Catalog, CatalogColumn, CatalogTable } from "../../../src/imports/catalog";
import { checkMapping } from "../../../src/imports/checkMapping";
import { suggestIndex } from "../../../src/imports/suggestIndex";
import { mapping } from "./fixtures/imports";

const column = (name: string, changes: Partial<CatalogColumn> = {}): CatalogColumn => ({
  name,
  type: "text",
  category: "S",
  notNull: false,
  ...changes,
});
const time = (name: string, changes: Partial<CatalogColumn> = {}) =>
  column(name, { type: "timestamp with time zone", category: "D", notNull: true, ...changes });

const COLUMNS = [
  column("id"),
  column("status"),
  column("error"),
  time("started_at"),
  time("finished_at", { notNull: false }),
  column("pipeline_version"),
];

const ROLE = "cutover_gate_v2_pipeline";

function catalog(table: Partial<CatalogTable> | null = {}, changes: Partial<Catalog> = {}): Catalog {
  const whole: CatalogTable = {
    kind: "r",
    rowSecurity: false,
    rows: 1_000,
    columns: COLUMNS,
    indexes: [],
    statuses: ["cancelled", "completed", "failed", "queued", "running"],
    versions: ["v1"],
    ...table,
  };
  return {
    tables: ["import_jobs", "patches"],
    schemas: ["public", "app"],
    timeZoneKnown: true,
    callers: [ROLE],
    table: table === null ? undefined : whole,
    ...changes,
  };
}

/** What is wrong, by where, without the common beginning. */
const wrong = (found: Catalog, changes = {}, schema = "public") =>
  checkMapping(mapping(changes), schema, found, [ROLE]).problems.map(
    ({ where, what, remedy }) => `${where.replace("cutover:rollout.database.", "")}: ${what}. ${remedy}`,
  );
const replaced = (...columns: CatalogColumn[]) => ({
  columns: COLUMNS.map((one) => columns.find(({ name }) => name === one.name) ?? one),
});

describe("a mapping that fits", () => {
  it.each<[string, Catalog, object]>([
    ["as it is", catalog(), {}],
    ["an empty table", catalog({ statuses: [], versions: [] }), {}],
    ["no version column", catalog({ columns: COLUMNS.slice(0, 5) }), { columns: { version: undefined } }],
    ["values of one version only", catalog({ versions: ["v2", "v3"] }), {}],
    [
      "times without a zone that the mapping tells",
      catalog(
        replaced(
          time("started_at", { type: "timestamp without time zone" }),
          time("finished_at", { type: "timestamp without time zone" }),
        ),
      ),
      { timeZone: "UTC" },
    ],
    [
      "an enum",
      catalog(
        replaced(
          column("status", {
            type: "state",
            category: "E",
            labels: ["queued", "running", "completed", "failed", "cancelled"],
          }),
        ),
      ),
      {},
    ],
    ["JSON as the error", catalog(replaced(column("error", { type: "jsonb", category: "U" }))), {}],
  ])("%s", (_, found, changes) => {
    expect(wrong(found, changes)).toEqual([]);
  });
});

describe("a wrong mapping", () => {
  it("is told by the names of both sides, all at once", () => {
    const found = catalog({ statuses: ["complete", "failed", "running"] });
    expect(wrong(found, { columns: { finished: "finishd", error: "reason" } })).toEqual([
      "imports.columns.error: column reason does not exist in public.import_jobs. Its columns: id, status, error, started_at, finished_at, pipeline_version",
      "imports.columns.finished: column finishd does not exist in public.import_jobs. Did you mean finished_at? Its columns: id, status, error, started_at, finished_at, pipeline_version",
      "imports.statuses: complete occurs in the column status, and is mapped to nothing. Write it instead of completed, which does not occur; or put it under succeeded, failed, running or ignored",
    ]);
  });

  it.each<[string, Catalog, object, string, string]>([
    [
      "a table that is not there",
      catalog(null),
      { table: "import_job" },
      "public",
      "imports.table: there is no table import_job in the schema public. Did you mean import_jobs? It has: import_jobs, patches",
    ],
    [
      "a schema without tables",
      catalog(null, { tables: [] }),
      {},
      "public",
      "imports.table: there is no table import_jobs in the schema public. It has none",
    ],
    [
      "a schema that is not there",
      catalog(null),
      {},
      "pubilc",
      "schema: there is no schema pubilc in this database. Did you mean public? It has: public, app",
    ],
    [
      "a date instead of a time",
      catalog(replaced(time("started_at", { type: "date" }))),
      {},
      "public",
      "imports.columns.started: column started_at is of type date, and not a timestamp with time zone. Map the column with the time",
    ],
    [
      "a number instead of a time",
      catalog(replaced(time("finished_at", { type: "bigint", category: "N" }))),
      {},
      "public",
      "imports.columns.finished: column finished_at is of type bigint, and not a timestamp with time zone. Map the column with the time",
    ],
    [
      "a time without a zone",
      catalog(replaced(time("finished_at", { type: "timestamp without time zone" }))),
      {},
      "public",
      "imports.columns.finished: column finished_at is of type timestamp without time zone, and the mapping does not say in which zone its times are written. Add timeZone to imports, such as timeZone: UTC",
    ],
    [
      "a zone where the server has none to know",
      catalog(
        replaced(
          time("started_at", { type: "timestamp without time zone" }),
          time("finished_at", { type: "timestamp without time zone" }),
        ),
        { timeZoneKnown: false },
      ),
      { timeZone: "Mars" },
      "public",
      "imports.timeZone: the server knows no time zone Mars. Write one such as UTC or Europe/Berlin",
    ],
    [
      "a status that is a time",
      catalog(replaced(column("status", { type: "date", category: "D" }))),
      {},
      "public",
      "imports.columns.status: column status is of type date, and not text, an enum, a number or a boolean. Map the column that holds the status",
    ],
    [
      "an error that is a flag",
      catalog(replaced(column("error", { type: "boolean", category: "B" }))),
      {},
      "public",
      "imports.columns.error: column error is of type boolean, and not text or JSON. Map the column that holds the error",
    ],
    [
      "a value that the enum does not have",
      catalog({
        ...replaced(
          column("status", {
            type: "state",
            category: "E",
            labels: ["queued", "running", "complete", "failed", "cancelled"],
          }),
        ),
        statuses: [],
      }),
      {},
      "public",
      "imports.statuses.succeeded: completed is no value of the column status. Did you mean complete? Its values: queued, running, complete, failed, cancelled",
    ],
    [
      "a status that nobody mapped, and that looks like none",
      catalog({ statuses: ["completed", "archived"] }),
      {},
      "public",
      "imports.statuses: archived occurs in the column status, and is mapped to nothing. Put it under succeeded, failed or running, or under ignored",
    ],
    [
      "versions of which none occurs",
      catalog({ versions: ["1", "2"] }),
      {},
      "public",
      "imports.versions: neither v1 nor v2 occurs in the column pipeline_version, which holds 1, 2. Write what the column holds for each pipeline, such as versions: { v1: …, v2: … }",
    ],
  ])("names %s", (_, found, changes, schema, expected) => {
    expect(wrong(found, changes, schema)).toEqual([expected]);
  });

  it("names a zone for times that know theirs", () => {
    expect(wrong(catalog(), { timeZone: "UTC" })).toEqual([
      "imports.timeZone: column started_at is of type timestamp with time zone, which knows its zone. Remove timeZone",
      "imports.timeZone: column finished_at is of type timestamp with time zone, which knows its zone. Remove timeZone",
    ]);
  });

  it("does not drown what is wrong in names", () => {
    const many = Array.from({ length: 300 }, (_, index) => column(`column_${index}`));
    const [first] = wrong(catalog({ columns: many }));
    expect(first?.length).toBeLessThan(400);
    expect(first).toMatch(/and 288 more$/);
  });
});

describe("what a person should know, though nothing is wrong", () => {
  const notes = (found: Catalog) => checkMapping(mapping(), "public", found, [ROLE]).notes.join("\n");

  it.each<[string, Catalog, RegExp | null]>([
    ["nothing", catalog(), null],
    [
      "starts that may be missing",
      catalog(replaced(time("started_at", { notNull: false }))),
      /started_at may be null/,
    ],
    [
      "values that do not occur",
      catalog({ statuses: ["completed"] }),
      /failed, queued, running, cancelled did not occur/,
    ],
    ["an empty table is no news", catalog({ statuses: [] }), null],
    ["policies on rows", catalog({ rowSecurity: true }), /row-level security/],
    [
      "values of an enum that may come",
      catalog(
        replaced(
          column("status", {
            category: "E",
            labels: ["queued", "running", "completed", "failed", "cancelled", "paused"],
          }),
        ),
      ),
      /paused may occur in public.import_jobs.status/,
    ],
  ])("%s", (_, found, expected) => {
    if (expected === null) expect(notes(found)).toBe("");
    else expect(notes(found)).toMatch(expected);
  });
});

describe("the suggested index", () => {
  const index = { name: "i", method: "btree", columns: ["started_at"], valid: true, partial: false };
  const suggested = (table: Partial<CatalogTable>, changes = {}) =>
    suggestIndex(mapping(changes), "public", catalog(table).table as CatalogTable);

  it("is told with its DDL and its reason", () => {
    expect(suggested({ rows: 10_000_000 })).toEqual({
      ddl: 'create index concurrently "import_jobs_started_at_cutover" on "public"."import_jobs" ("started_at")',
      why: "no index begins with started_at: each question reads the whole table public.import_jobs of about 10,000,000 rows",
    });
  });

  it.each([
    ["one serves already", index],
    ["one with more columns serves already", { ...index, columns: ["started_at", "status"] }],
  ])("is none where %s", (_, one) => {
    expect(suggested({ indexes: [one] })).toBeUndefined();
  });

  it.each([
    ["begins with another column", { ...index, columns: ["status", "started_at"] }],
    ["begins with an expression", { ...index, columns: [null, "started_at"] }],
    ["is not built", { ...index, valid: false }],
    ["has some rows only", { ...index, partial: true }],
    ["cannot be walked in order", { ...index, method: "hash" }],
  ])("is told where the only index %s", (_, one) => {
    expect(suggested({ indexes: [one] })).toBeDefined();
  });

  it("is none where its column is not there: that is told as a problem", () => {
    expect(suggested({}, { columns: { started: "begun" } })).toBeUndefined();
  });

  it("does not say concurrently of a partitioned table, and makes none on a view", () => {
    expect(suggested({ kind: "p" })?.ddl).toMatch(/^create index "/);
    expect(suggested({ kind: "v" })?.ddl).toMatch(/^-- on the table behind/);
  });

  it("has a name that the server does not cut off", () => {
    const { ddl = "" } = suggested({}, { table: "ü".repeat(31) }) ?? {};
    expect(Buffer.byteLength(/index concurrently "([^"]+)"/.exec(ddl)?.[1] ?? "")).toBeLessThanOrEqual(63);
  });
});

describe("queries that are there already", () => {
  const other = { callers: ["cutover_gate_other", ROLE] };
  const told =
    "imports: the queries of the schema cutover are another rollout's, whose gates measure as cutover_gate_other.";

  it.each<[string, Catalog, number]>([
    ["none", catalog({}, { callers: [] }), 0],
    ["its own", catalog(), 0],
    ["another rollout's, which would answer for both", catalog({}, other), 1],
    ["another rollout's, and no table", catalog(null, other), 2],
  ])("%s", (_, found, problems) => {
    const all = wrong(found);
    expect(all).toHaveLength(problems);
    expect(all.filter((one) => one.startsWith(told))).toHaveLength(
      found.callers.includes("cutover_gate_other") ? 1 : 0,
    );
  });
});
