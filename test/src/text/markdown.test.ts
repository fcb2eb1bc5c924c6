import { expect, test } from "vitest";
import { block, quoted as code, table, words as text } from "../../../src/text/markdown";

test.each([
  ["OPS_VIEW_DB_READ stays", "OPS_VIEW_DB_READ stays"],
  ["_emphasis_", "\\_emphasis\\_"],
  ["a * b", "a \\* b"],
  ["# no heading", "\\# no heading"],
  ["2. no list", "2\\. no list"],
  ["a | b", "a &#124; b"],
  ["<script>", "\\<script>"],
  ["two\nlines\u202E", "two lines"],
  ["back\\slash", "back\\\\slash"],
])("the words %j are shown as they are", (raw, expected) => {
  expect(text(raw)).toBe(expected);
});

test.each([
  ["a", "`a`"],
  ["a`b", "``a`b``"],
  ["`a", "`` `a ``"],
  ["", ""],
])("%j in the font of code", (raw, expected) => {
  expect(code(raw)).toBe(expected);
});

test("a block's fence is longer than any in it", () => {
  expect(block("sql", "a\n````\nb\n")).toEqual(["`````sql", "a", "````", "b", "`````"]);
});

test("a table escapes what would end a cell, and leaves out what is empty in every row", () => {
  expect(
    table(
      ["A", "B", "C"],
      [
        ["1", "", "`x|y`"],
        ["2", "", "3"],
      ],
    ),
  ).toEqual(["| A | C |", "| --- | --- |", "| 1 | `x\\|y` |", "| 2 | 3 |"]);
});
