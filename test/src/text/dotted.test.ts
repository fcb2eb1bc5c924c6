import { expect, test } from "vitest";
import { at, dotted, keysIn } from "../../../src/text/dotted";

test.each<[unknown, string, unknown]>([
  [{ a: { b: 1 } }, "a.b", 1],
  [{ a: [{ b: 1 }] }, "a.0.b", 1],
  [{ a: 1 }, "", { a: 1 }],
  [{ a: 1 }, "b", undefined],
  [{ a: "text" }, "a.length", undefined],
  [{ a: 1 }, "constructor", undefined],
  [{ a: null }, "a.b", undefined],
  [null, "a", undefined],
  [undefined, "a", undefined],
])("at(%j, %j) is %j", (document, path, expected) => {
  expect(at(document, path)).toEqual(expected);
});

test.each(["", "data", "data.flags", "data.feature-flags", "items.0.flag_1", "a/b.$schema", "größe"])(
  "%j is a path",
  (path) => {
    expect(dotted.safeParse(path).success).toBe(true);
    expect(keysIn(path).join(".")).toBe(path);
  },
);

test.each([
  ..."data[0] length(data) data.* data|[0] data[?a] @ a&b .data data. data..flags $.data $".split(" "),
  "data flags",
  '"data".flags',
  "`1`",
  "{a:b}",
  "!a",
  "a\n",
])("%j is none", (path) => {
  expect(dotted.safeParse(path).success).toBe(false);
});
