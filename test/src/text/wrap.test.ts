import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import pc from "picocolors";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { wrapped } from "../../../src/text/wrap";

const { bold, red } = pc.createColors(true);

test.each([
  [
    "Two problems:\n  - one: is wrong. Mend it\n  2. a b c",
    40,
    "Two problems:\n  - one: is wrong. Mend it\n  2. a b c",
  ],
  [
    "  - Pulumi.stageA.yaml:3 name: must be another one",
    40,
    "  - Pulumi.stageA.yaml:3 name: must be\n    another one",
  ],
  ["  3  blocked: it works, and a gate says no", 30, "  3  blocked: it works, and a\n     gate says no"],
  ["", 40, ""],
  ["one\n\ntwo", 40, "one\n\ntwo"],
])(
  "lines that fit stay as they are, and what is wider hangs under its beginning: %j",
  (text, width, expected) => {
    expect(wrapped(text, width)).toBe(expected);
  },
);

test("a command is never broken in two", () => {
  const command = "npm run cutover -- abort --rollout search -s stageA";
  expect(wrapped(`  - stageA: is live. Run ${command}. Then look`, 40).split("\n")).toContain(
    `    ${command}`,
  );
});

test("a word that is wider than the terminal has a line to itself, whole: it is there to be copied", () => {
  const arn = "arn:aws:sns:eu-central-1:000000000000:a-rollout-with-a-long-name-on-call";
  expect(wrapped(`  - topic: ${arn} is not confirmed`, 40)).toBe(
    `  - topic:\n    ${arn}\n    is not confirmed`,
  );
});

describe("colours", () => {
  test("take no columns", () => {
    const line = `  - ${bold("stageA")}: ${red("is not promoted")} yet`;
    expect(wrapped(line, 36)).toBe(line);
  });

  test("end with each line, and go on in the next one", () => {
    const [first = "", second = ""] = wrapped(`  - ${red("this is told in red, to its very end")}`, 24).split(
      "\n",
    );
    expect([first, second].map((line) => stripVTControlCharacters(line))).toEqual([
      "  - this is told in red,",
      "    to its very end",
    ]);
    expect([first, second]).toEqual([`  - ${red("this is told in red,")}`, `    ${red("to its very end")}`]);
  });
});

test("letters of two columns take two", () => {
  expect(wrapped("  - 東京 大阪 名古屋", 16)).toBe("  - 東京 大阪\n    名古屋");
});

describe("whatever is told,", () => {
  const plain = fc.stringMatching(/^[a-z]{1,12}$/);
  const odd = fc.oneof(
    plain,
    plain.map(red),
    plain.map(bold),
    fc.stringMatching(/^[a-z/:.]{60,90}$/),
    fc.constantFrom("東京", "名古屋", "ä", "👍"),
  );
  const lines = fc.array(fc.array(odd, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 4 });
  const textOf = (given: string[][]) => given.map((words) => `  - ${words.join(" ")}`).join("\n");
  const width = fc.integer({ min: 40, max: 120 });
  const wordsOf = (text: string) =>
    stripVTControlCharacters(text)
      .split(/\s+/)
      .filter((one) => one !== "" && one !== "-");

  test("no word is lost, moved or broken", () => {
    fc.assert(
      fc.property(lines, width, (given, columns) => {
        expect(wordsOf(wrapped(textOf(given), columns))).toEqual(wordsOf(textOf(given)));
      }),
    );
  });

  test("no line is wider than asked for, but for one word by itself", () => {
    fc.assert(
      fc.property(lines, width, (given, columns) => {
        for (const line of wrapped(textOf(given), columns).split("\n"))
          if (wordsOf(line).length > 1) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      }),
    );
  });

  test("what is wrapped fits: wrapped once more it stays as it is", () => {
    fc.assert(
      fc.property(lines, width, (given, columns) => {
        const once = wrapped(textOf(given), columns);
        expect(stripVTControlCharacters(wrapped(once, columns))).toBe(stripVTControlCharacters(once));
      }),
    );
  });
});
