import { describe, expect, test } from "vitest";
import { jsonPattern } from "../../../../src/aws/logPatterns/jsonPattern";

const LINE = {
  version: "v1",
  size: 12,
  ok: true,
  gone: null,
  "a.b": "dotted",
  users: [{ name: "ada" }, { name: "bob" }],
};

describe("a pattern in braces matches", () => {
  test.each<[string, boolean]>([
    ['{ $.version = "v1" }', true],
    ['{$.version="v1"}', true],
    ["{ $.version = v1 }", true],
    ['{ $.version = "v2" }', false],
    ['{ $.version = "V1" }', false],
    ['{ $.version = "v" }', false],
    ['{ $.version = "v*" }', true],
    ['{ $.version = "*1" }', true],
    ['{ $.version = "v.*" }', false],
    ["{ $.version = %^v[0-9]$% }", true],
    ['{ $.version != "v2" }', true],
    ['{ $.version != "v1" }', false],
    // What is not there differs from nothing: only NOT EXISTS asks for it.
    ['{ $.nothing != "v2" }', false],
    ["{ $.nothing NOT EXISTS }", true],
    ["{ $.version NOT EXISTS }", false],
    ['{ $.size = "*" }', true],
    ['{ $.nothing = "*" }', false],
    ["{ $.gone IS NULL }", true],
    ["{ $.ok IS TRUE }", true],
    ["{ $.ok IS FALSE }", false],
    ["{ $.size = 12 }", true],
    ["{ $.size != 12 }", false],
    ["{ $.size > 11.5 }", true],
    ["{ $.size >= 12 && $.size <= 12 }", true],
    ["{ $.size < 12 }", false],
    // A number in quotes is a text.
    ['{ $.size = "12" }', false],
    ['{ $.users[1].name = "bob" }', true],
    ['{ $.users[0].name = "bob" }', false],
    ['{ $.users[*].name = "bob" }', true],
    ["{ $.['a.b'] = dotted }", true],
    ['{ $.version = "v2" || $.size = 12 && $.ok IS TRUE }', true],
    ['{ ($.version = "v1" || $.size = 12) && $.ok IS FALSE }', false],
  ])("%s: %s", (pattern, expected) => {
    expect(jsonPattern(pattern)?.(JSON.stringify(LINE))).toBe(expected);
  });

  test.each(["v1", "", '{"version":', '"v1"'])("no line such as %j, which is no such JSON", (line) => {
    expect(jsonPattern('{ $.version = "v1" }')?.(line)).toBe(false);
  });
});
