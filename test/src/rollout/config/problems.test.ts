import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { problemsOf } from "../../../../src/rollout/config/problems";

const schema = z.strictObject({
  name: z.string().min(3).max(5).meta({ description: "What it is called." }),
  count: z
    .int()
    .min(0)
    .max(9)
    .default(1)
    .meta({ examples: [4] }),
  list: z
    .array(z.strictObject({ id: z.string() }))
    .max(2)
    .optional(),
  mode: z.enum(["on", "off"]).optional(),
  one: z.union([z.boolean(), z.number()]).optional(),
  source: z
    .discriminatedUnion("source", [
      z.strictObject({ source: z.literal("sql"), query: z.string() }),
      z.strictObject({ source: z.enum(["http", "https"]), path: z.string().meta({ examples: ["/health"] }) }),
    ])
    .optional(),
  inner: z
    .strictObject({ deep: z.strictObject({ key: z.boolean() }).prefault({ key: true }) })
    .transform((value) => ({ ...value, more: 1 }))
    .optional(),
});

function problems(input: unknown): string[] {
  const result = schema.safeParse(input);
  if (result.success) return [];
  return problemsOf(result.error, input, schema, (path) => path.join(".")).map(
    ({ where, what, remedy }) => `${where}|${what}|${remedy}`,
  );
}

test.each<[string, Record<string, unknown>, string[]]>([
  ["nothing, for what is sound", {}, []],
  ["what is missing, with its description", { name: undefined }, ["name|is missing|What it is called."]],
  [
    "text that is too short",
    { name: "ab" },
    ['name|must be at least 3 characters, got "ab"|What it is called.'],
  ],
  [
    "text that is too long",
    { name: "abcdef" },
    ['name|must be at most 5 characters, got "abcdef"|What it is called.'],
  ],
  [
    "a number out of range, with the schema's example",
    { count: 10 },
    ["count|must be at most 9, got 10|Write it like count: 4"],
  ],
  [
    "a list that is too long",
    { list: [{ id: "a" }, { id: "b" }, { id: "c" }] },
    ["list|must be at most 2 items, got a list|Correct it"],
  ],
  [
    "a wrong item of a list",
    { list: [{ id: "a" }, { id: 5 }] },
    ["list.1.id|must be text, got 5|Write text"],
  ],
  [
    "an unknown key in an item",
    { list: [{ id: "a", idd: "b" }] },
    ["list.0.idd|is not known here|Did you mean id?"],
  ],
  ["a wrong choice", { mode: "of" }, ['mode|must be one of on, off, got "of"|Choose one of them']],
  [
    "none of several types",
    { one: "x" },
    ['one|must be true or false or a number, got "x"|Write one of these'],
  ],
  [
    "nothing where something must be",
    { one: null },
    ["one|must be true or false or a number, got nothing|Write one of these"],
  ],
  ["a missing discriminator", { source: {} }, ["source.source|is missing|Choose one of: sql, http, https"]],
  [
    "a key of the other variant",
    { source: { source: "sql", query: "q", path: "/" } },
    ["source.path|is not known here|Remove it; known here: source, query"],
  ],
  [
    "a misspelt key of the right variant",
    { source: { source: "https", pth: "/" } },
    ["source.path|is missing|Write it like path: /health", "source.pth|is not known here|Did you mean path?"],
  ],
  [
    "what lies behind defaults and transforms",
    { inner: { deep: { ky: true, key: 1 } } },
    [
      "inner.deep.key|must be true or false, got 1|Write true or false",
      "inner.deep.ky|is not known here|Did you mean key?",
    ],
  ],
])("tells %s", (_, change, expected) => {
  expect(problems({ name: "abcd", ...change })).toEqual(expected);
});

describe("a value", () => {
  it("is shown short", () => {
    const [only] = problems({ name: "x".repeat(500) });
    expect(only?.length).toBeLessThan(150);
    expect(only).toContain("…");
  });

  it("is not shown where it is a map or a list, whose parts may be secret", () => {
    for (const name of [{ password: "hunter2" }, ["hunter2"], [{ a: { b: "hunter2" } }]])
      expect(problems({ name }).join()).toMatch(/^name\|must be text, got a (map|list)\|/);
  });

  it("is shown without the login of a URL", () => {
    expect(problems({ name: "abcd", one: "see https://me:hun/ter2@x.example and //u@y" })[0]).toContain(
      'got "see https://…@x.example and //…@y"',
    );
  });
});
