import { expect, test } from "vitest";
import { differencesIn } from "../../../src/backups/contents";
import { ownerLogin } from "../../../src/backups/login";

const whole = {
  tables: { "public.a": { rows: "3", hash: "7" }, "public.b": { rows: "0", hash: "0" } },
  answers: { total: "12" },
};

test.each<[string, object, object, string[]]>([
  ["all of it", {}, {}, []],
  ["a table less", { tables: { "public.a": whole.tables["public.a"] } }, {}, ["public.b is missing"]],
  [
    "a table more",
    { tables: { ...whole.tables, "public.c": { rows: "1", hash: "1" } } },
    {},
    ["public.c was not in what was dumped"],
  ],
  [
    "fewer rows",
    { tables: { ...whole.tables, "public.a": { rows: "2", hash: "7" } } },
    {},
    ["public.a has 2 rows instead of 3"],
  ],
  [
    "other rows",
    { tables: { ...whole.tables, "public.a": { rows: "3", hash: "8" } } },
    {},
    ["public.a has as many rows, and others in them"],
  ],
  ["another answer", { answers: { total: "11" } }, {}, ["total answers 11 instead of 12"]],
  ["a question less", { answers: {} }, {}, ["total is asked no more"]],
  ["a question more", {}, { answers: {} }, ["total was not asked when it was dumped"]],
])("of %s", (_, back, dumped, said) => {
  expect(differencesIn({ ...whole, ...dumped }, { ...whole, ...back })).toEqual(said);
});

test("the owner's login is read from its address, whatever is encoded in it", () => {
  expect(
    ownerLogin({ DATABASE_OWNER_URL: "postgresql://o%40b:p%2Fw@[::1]:6000/my%20db?sslmode=require" }),
  ).toEqual({ host: "::1", port: 6000, database: "my db", user: "o@b", password: "p/w" });
  expect(ownerLogin({ DATABASE_OWNER_URL: "postgres://o:p@db/x" }).port).toBe(5432);
});

test.each([
  undefined,
  "",
  "db.example.com",
  "mysql://a:secret@b/c",
  "postgres://a:secret@b",
  "postgres://b/c",
])("%s is no such address, and nothing of it is told", (url) => {
  const login = () => ownerLogin(url === undefined ? {} : { DATABASE_OWNER_URL: url });
  expect(login).toThrow(/DATABASE_OWNER_URL: must be the database's address/);
  expect(login).not.toThrow(/secret/);
});
