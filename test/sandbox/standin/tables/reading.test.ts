import { beforeAll, describe, expect, it } from "vitest";
import { fixedOf, intervalMs } from "../../../../sandbox/standin/tables/fixed";
import { learnTypes } from "../../../../sandbox/standin/tables/learnTypes";
import type { Question } from "../../../../sandbox/standin/tables/question";
import {
  openSelectParser,
  type Parse,
  readQuestions,
} from "../../../../sandbox/standin/tables/readQuestions";
import { keyOf, tableOf } from "../../../../sandbox/standin/tables/sql";
import { Types } from "../../../../sandbox/standin/tables/types";

let parse: Parse;
beforeAll(async () => {
  parse = await openSelectParser();
});

const question = (query: string, values: Question["values"] = []): Question => ({
  id: query,
  where: "",
  section: "exit",
  row: "A1",
  query,
  values,
  wanted: { kind: "expected", expect: { eq: 0 } },
  sinceFlip: true,
});

const nothing = {
  tables: new Map(),
  keyOf: (schema: string | undefined, name: string) => keyOf({ schema: schema ?? "public", name }),
};

/** The columns that queries need, by table, with their types. */
function needed(...queries: Question[]): Record<string, Record<string, string>> {
  const { read, columns } = readQuestions(queries, nothing, parse, () => undefined, new Map());
  const types = new Types(new Map());
  for (const { selects } of read) for (const select of selects) learnTypes(types, select, undefined);
  return Object.fromEntries(
    [...columns].map(([table, names]) => {
      const { schema, name } = tableOf(table);
      const typed = [...names].map((column) => [column, types.typeOf(JSON.stringify([table, column]))]);
      return [schema === "public" ? name : `${schema}.${name}`, Object.fromEntries(typed)];
    }),
  );
}

describe("the columns that queries need", () => {
  it.each<[string, Question[], Record<string, Record<string, string>>]>([
    ["a count", [question("select count(*) from t")], { t: {} }],
    [
      "columns of sub-selects side by side, which do not see each other",
      [question("select count(*) from (select id, a from t) x join (select id, a from u) y on x.id = y.id")],
      { t: { id: "text", a: "text" }, u: { id: "text", a: "text" } },
    ],
    [
      "comparisons",
      [
        question(
          "select count(*) from t where a = 1 and b = 'x' and c > now() - interval '1 day' and d < 0.5 and e",
        ),
      ],
      { t: { a: "bigint", b: "text", c: "timestamptz", d: "numeric", e: "boolean" } },
    ],
    [
      "a name that another query says whose it is",
      [
        question("select count(*) from a join b on a.id = b.id where kind = 'x'"),
        question("select count(*) from b where b.kind = 'y'"),
      ],
      { a: { id: "text" }, b: { id: "text", kind: "text" } },
    ],
    [
      "what a sub-select passes on",
      [
        question(
          "select count(*) from (select *, 1 as one from s.t) x where x.at < current_date and x.one = 1",
        ),
      ],
      { "s.t": { at: "date" } },
    ],
    [
      "a correlated sub-select",
      [question("select count(*) from a where not exists (select from b where (b.x, b.y) = (a.x, 3))")],
      { a: { x: "text" }, b: { x: "text", y: "bigint" } },
    ],
    [
      "a CTE, which is no table",
      [
        question(
          "with recent as (select n from t where at > now()) select max(n) from recent r where r.n > 2",
        ),
      ],
      { t: { n: "bigint", at: "timestamptz" } },
    ],
    [
      "an alias that ORDER BY means",
      [question("select count(*) as many from t group by kind order by many desc limit 1")],
      { t: { kind: "text" } },
    ],
    [
      "values",
      [
        question("select count(*) from t where a = $1 and b >= $2 and c < now() - $3::interval", [
          5,
          "{from}",
          "{2h}",
        ]),
      ],
      { t: { a: "bigint", b: "timestamptz", c: "timestamptz" } },
    ],
    [
      "JSON and arrays",
      [
        question(
          "select count(*) from t where doc ->> 'state' = 'x' and 'a' = any (tags) and 3 = any (sizes)",
        ),
      ],
      { t: { doc: "jsonb", tags: "text[]", sizes: "bigint[]" } },
    ],
    [
      "ages and lengths of time",
      [question("select extract(epoch from max(ended - began)) from t where now() - seen < interval '1 h'")],
      { t: { ended: "timestamptz", began: "timestamptz", seen: "timestamptz" } },
    ],
  ])("of %s", (_name, queries, columns) => {
    expect(needed(...queries)).toEqual(columns);
  });

  it("are none of a query that cannot be read", () => {
    expect(needed(question("selekt 1"))).toEqual({});
  });
});

describe("a length of time", () => {
  it.each([
    ["10 minutes", 600_000],
    ["1 day 2 hours", 93_600_000],
    ["48h", 172_800_000],
    ["01:30:00", 5_400_000],
    ["1 day 00:00:01.5", 86_401_500],
    ["0", 0],
    ["90", 90_000],
    ["-5 min", -300_000],
    ["1 fortnight", undefined],
    ["", undefined],
  ])("%j", (text, ms) => {
    expect(intervalMs(text)).toBe(ms);
  });
});

describe("an expression without columns", () => {
  const value = (sql: string, values: Question["values"] = []) => {
    const one = { ...question(`select ${sql}`, values), window: "soak" };
    const { read } = readQuestions([one], nothing, parse, () => undefined, new Map());
    const target = read[0]?.selects[0]?.targets[0];
    return target && fixedOf(target.expr, { question: one, timeScale: 3_600 });
  };
  const ago = (least: number, most = least) => ({ kind: "time", least, most });

  it.each<[string, object | undefined]>([
    ["1 + 2 * 3", { kind: "plain", value: 7 }],
    ["-5", { kind: "plain", value: -5 }],
    ["now() - interval '10 minutes'", ago(600_000)],
    ["now() + '1 hour'::interval", ago(-3_600_000)],
    ["current_timestamp - 2 * interval '1 day'", ago(172_800_000)],
    ["now() - make_interval(hours => 1, mins => 30)", ago(5_400_000)],
    ["date_trunc('hour', now())", ago(0, 3_600_000)],
    ["extract(epoch from interval '2 minutes')", { kind: "plain", value: 120 }],
    ["now() at time zone 'UTC'", ago(0)],
    ["lower('ABC')", { kind: "plain", value: "abc" }],
    ["random()", undefined],
  ])("%s", (sql, fixed) => {
    expect(value(sql)).toEqual(fixed);
  });

  it.each<[Question["values"][number], object]>([
    ["{from}", ago(5_000, 600_000)],
    ["{to}", ago(0)],
    ["{down}", ago(1_000, 60_000)],
    // Scaled, and never less than a few seconds.
    ["{10h}", { kind: "span", ms: 10_000 }],
    ["{1h}", { kind: "span", ms: 3_000 }],
    [7, { kind: "plain", value: 7 }],
  ])("$1 where it is %j", (given, fixed) => {
    expect(value("$1", [given])).toEqual(fixed);
  });
});
