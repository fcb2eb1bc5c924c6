import { expect, it, test } from "vitest";
import { parseOptions, splitWords } from "../../../sandbox/engine/language-host/options";
import { programConfig } from "../../../sandbox/engine/language-host/program";

test.each<[string, Record<string, unknown>, unknown]>([
  ["nothing: the SDK compiles TypeScript", {}, { typescript: true, nodeargs: [] }],
  ["typescript off", { typescript: false }, { typescript: false, nodeargs: [] }],
  ["a loader", { nodeargs: "--import tsx" }, { typescript: true, nodeargs: ["--import", "tsx"] }],
  ["a tsconfig", { tsconfig: "a.json" }, { typescript: true, nodeargs: [], tsconfig: "a.json" }],
  [
    "what concerns installing only",
    { packagemanager: "npm", production: true },
    { typescript: true, nodeargs: [] },
  ],
])("options: %s", (_name, options, expected) => {
  expect(parseOptions(options)).toEqual(expected);
});

test.each<[Record<string, unknown>, RegExp]>([
  [{ typescript: "no" }, /"typescript" must be a boolean/],
  [{ nodeargs: ["--import"] }, /"nodeargs" must be a string/],
  [{ tsconfig: 1 }, /"tsconfig" must be a string/],
  [{ nodeArgs: "" }, /unknown runtime option "nodeArgs"/],
])("refused options: %o", (options, message) => {
  expect(() => parseOptions(options)).toThrow(message);
});

test.each<[string, string[]]>([
  ["", []],
  ["  --a   b ", ["--a", "b"]],
  ["--title 'two words' \"and 'more'\"", ["--title", "two words", "and 'more'"]],
  ["--empty ''", ["--empty", ""]],
  ["one\\ word", ["one word"]],
])("words of %j", (text, words) => {
  expect(splitWords(text)).toEqual(words);
});

it("refuses an unclosed quote", () => {
  expect(() => splitWords("--a 'b")).toThrow(/unclosed '/);
});

it("gives a program its config under the keys that the SDK reads", () => {
  expect(
    programConfig([
      ["cutover:stage", "{}"],
      ["aws:config:region", "x"],
    ]),
  ).toEqual({
    "cutover:config:stage": "{}",
    "aws:config:region": "x",
  });
});
