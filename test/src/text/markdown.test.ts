import { expect, test } from "vitest";
import { block, quoted as code, text as comment, table, words as text } from "../../../src/text/markdown";

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
  // What only a comment needs, and would be noise in a file that people read as it stands.
  ["@ada in #1 and GH-2, $x$", "@\u200bada in #\u200b1 and GH-\u200b2, \\$x\\$"],
  ["https://a.example", "https:\u200b//a.example"],
  ["OPS_VIEW", "OPS\\_VIEW"],
  ["<!-- a -->", "&lt;!-- a --&gt;"],
  ["> 0", "&gt; 0"],
  // What every Markdown needs.
  ["- no list", "\\- no list"],
  ["2. no list", "2\\. no list"],
  ["&#124; | &lt;", "&amp;#\u200b124; &#124; &amp;lt;"],
  ["\\<b", "\\\\&lt;b"],
])("the words %j are shown as they are in a comment, and GitHub does nothing with them", (raw, expected) => {
  expect(comment(raw)).toBe(expected);
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
