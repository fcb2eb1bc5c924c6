import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blocksIn, blocksOf, commandsOf, PAGES, placeholderIn } from "./page";

const FENCE = "```";
const page = (...lines: string[]) => lines.join("\n");

describe("the blocks of a page", () => {
  test("have a language, a line, and no indentation of the list that they stand in", () => {
    const text = page(
      "# A page",
      "",
      "1. Type:",
      "",
      `   ${FENCE}sh`,
      "   one",
      "     two",
      `   ${FENCE}`,
      FENCE,
      "x",
      FENCE,
    );
    expect(blocksIn(text, "a.md")).toEqual([{ page: "a.md", line: 5, language: "sh", text: "one\n  two" }]);
  });

  test("say what they end with in the line above, and nowhere else", () => {
    const of = (...above: string[]) => blocksIn(page(...above, `${FENCE}sh`, "one", FENCE), "a.md")[0]?.exits;
    expect(of("<!-- exit: 3 -->")).toEqual([3]);
    expect(of("  <!-- exit: 0 255 -->")).toEqual([0, 255]);
    expect(of("<!-- exit: 3 -->", "")).toBeUndefined();
    expect(of("<!-- exit: three -->")).toBeUndefined();
  });

  test("are told where one is never closed", () => {
    expect(() => blocksIn(page("", `${FENCE}sh`, "one"), "a.md")).toThrow(
      "a.md:2: the block is never closed",
    );
  });
});

describe("the commands of a block", () => {
  const of = (text: string, exits?: number[]) =>
    commandsOf({ page: "a.md", line: 10, language: "sh", text, ...(exits ? { exits } : {}) });

  test.each<[string, string[]]>([
    ["one   # a comment", ["one"]],
    ["# nothing\n\none", ["one"]],
    ['abort --reason "row #3" # why', ['abort --reason "row #3"']],
    ["sh -c 'echo # x' # y", ["sh -c 'echo # x'"]],
    ["echo a#b", ["echo a#b"]],
    ["one \\\n  --two \\\n  three\nfour", ["one --two three", "four"]],
  ])("%j", (text, expected) => {
    expect(of(text).map((command) => command.text)).toEqual(expected);
  });

  test("know their lines, also behind a comment", () => {
    expect(of("# first\none \\\n two\nthree").map(({ line }) => line)).toEqual([12, 14]);
  });

  test("end with 0, with the one code that is stated, or each with its own", () => {
    const exits = (stated?: number[]) => of("one\ntwo", stated).map(({ exit }) => exit);
    expect(exits()).toEqual([0, 0]);
    expect(exits([3])).toEqual([3, 3]);
    expect(exits([0, 3])).toEqual([0, 3]);
    expect(() => exits([0, 0, 3])).toThrow("a.md:10: states 3 exit codes for 2 commands");
  });

  test("are none the fewer for comments and empty lines between them", () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    const noise = fc.constantFrom("", "  ", "# a comment", "   # another");
    fc.assert(
      fc.property(fc.array(fc.tuple(word, noise, noise), { maxLength: 12 }), (typed) => {
        const text = typed.flatMap(([command, before, after]) => [before, `${command} ${after}`]).join("\n");
        expect(of(text).map((command) => command.text)).toEqual(typed.map(([command]) => command));
      }),
    );
  });
});

describe("what stands for something else", () => {
  test.each([
    ["npm run -s cutover -- status --rollout ROLLOUT", "ROLLOUT"],
    ["cutover init <name>", "<name>"],
    ['cutover abort --reason "…"', "…"],
    ["pulumi up -s STAGE", "STAGE"],
  ])("is seen in %s", (command, expected) => {
    expect(placeholderIn(command)).toBe(expected);
  });

  test.each([
    'echo "$NAME" ${STAGE}',
    "cutover init --flag SEARCH_READ:percentage",
    "pulumi up < answers",
    "export AWS_REGION=x PULUMI_STACK_NAME=y",
  ])("is not seen in %s", (command) => {
    expect(placeholderIn(command)).toBeUndefined();
  });

  test.each(
    PAGES.flatMap(blocksOf)
      .filter(({ language }) => language === "sh")
      .flatMap(commandsOf),
  )("stands in no command: $page:$line", ({ text }) => {
    expect(placeholderIn(text)).toBeUndefined();
  });
});
