import { beforeAll, describe, expect, test } from "vitest";
import { openParser } from "../../../../cli/sqlParser";
import { type ParseSql, queryProblems } from "../../../../src/rollout/checks/queries";
import { rolloutConfig, stageConfig } from "../../../../src/rollout/config/stackFile";
import { type Locate, showProblem } from "../../../../src/text/problem";

let parse: ParseSql;
beforeAll(async () => {
  parse = await openParser();
});

const locate: Locate = (stack, path) => [stack, ...path].join(" ");
const title = "What it demands";
const imports = {
  table: "jobs",
  columns: { id: "id", status: "status", error: "error", started: "started_at", finished: "finished_at" },
  statuses: { succeeded: ["done"], failed: ["failed"], running: ["running"] },
};

function said(stage: object, rollout: object = {}): string[] {
  const own = rolloutConfig.parse({
    ...{ name: "ops", flags: { READ: { kind: "boolean" } } },
    database: { host: "db", name: "ops", reads: ["patches", "Odd Name"], imports },
    ...rollout,
  });
  const stacks = [
    { stack: "baseline", rollout: own, stage: stageConfig.parse({ flags: {} }) },
    { stack: "stageA", stage: stageConfig.parse({ flags: {}, ...stage }) },
  ];
  return queryProblems(stacks, parse, locate).map(showProblem);
}

const sql = (query: string, more: object = {}) => ({
  source: "sql",
  title,
  query,
  expect: { gt: 0 },
  ...more,
});
/** What is said of one query, without where it is. */
const of = (query: string, values: unknown[] = []) =>
  said({ entry: { A1: sql(query, { values }) } }).map((one) =>
    one.replace("stageA cutover:stage entry A1 query: ", ""),
  );

test.each<[string, RegExp]>([
  ["delete from patches", /^is no SELECT, but a DELETE, and its session only reads\. /],
  ["insert into patches values (1)", /^is no SELECT, but an INSERT/],
  ["create table x (a int)", /^is no SELECT, but a CREATE/],
  ["show server_version", /^is no SELECT, but a VARIABLE SHOW/],
  ["explain select 1", /^is no SELECT, but an EXPLAIN/],
  ["with gone as (delete from patches returning 1) select count(*) from gone", /^holds a DELETE/],
  ["with n as (insert into patches values (1) returning 1) select count(*) from n", /^holds an INSERT/],
  ["select count(*) into kept from patches", /^writes into a table/],
  ["select id from patches for update", /^locks the rows/],
  [
    "select setval('patches_id_seq', 1)",
    /^calls setval, which moves a sequence, and its session only reads\. /,
  ],
  ["select pg_catalog.pg_terminate_backend(pid) from pg_stat_activity", /^calls pg_terminate_backend, which/],
  [
    "select count(*) from patches where dblink_exec('host=x', 'delete from patches') = ''",
    /^calls dblink_exec/,
  ],
  [
    "select count(*) from patches, lateral (select set_config('row_security', 'off', true)) s",
    /^calls set_config/,
  ],
  ["with a as (select pg_advisory_lock(1)) select count(*) from patches, a", /^calls pg_advisory_lock/],
  ["select 1; select 2", /^holds 2 statements\. Write one SELECT$/],
  ["-- nothing", /^holds no statement/],
  ["select count(* form patches", /^is no SQL: syntax error/],
  ["select 1, 2 from patches", /^yields 2 columns, and one value is read/],
  ["select from patches", /^yields 0 columns/],
  ["values ((select count(*) from patches), 2)", /^yields 2 columns/],
  [
    "select count(*) from orders",
    /^reads orders, which is not in database\.reads: the gate role may not\. Add it/,
  ],
  ["select count(*) from patchs", /^reads patchs, .*Did you mean patches\? Add it/],
  ["select count(*) from public.orders", /^reads orders/],
  ["select count(*) from patches p join orders o on o.id = p.id", /^reads orders/],
  ["select (select count(*) from orders) + count(*) from patches", /^reads orders/],
  ["select count(*) from patches where exists (select from orders)", /^reads orders/],
  ['select count(*) from PATCHES, "Patches"', /^reads Patches/],
  ["with orders as (select * from orders) select count(*) from orders", /^reads orders/],
  ["with a as (select 1) select count(*) from patches where 1 in (select 1 from b)", /^reads b,/],
  ["(with a as (select 1) select count(*) from a) union all (select count(*) from a)", /^reads a,/],
  ["select count(*) from patches where a = $1", /^names \$1, and has 0 values/],
])("refuses %s", (query, what) => {
  expect(of(query)).toEqual([expect.stringMatching(what)]);
});

test("refuses a value that no parameter takes", () => {
  expect(of("select count(*) from patches", ["x"])).toEqual([
    expect.stringMatching(/^names no \$1, and has 1 value\./),
  ]);
  expect(of("select count(*) from patches where a = $1", ["x", "y"])).toEqual([
    expect.stringMatching(/^names \$1, and has 2 values\./),
  ]);
});

test.each<[string, unknown[]?]>([
  ["select count(*) from patches;"],
  ["select count(*) from only patches"],
  ["select count(*) from PATCHES"],
  ['select count(*) from "Odd Name"'],
  ["select count(*) from public.patches"],
  ["select count(*) from patches tablesample system (1)"],
  ["table patches"],
  ["select * from patches"],
  ["select p.* from patches p"],
  ["select count(*) from jobs"],
  ["select count(*) from pg_stat_activity"],
  ["select count(*) from pg_catalog.pg_class"],
  ["select count(*) from information_schema.tables"],
  ["select count(*) from audit.events"],
  ["select stuck from cutover.q2_stuck_imports($1, $2, $3)", ["{from}", "{to}", "{2h}"]],
  ["select count(*) from generate_series(1, 3) n, lateral (select n) m"],
  ["select count(*) from unnest(array[1]) as orders"],
  ["with orders as (select * from patches) select count(*) from orders"],
  ["with a as (select 1 as n), b as (select n from a) select count(*) from b"],
  ["with recursive r(n) as (select 1 union all select n + 1 from r where n < 3) select count(*) from r"],
  ["with a as (select 1) select count(*) from patches where 1 in (select 1 from a)"],
  ["with a as (select 1) select count(*) from a union all select count(*) from a"],
  ["select case when exists (select from patches) then 1 else 0 end"],
  ["select case when to_regclass('orders') is null then 1 end"],
  ["select '$1; delete from orders' from patches -- from orders"],
  ["select extract(epoch from max(seen_at)) from patches"],
])("takes %s", (query, values) => expect(of(query, values)).toEqual([]));

describe("a query that looks at nothing", () => {
  const what = "looks at nothing: it yields the same whatever the database holds";
  const probe = (query: string) => ({ title, probe: { query }, threshold: { gt: 0 }, action: "page" });

  test.each([
    "select 0",
    "select 1 as n",
    "select 2 - 1",
    "select 'none'::text",
    "values (0)",
    "select exists (select 1)",
    "select coalesce(null, 0) -- from patches",
  ])("decides nothing: %s", (query) => {
    const count = "select count(*) from patches";
    const samples = { minSamples: 1, samplesFrom: { query } };
    const found = said({
      entry: { A1: sql(query, { expect: { ne: "x" } }), A2: sql(count, samples) },
      abort: { X1: probe(query) },
    });
    for (const where of ["entry A1 query", "entry A2 samplesFrom query", "abort X1 probe query"])
      expect(found).toContainEqual(expect.stringContaining(`${where}: ${what}. Count what is wrong`));
  });

  test.each(["select 7", "values (7)"])("may be what a gate proves with: %s", (query) => {
    expect(said({ entry: { A1: sql("select count(*) from patches", { prove: { query } }) } })).toEqual([]);
  });

  test.each([
    "select current_date - '2026-01-01'",
    "select pg_is_in_recovery()::int",
    "select (select count(*) from patches)",
  ])("is not %s", (query) => {
    expect(said({ entry: { A1: sql(query) }, abort: { X1: probe(query) } })).toEqual([]);
  });
});

describe("a query that yields true or false", () => {
  const queries = [
    "select count(*) > 0 from patches",
    "select exists (select from patches)",
    "select not true from patches",
    "select max(id) is null from patches",
    "select 1 in (select 2) from patches",
    "select bool_and(done) from patches",
    "select true from patches",
    "select 1::boolean from patches",
    "select max(id) between 1 and 2 from patches",
  ];
  const numbers = (expected: object, query: string) =>
    said({ entry: { A1: sql(query, { expect: expected }) } });

  test.each(queries)("is held against no number: %s", (query) => {
    for (const wrong of [{ gt: 0 }, { eq: 1 }, { ne: "false" }, { eq: 1, quantity: "count" }])
      expect(numbers(wrong, query)).toEqual([
        "stageA cutover:stage entry A1 query: can never hold: what it selects is true or false. Write { eq: true }, or { eq: false }",
      ]);
    for (const right of [{ eq: true }, { ne: true }]) expect(numbers(right, query)).toEqual([]);
  });

  const row = (query: string, threshold: object) =>
    said({ abort: { X1: { title, probe: { query }, threshold, action: "page" } } });

  test.each(queries)("is 1 or 0 to an abort row: %s", (query) => {
    const all = [
      ...[{ gt: 1 }, { gte: 2 }, { lt: 0 }].map((threshold) => ["never", threshold] as const),
      ...[{ gte: 0 }, { lte: 1 }].map((threshold) => ["always", threshold] as const),
    ];
    for (const [how, threshold] of all)
      expect(row(query, threshold)).toEqual([
        `stageA cutover:stage abort X1 probe query: yields true or false, which count as 1 and 0, and the row's threshold is ${how} met. Write { gt: 0 } where true is wrong, or { lt: 1 } where false is`,
      ]);
    for (const threshold of [{ gt: 0 }, { gte: 1 }, { lt: 1 }]) expect(row(query, threshold)).toEqual([]);
  });

  test("and a count is more", () => {
    expect(row("select count(*) from patches", { gt: 1 })).toEqual([]);
  });

  test.each([
    "select count(*) from patches where true",
    "select case when count(*) > 0 then 1 else 0 end from patches",
    "select (count(*) > 0)::int from patches",
    "select coalesce(max(id), 0) from patches",
    "select 1 from patches union select 2",
    "select '{t}'::boolean[] from patches",
  ])("is not %s", (query) => expect(numbers({ gt: 0 }, query)).toEqual([]));
});

describe("every query of a rollout is read:", () => {
  const bad = "delete from patches";
  const where = (given: string[]) => given.map((one) => one.split(":  ")[0]?.split(": is no")[0]);
  const probe = { title, probe: { query: bad }, threshold: { gt: 0 }, action: "page" };
  const samples = { minSamples: 1, samplesFrom: { query: bad } };
  const requests = { source: "requests", title, steps: [{ path: "/" }], known: { n: { query: bad } } };

  test("gates of each section, what they prove and count, what answers are held against, and probes", () => {
    const found = said({
      entry: { A1: sql(bad) },
      smoke: { S1: requests },
      exit: {
        E1: sql("select count(*) from patches", { ...samples, prove: { query: bad } }),
        E2: { source: "shared" },
      },
      abort: { X1: probe },
    });
    expect(where(found)).toEqual([
      "stageA cutover:stage entry A1 query",
      "stageA cutover:stage exit E1 samplesFrom query",
      "stageA cutover:stage exit E1 prove query",
      "stageA cutover:stage smoke S1 known n query",
      "stageA cutover:stage abort X1 probe query",
    ]);
  });

  test("what the rollout itself holds, once", () => {
    const found = said(
      { entry: { G1: { source: "shared" } }, exit: { G1: { source: "shared" } } },
      { gates: { G1: sql(bad) }, afterAbort: { inFlight: { query: bad } } },
    );
    expect(where(found)).toEqual([
      "baseline cutover:rollout gates G1 query",
      "baseline cutover:rollout afterAbort inFlight query",
    ]);
  });
});

describe("the sources of a reconciliation", () => {
  const compared = (first: string, second = "select id, status from patches where true") =>
    said({
      reconcile: {
        items: {
          title,
          key: "id",
          lag: "1s",
          first: { name: "a", query: first },
          second: { name: "b", query: second },
        },
      },
    }).map((one) => one.replace("stageA cutover:stage reconcile items ", ""));

  test.each<[string, RegExp | undefined]>([
    ["select id, status from patches", undefined],
    ["select * from patches", undefined],
    ["select p.id from patches p union all select q.id from patches q", undefined],
    [
      "select max(id) from patches",
      /^first query: yields no column id\. Select it once, by this name: … as id$/,
    ],
    ["select id, other as id from patches", /^first query: yields the column id 2 times/],
    ["select id from patches where status = $1", /names \$1, and has 0 values/],
    ["select id from elsewhere", /reads elsewhere, which is not in database\.reads/],
    ["delete from patches returning id", /is no SELECT, but a DELETE/],
  ])("%s", (query, message) => {
    const told = compared(query);
    if (message) expect(told.join("\n")).toMatch(message);
    else expect(told).toEqual([]);
  });
});
